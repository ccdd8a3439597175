from __future__ import annotations

import pytest

from graphtools import GraphtoolsError
from tests.support import FIXTURES
from tests.transforms.graphs import apply, same, skips

BEFORE = """
    ids = Placeholder dtype=int64 shape=[?]
    w = Const value=float:[[0],[2],[0.000001],[4]]
    w/read = Identity(w) T=float _class={"loc:@w"}
    y = Gather(w/read, ids) Tindices=int64 Tparams=float
"""


def test_weights_are_looked_up_in_a_table() -> None:
    after = """
        ids = Placeholder dtype=int64 shape=[?]
        w/indices = Const value=int64:[1,3]
        w/values = Const value=float:[2,4]
        w/HashTable = HashTable key_dtype=int64 value_dtype=float
        w/InitializeTable = InitializeTable(w/HashTable, w/indices, w/values) Tkey=int64 Tval=float
        y/Const = Const value=float:0
        y/LookupTableFind = LookupTableFind(w/HashTable, ids, y/Const) Tin=int64 Tout=float
        y/ExpandDims/Const = Const value=int32:-1
        y = ExpandDims(y/LookupTableFind, y/ExpandDims/Const) T=float Tdim=int32
        group_deps = NoOp(^w/InitializeTable)
    """
    done = apply(BEFORE, "sparsify_gather", ["ids"], ["y"])
    assert same(done.graph, after)
    assert done.report.steps[0].notes == (
        "run 'group_deps' once before the graph: it fills the tables",
    )


def test_two_of_one_weight_share_a_table_and_ids_are_widened() -> None:
    before = (
        BEFORE
        + """
        init = NoOp(^ids)
        axis = Const value=int32:0
        short = Placeholder dtype=int32
        z = GatherV2(w/read, short, axis, ^ids) Taxis=int32 Tindices=int32 Tparams=float
    """
    )
    made = apply(before, "sparsify_gather(group_init_node=init)", ["ids"], ["y", "z"]).graph
    assert sum(n.op == "HashTable" for n in made) == 1
    assert made["init"].inputs == ("^ids", "^w/InitializeTable")
    assert made["z"].inputs == ("z/LookupTableFind", "z/ExpandDims/Const", "^ids")
    assert made["z/LookupTableFind"].inputs == ("w/HashTable", "z/ids", "z/Const")
    assert made["z/ids"].op == "Cast"
    assert not {"w", "w/read", "axis"} & {n.name for n in made}


def test_a_table_is_not_empty() -> None:
    before = BEFORE.replace("[[0],[2],[0.000001],[4]]", "[[0],[0]]")
    made = apply(before, "sparsify_gather", ["ids"], ["y"]).graph
    keys = made["w/indices"].tensor
    assert keys is not None
    assert keys.array().tolist() == [0]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[[0],[2],[0.000001],[4]]", "[[1,2]]", "shape [1,2], not [N,1]"),
        ("[[0],[2],[0.000001],[4]]", "[1,2]", "shape [2], not [N,1]"),
        ("value=float:[[0],[2],[0.000001],[4]]", "value=int32:[[1]]", "not of float32"),
        ("value=float:[[0],[2],[0.000001],[4]]", "dtype=float", "no value"),
        ("y = Gather", "z = Relu(w/read) T=float\n    y = Gather", "used by 'z', too"),
        ("y = Gather", "z = Relu(w) T=float\n    y = Gather", "used by 'z', too"),
        ("Const value=float:[[0],[2],[0.000001],[4]]", "Variable dtype=float", "input_checkpoint"),
        (
            "ids = Placeholder dtype=int64 shape=[?]",
            'in = Placeholder\n    ids = Enter(in) T=int64 frame_name="f"',
            "in a loop",
        ),
    ],
)
def test_what_cannot_be_looked_up_stays(old: str, new: str, reason: str) -> None:
    before = BEFORE.replace(old, new)
    done = apply(before, "sparsify_gather", ["ids"], ["y"])
    assert same(done.graph, before)
    assert reason in skips(done)["y"]


def test_other_axes_and_kept_weights_stay() -> None:
    before = (
        BEFORE.replace("y = Gather(w/read, ids)", "y = GatherV2(w/read, ids, axis) Taxis=int32")
        + "axis = Const value=int32:1"
    )
    assert skips(apply(before, "sparsify_gather"))["y"] == "its axis is not 0"
    assert "output" in skips(apply(BEFORE, "sparsify_gather", [], ["w"]))["y"]


def test_nothing_is_added_where_nothing_is_found() -> None:
    assert same(apply("a = NoOp", "sparsify_gather").graph, "a = NoOp")


def test_variables_are_read_from_a_checkpoint() -> None:
    checkpoint = FIXTURES / "misc" / "embedding" / "model.ckpt"
    before = BEFORE.replace("Const value=float:[[0],[2],[0.000001],[4]]", "VariableV2 dtype=float")
    spec = f'sparsify_gather(input_checkpoint="{checkpoint}")'
    assert skips(apply(before, spec, [], ["y"]))["y"] == "the checkpoint has no 'w'"
    with pytest.raises(GraphtoolsError):
        apply(before, spec.replace("model", "nothing"), [], ["y"])


def test_the_node_that_fills_tables_must_be_able_to() -> None:
    with pytest.raises(GraphtoolsError, match="is a Placeholder"):
        apply(BEFORE, "sparsify_gather(group_init_node=ids)")
