from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.errors import GraphtoolsError, InvalidGraph, InvalidValue, UnknownName
from graphtools.formats import load
from graphtools.formats.checkpoint import Checkpoint, TrackedVariable
from graphtools.formats.checkpoint_path import find_checkpoint
from graphtools.graph import Graph
from graphtools.graph.graph import Function
from graphtools.graph.shape import Shape
from graphtools.schema import message_class
from graphtools.schema.wire import encode_field
from graphtools.transforms.freeze import Frozen, freeze
from tests.formats.bundle_writer import write_bundle
from tests.support import CHECKPOINTS, FIXTURES, MANIFEST, same_values, values_of
from tests.transforms.graphs import function, graph, same, text_of
from tests.transforms.numerics import run

pytestmark = pytest.mark.usefixtures("command_line")

W = np.array([[1, 2], [3, 4]], np.float32)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    return stored(tmp_path, {"w": W, "b": np.array([5, 6], np.float32)})


def stored(folder: Path, values: Mapping[str, Any], kinds: Any = None) -> Checkpoint:
    return find_checkpoint(write_bundle(folder / "model.ckpt", values, kinds))


def frozen(source: str | Graph, checkpoint: Checkpoint | None, *outputs: str, **how: Any) -> Frozen:
    made = graph(source) if isinstance(source, str) else source
    return freeze(made, checkpoint, outputs, **how)


CONST_W = "w = Const value=float:[[1,2],[3,4]]"
REF = """
    x = Placeholder dtype=float shape=[?,2]
    w = VariableV2 dtype=float shape=[2,2] container="" shared_name="" _class={"loc:@w"}
    init = Assign(w, zero) T=float _class={"loc:@w"}
    zero = Const value=float:[[0,0],[0,0]]
    w/read = Identity(w) T=float _class={"loc:@w"}
    y = MatMul(x, w/read) T=float
    b = VariableV2 dtype=float shape=[2] device="/gpu:0"
    z = BiasAdd(y, b) T=float _class={"loc:@init"}
"""
RESOURCE = """
    x = Placeholder dtype=float shape=[?,2]
    w = VarHandleOp dtype=float shape=[2,2] container="" shared_name="w"
    init = AssignVariableOp(w, zero) dtype=float
    zero = Const value=float:[[0,0],[0,0]]
    there = VarIsInitializedOp(w)
    w/read = ReadVariableOp(w, ^x) dtype=float
    y = MatMul(x, w/read) T=float
"""


# Variables of both kinds


def test_reference_variables_become_constants(checkpoint: Checkpoint) -> None:
    done = frozen(REF, checkpoint, "z")
    after = f"""
        x = Placeholder dtype=float shape=[?,2]
        {CONST_W}
        w/read = Identity(w) T=float _class={{"loc:@w"}}
        y = MatMul(x, w/read) T=float
        b = Const value=float:[5,6] device="/gpu:0"
        z = BiasAdd(y, b) T=float
    """
    assert same(done.graph, after)
    report = done.report
    assert (report.nodes_before, report.nodes_after) == (8, 6)
    assert (report.variables, report.elements, report.bytes) == (2, 6, 24)
    assert (report.kept, report.notes) == ((), ())


def test_resource_variables_become_constants(checkpoint: Checkpoint) -> None:
    after = f"""
        x = Placeholder dtype=float shape=[?,2]
        {CONST_W}
        w/read = Identity(w, ^x) T=float
        y = MatMul(x, w/read) T=float
    """
    assert same(frozen(RESOURCE, checkpoint, "y").graph, after)


def test_a_graph_is_not_changed(checkpoint: Checkpoint) -> None:
    source = graph(REF)
    frozen(source, checkpoint, "z")
    assert same(source, REF)


def test_what_else_reads_resources(checkpoint: Checkpoint) -> None:
    before = """
        w = VarHandleOp dtype=float shape=[2,2]
        ids = Placeholder dtype=int32
        rows = ResourceGather(w, ids) dtype=float Tindices=int32 batch_dims=1 validate_indices=true
        cell = ResourceGatherNd(w, ids) dtype=float Tindices=int32
        shape = VariableShape(w) out_type=int32
        there = VarIsInitializedOp(w)
        all = Pack(rows, cell, shape, ^there) N=3
    """
    after = f"""
        {CONST_W}
        ids = Placeholder dtype=int32
        rows/axis = Const value=int32:1
        rows = GatherV2(w, ids, rows/axis) Taxis=int32 Tindices=int32 Tparams=float batch_dims=1
        cell = GatherNd(w, ids) Tindices=int32 Tparams=float
        shape = Shape(w) T=float out_type=int32
        there = Const(^w) value=bool:true
        all = Pack(rows, cell, shape, ^there) N=3
    """
    assert same(frozen(before, checkpoint, "all").graph, after)


def test_references_through_control_flow_become_values(checkpoint: Checkpoint) -> None:
    before = """
        w = VariableV2 dtype=float shape=[2,2]
        go = Placeholder dtype=bool
        switch = RefSwitch(w, go) T=float
        enter = RefEnter(switch:1) T=float frame_name="f"
        exit = RefExit(enter) T=float
        merge = RefMerge(exit, switch) T=float N=2
        out = RefIdentity(merge) T=float
    """
    ops = [n.op for n in frozen(before, checkpoint, "out").graph]
    assert ops == ["Const", "Placeholder", "Switch", "Enter", "Exit", "Merge", "Identity"]


def test_resources_through_loops_become_values(checkpoint: Checkpoint) -> None:
    before = """
        w = VarHandleOp dtype=float shape=[2,2]
        enter = Enter(w) T=resource frame_name="f" is_constant=true
        go = Placeholder dtype=bool
        switch = Switch(enter, go) T=resource
        read = ReadVariableOp(switch:1) dtype=float
    """
    after = f"""
        {CONST_W}
        enter = Enter(w) T=float frame_name="f" is_constant=true
        go = Placeholder dtype=bool
        switch = Switch(enter, go) T=float
        read = Identity(switch:1) T=float
    """
    assert same(frozen(before, checkpoint, "read").graph, after)


# Functions


READS = function(
    "reads",
    "r resource, x float",
    "y float = mul:z:0, h resource = r",
    """
    read = ReadVariableOp(r) dtype=float
    again = Identity(read:value:0) T=float
    mul = Mul(x, read:value:0) T=float
    """,
)
CALLS = function(
    "calls",
    "x float, r resource",
    "y float = call:output:0",
    "call = PartitionedCall(r, x) f=@reads Tin={resource, float} Tout={float, resource}",
)


def bodies(done: Frozen) -> dict[str, str]:
    return {name: text_of(f.nodes) for name, f in done.graph.functions.items()}


def test_functions_get_values_for_resources(checkpoint: Checkpoint) -> None:
    before = """
        x = Placeholder dtype=float
        w = VarHandleOp dtype=float shape=[2,2]
        call = StatefulPartitionedCall(x, w) f=@calls Tin={float, resource} Tout={float}
    """
    done = frozen(graph(before, [READS, CALLS]), checkpoint, "call")
    assert bodies(done) == {
        "reads_frozen": "read = Identity(r) T=float32\n"
        "again = Identity(read:output:0) T=float32\n"
        "mul = Mul(x, read:output:0) T=float32",
        "calls_frozen": "call = PartitionedCall(r, x) Tin={float32, float32} "
        "Tout={float32, float32} f=@reads_frozen",
    }
    assert done.graph["call"].attr("Tin") == [graph(REF)["x"].attr("dtype")] * 2


def test_a_function_is_rewritten_once_and_stays_where_it_has_no_variable(
    checkpoint: Checkpoint,
) -> None:
    before = """
        x = Placeholder dtype=float
        w = VarHandleOp dtype=float shape=[2,2]
        kept = VarHandleOp dtype=float shape=[2,2]
        a = PartitionedCall(w, x) f=@reads Tin={resource, float} Tout={float, resource}
        b = PartitionedCall(w, a) f=@reads Tin={resource, float} Tout={float, resource}
        c = PartitionedCall(kept, b) f=@reads Tin={resource, float} Tout={float, resource}
        d = ReadVariableOp(a:1) dtype=float
        e = Add(c, d) T=float
    """
    done = frozen(graph(before, [READS]), checkpoint, "e", keep=["kept"])
    assert set(done.graph.functions) == {"reads", "reads_frozen"}
    assert done.graph["d"].op == "Identity"
    assert done.report.kept == ("kept",)


@pytest.mark.parametrize(
    ("op", "attributes"),
    [
        ("While", "cond=@cond body=@body T={resource, float}"),
        ("StatelessWhile", "cond=@cond body=@body T={resource, float}"),
        ("If", "then_branch=@body else_branch=@body Tin={resource, float} Tout={resource, float}"),
        ("Case", "branches={@body, @body} Tin={resource, float} Tout={resource, float}"),
    ],
)
def test_functional_control_flow(op: str, attributes: str, checkpoint: Checkpoint) -> None:
    body = function(
        "body", "r resource, x float", "r2 resource = r, y float = read:value:0",
        "read = ReadVariableOp(r) dtype=float",
    )  # fmt: skip
    cond = function("cond", "r resource, x float", "go bool = yes:output:0", "yes = Yes(x)")
    first = "go, " if op in ("If", "Case") else ""
    before = f"""
        go = Placeholder dtype=bool
        x = Placeholder dtype=float
        w = VarHandleOp dtype=float shape=[2,2]
        call = {op}({first}w, x) {attributes}
        y = Identity(call:1) T=float
    """
    done = frozen(graph(before, [body, cond]), checkpoint, "y")
    assert "body_frozen" in done.graph.functions
    assert bodies(done)["body_frozen"] == "read = Identity(r) T=float32"
    assert "body" not in done.graph.functions
    assert "resource" not in text_of([done.graph["call"]])


def test_a_function_that_calls_itself_is_no_obstacle(checkpoint: Checkpoint) -> None:
    again = function(
        "again", "r resource", "y float = read:value:0",
        """
        read = ReadVariableOp(r) dtype=float
        call = PartitionedCall(r) f=@again Tin={resource} Tout={float}
        """,
    )  # fmt: skip
    before = """
        w = VarHandleOp dtype=float shape=[2,2]
        y = PartitionedCall(w) f=@again Tin={resource} Tout={float}
    """
    done = frozen(graph(before, [again]), checkpoint, "y")
    assert set(done.graph.functions) == {"again_frozen"}


def test_a_gather_of_an_argument_names_its_axis_as_bodies_do(checkpoint: Checkpoint) -> None:
    lookup = function(
        "lookup", "r resource, ids int32", "y float = rows:output:0",
        "rows = ResourceGather(r, ids, ^wait) dtype=float Tindices=int32\nwait = NoOp()",
    )  # fmt: skip
    before = """
        ids = Placeholder dtype=int32
        w = VarHandleOp dtype=float shape=[2,2]
        y = PartitionedCall(w, ids) f=@lookup Tin={resource, int32} Tout={float}
    """
    body = bodies(frozen(graph(before, [lookup]), checkpoint, "y"))["lookup_frozen"]
    assert "rows = GatherV2(r, ids, rows/axis:output:0, ^wait)" in body


def test_nothing_is_stated_of_what_was_a_resource(checkpoint: Checkpoint) -> None:
    body = function(
        "body", "r resource, x float", "r2 resource = handed:output:0, y float = read:value:0",
        """
        handed = Identity(r, ^off) T=resource _output_shapes={[]}
        off = DisableCopyOnRead(r)
        read = ReadVariableOp(handed:output:0) dtype=float
        """,
    )  # fmt: skip
    message = message_class("FunctionDef").FromString(body.encoded)
    for shape in (Shape(()), Shape((2, 2))):
        shape.to_proto(message.attr["_input_shapes"].list.shape.add())
    message.attr["_read_only_resource_inputs"].list.i.append(0)
    message.arg_attr[0].attr["_handle_dtypes"].list.type.append(1)
    cond = function("cond", "r resource, x float", "go bool = yes:output:0", "yes = Yes(x)")
    before = """
        x = Placeholder dtype=float
        w = VarHandleOp dtype=float shape=[2,2]
        i = Identity(w) T=resource _output_shapes={[]}
        call = While(i, x) cond=@cond body=@body T={resource, float} output_shapes={[], [?,2]} \
            _output_shapes={[], [?,2]} _read_only_resource_inputs={0}
        y = Identity(call:1) T=float
    """
    library = [Function.from_bytes(message.SerializeToString()), cond]
    done = frozen(graph(before.replace("\\\n", ""), library), checkpoint, "y").graph
    assert done["i"].attr("_output_shapes") is None
    loop = done["call"]
    assert [str(s) for s in loop.attrs["output_shapes"]] == ["[2,2]", "[?,2]"]  # type: ignore[union-attr]
    assert loop.attr("_output_shapes") == loop.attr("output_shapes")
    assert loop.attr("_read_only_resource_inputs") is None
    after = message_class("FunctionDef").FromString(done.functions["body_frozen"].encoded)
    assert [str(Shape.from_proto(s)) for s in after.attr["_input_shapes"].list.shape] == [
        "[2,2]"
    ] * 2
    assert list(after.attr) == ["_input_shapes"]
    assert not after.arg_attr
    assert text_of(done.functions["body_frozen"].nodes) == (
        "handed = Identity(r, ^off) T=float32\noff = NoOp\n"
        "read = Identity(handed:output:0) T=float32"
    )


def test_a_function_is_rewritten_for_each_shape_of_its_variables(tmp_path: Path) -> None:
    before = """
        x = Placeholder dtype=float
        w = VarHandleOp dtype=float shape=[2,2]
        b = VarHandleOp dtype=float shape=[3]
        a = PartitionedCall(w, x) f=@reads Tin={resource, float} Tout={float, resource}
        y = PartitionedCall(b, a) f=@reads Tin={resource, float} Tout={float, resource}
    """
    values = stored(tmp_path, {"w": W, "b": np.zeros(3, np.float32)})
    done = frozen(graph(before, [READS]), values, "y")
    assert list(done.graph.functions) == ["reads_frozen", "reads_frozen_1"]


@pytest.mark.usefixtures("checkpoint")
def test_functions_that_nothing_calls_go_with_their_gradients() -> None:
    library = message_class("FunctionDefLibrary")()
    library.gradient.add(function_name="calls", gradient_func="reads")
    library.gradient.add(function_name="calls", gradient_func="idle")
    library.registered_gradients.add(gradient_func="idle", registered_op_type="Own")
    idle = function("idle", "r resource", "y float = read:value:0", "read = ReadVariableOp(r)")
    calls = graph("x = Placeholder dtype=float\ny = calls(x)", [idle, CALLS, READS])
    other = encode_field(2, library.SerializeToString())
    source = Graph(calls, functions=calls.functions.values(), other_fields=other)
    done = frozen(source, None, "y").graph
    assert list(done.functions) == ["calls", "reads"]
    kept = message_class("GraphDef").FromString(b"".join(map(bytes, done.pieces()))).library
    assert [(g.function_name, g.gradient_func) for g in kept.gradient] == [("calls", "reads")]
    assert not kept.registered_gradients


def test_a_function_that_is_not_there_is_named(checkpoint: Checkpoint) -> None:
    before = """
        w = VarHandleOp dtype=float shape=[2,2]
        y = PartitionedCall(w) f=@gone Tin={resource} Tout={float}
    """
    with pytest.raises(InvalidGraph, match="the function 'gone' is called and is not in the libr"):
        frozen(before, checkpoint, "y")
    many = before.replace("@gone", "@one").replace("(w)", "(w, w)")
    one = function("one", "r resource", "y float = read:value:0", "read = ReadVariableOp(r)")
    with pytest.raises(InvalidGraph, match="'one' is called with more than its 1 arguments"):
        frozen(graph(many, [one]), checkpoint, "y")


def test_what_needs_the_variable_itself_is_refused(checkpoint: Checkpoint) -> None:
    before = "w = VarHandleOp dtype=float shape=[2,2]\n y = MapDataset(w) f=@g"
    with pytest.raises(InvalidGraph, match="'y' \\(MapDataset\\) needs the variable itself") as no:
        frozen(before, checkpoint, "y")
    assert "choose outputs" in no.value.remedy
    assert "--inference" not in no.value.remedy


def test_what_trains_in_a_function_is_told_by_the_option_that_leaves_it_out(
    checkpoint: Checkpoint,
) -> None:
    before = """
        w = VarHandleOp dtype=float shape=[2,2]
        y = StatefulPartitionedCall(w) f=@trains Tin={resource} Tout={float}
    """
    body = "read = ReadVariableOp(r)\nadd = AssignAddVariableOp(r, read:value:0)"
    trains = function("trains", "r resource", "y float = read:value:0", body)
    with pytest.raises(InvalidGraph, match=r"'add' .* needs the variable itself") as caught:
        frozen(graph(before, [trains]), checkpoint, "y")
    assert caught.value.remedy.startswith("leave out what trains: graphtools freeze ")
    assert "--inference" in caught.value.remedy


# Where the values are


def test_a_variable_may_be_known_by_its_shared_name(tmp_path: Path) -> None:
    before = """
        handle = VarHandleOp dtype=float shape=[2,2] shared_name="scope/w"
        y = ReadVariableOp(handle) dtype=float
    """
    done = frozen(before, stored(tmp_path, {"scope/w": W}), "y")
    assert done.graph["handle"].op == "Const"


def test_the_graphs_own_saver_tells_the_keys(tmp_path: Path) -> None:
    before = """
        w = VariableV2 dtype=float shape=[2,2]
        y = Identity(w) T=float
        save/names = Const value=string:["other/name"]
        save/parts = Const value=string:[""]
        save/Restore = RestoreV2(file, save/names, save/parts) dtypes={float}
        file = Const value=string:"x"
        save/Assign = Assign(w, save/Restore) T=float
    """
    values = {"other/name": W, "w": W + 1}
    done = frozen(before, stored(tmp_path, values), "y")
    assert same(done.graph, f"{CONST_W}\n y = Identity(w) T=float")


PARTS = """
    w/part_0 = VariableV2 dtype=float shape=[1,2]
    w/part_1 = VariableV2 dtype=float shape=[1,2]
    axis = Const value=int32:0
    w = ConcatV2(w/part_0, w/part_1, axis) T=float N=2
    y = Identity(w) T=float
"""
SAVER = """
    save/names = Const value=string:["whole","whole"]
    save/parts = Const value=string:["2 2 1,1:0,2","2 2 0,1:0,2"]
    save/Restore = RestoreV2(file, save/names, save/parts) dtypes={float, float}
    file = Const value=string:"x"
    save/Assign = Assign(w/part_0, save/Restore) T=float
    save/Assign_1 = Assign(w/part_1, save/Restore:1) T=float
"""


RESTORES = """
    w = VarHandleOp dtype=float shape=[2,2] shared_name="w"
    b = VarHandleOp dtype=float shape=[2] shared_name="b"
    y = Add(w/read, b/read) T=float
    w/read = ReadVariableOp(w) dtype=float
    b/read = ReadVariableOp(b) dtype=float
    file = Placeholder dtype=string
    restored = PartitionedCall(file, w, b) f=@restore Tin={string, resource, resource} Tout={}
"""


def restoring(*paths: str) -> Function:
    """A function as TensorFlow 2 writes it to restore variables by where their objects hang."""
    keys = ",".join(f'"{path}/.ATTRIBUTES/VARIABLE_VALUE"' for path in paths)
    return function(
        "restore", "file string, w resource, b resource", "",
        f"""
        names = Const value=string:[{keys}]
        slices = Const value=string:["",""]
        read = RestoreV2(file, names:output:0, slices:output:0) dtypes={{float, float}}
        one = AssignVariableOp(w, read:tensors:0) dtype=float
        two = AssignVariableOp(b, read:tensors:1) dtype=float
        """,
    )  # fmt: skip


def of_objects(folder: Path, values: Mapping[str, Any], names: Mapping[str, str]) -> Checkpoint:
    """An object-based checkpoint of variables by path, with the names they had."""
    end = "/.ATTRIBUTES/VARIABLE_VALUE"
    flat = stored(folder, {path + end: value for path, value in values.items()})
    tree: list[dict[str, int]] = [{}]
    objects = []
    for path in values:
        number = 0
        for part in path.split("/"):
            if part not in tree[number]:
                tree[number][part] = len(tree)
                tree.append({})
            number = tree[number][part]
        objects.append(TrackedVariable(path, path + end, names[path.rpartition("/")[2]], number))
    return Checkpoint(flat.path, "V2", 1, dict(flat), objects=tuple(objects), tree=tuple(tree))


BIAS = np.array([5, 6], np.float32)


@pytest.mark.parametrize(
    ("paths", "other"),
    [
        (("w", "b"), {"b": BIAS}),  # only one object has both
        (("w", "b"), {"w": np.zeros((3, 3), np.float32), "b": BIAS}),  # or both of their shapes
        (("model/net/w", "model/net/b"), {"w": -W, "c": BIAS}),
    ],
)
def test_the_objects_tell_the_network_where_names_do_not(
    paths: tuple[str, str], other: Mapping[str, Any], tmp_path: Path
) -> None:
    values = {"online/w": W, "online/b": BIAS} | {f"target/{k}": v for k, v in other.items()}
    later = of_objects(tmp_path, values, {"w": "kernel", "b": "bias", "c": "bias"})
    done = frozen(graph(RESTORES, [restoring(*paths)]), later, "y")
    assert done.graph["w"].tensor.array().tolist() == W.tolist()  # type: ignore[union-attr]
    assert done.graph["b"].tensor.array().tolist() == BIAS.tolist()  # type: ignore[union-attr]


@pytest.mark.parametrize("functions", [[restoring("w", "b")], []])
def test_networks_that_cannot_be_told_apart_are_named(
    functions: list[Function], tmp_path: Path
) -> None:
    values = {"online/w": W, "online/b": BIAS, "target/w": -W, "target/b": -BIAS}
    later = of_objects(tmp_path, values, {"w": "w", "b": "b"})
    text = RESTORES if functions else RESTORES[: RESTORES.index("    file")]
    with pytest.raises(InvalidValue, match="variable 'w' may be 'online/w', 'target/w' of"):
        frozen(graph(text, functions), later, "y")


def test_a_variable_of_another_dtype_is_no_variable_of_that_name(tmp_path: Path) -> None:
    later = of_objects(tmp_path, {"e": W}, {"e": "Variable"})
    text = 'v = VarHandleOp dtype=string shape=[] shared_name="Variable"\ny = ReadVariableOp(v)'
    with pytest.raises(UnknownName, match="'v'"):
        frozen(text, later, "y")


def test_partitioned_variables_are_cut_from_the_whole(tmp_path: Path) -> None:
    done = frozen(PARTS, stored(tmp_path, {"w": W}), "y")
    assert "w/part_1 = Const value=float32:[[3,4]]" in text_of(done.graph)
    # the saver of the graph knows better than the names
    done = frozen(PARTS + SAVER, stored(tmp_path, {"whole": W}), "y")
    assert "w/part_1 = Const value=float32:[[1,2]]" in text_of(done.graph)


@pytest.mark.parametrize("name", sorted(CHECKPOINTS))
def test_every_variable_of_every_checkpoint_becomes_a_constant(name: str) -> None:
    checkpoint = find_checkpoint(FIXTURES / name.replace("-?????-of-00003", ""))
    entry = CHECKPOINTS[name]
    values = values_of(entry["values"])
    kinds = {v["name"]: v for v in entry["variables"] if v["name"] in values}
    known = {k: v for k, v in kinds.items() if not v["dtype"].startswith(("float8", "float4"))}
    variables = []
    for key, variable in known.items():
        made = graph(f"v = VariableV2 shape={variable['shape']}".replace(", ", ",")).nodes[0]
        variables.append(made.variant(name=key))
    done = freeze(Graph(variables), checkpoint, list(known) or ["x"]) if known else None
    for node in done.graph if done else ():
        assert node.tensor is not None
        assert str(node.tensor.dtype) == known[node.name]["dtype"]
        assert same_values(node.tensor.array(), values[node.name]), node.name


def test_moving_averages(tmp_path: Path) -> None:
    checkpoint = stored(tmp_path, {"w": W, "w/ExponentialMovingAverage": W + 1, "b": W[0]})
    done = frozen(REF, checkpoint, "z", averages=True)
    assert "w = Const value=float32:[[2,3],[4,5]]" in text_of(done.graph)
    assert done.report.notes == ("1 of 2 variables have their moving averages",)
    assert CONST_W.replace("float", "float32") in text_of(frozen(REF, checkpoint, "z").graph)


def test_what_is_missing_is_named_with_what_is_like_it(tmp_path: Path) -> None:
    with pytest.raises(UnknownName) as raised:
        frozen(REF, stored(tmp_path, {"scope/w": W, "other": W}), "z")
    assert "no variable 'w' in the checkpoint" in raised.value.message
    assert "nor 1 more: b" in raised.value.message
    assert raised.value.remedy == "did you mean 'scope/w'?"


def test_values_of_another_model_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"'w' has the shape \[2,2\] in the graph and \[2\] in"):
        frozen(REF, stored(tmp_path, {"w": W[0], "b": W[0]}), "z")
    with pytest.raises(InvalidValue, match="'w' is float32 in the graph and float64 in"):
        frozen(REF, stored(tmp_path, {"w": W.astype("f8"), "b": W[0]}), "z")
    scalar = "s = {} dtype=float shape=[]\n y = Identity(s) T=float"
    with pytest.raises(InvalidValue, match=r"'s' has the shape \[\] in the graph"):
        frozen(scalar.format("VariableV2"), stored(tmp_path, {"s": W}), "y")
    frozen(scalar.format("Variable"), stored(tmp_path, {"s": W}), "y")


def test_unknown_dimensions_fit_any(checkpoint: Checkpoint) -> None:
    for shape in ("[?,2]", "unknown"):
        before = f"w = VariableV2 dtype=float shape={shape}\n y = Identity(w) T=float"
        assert frozen(before, checkpoint, "y").graph["w"].op == "Const"


def test_variables_without_a_checkpoint_are_refused() -> None:
    with pytest.raises(InvalidValue, match="the graph has variables, 'w' among them"):
        frozen(REF, None, "z")


# What is kept


def test_variables_may_stay_variables(checkpoint: Checkpoint) -> None:
    done = frozen(REF, checkpoint, "z", keep=["b*"])
    assert (done.graph["w"].op, done.graph["b"].op) == ("Const", "VariableV2")
    assert done.report.kept == ("b",)
    done = frozen(REF, checkpoint, "z", only=["b"])
    assert (done.graph["w"].op, done.graph["b"].op) == ("VariableV2", "Const")
    done = frozen(REF, None, "z", keep=["*"])
    assert done.report.variables == 0
    done = frozen(REF, checkpoint, "z", keep=["c*"], only=["b", "w", "d"])
    assert done.report.notes == (
        "no variable that the outputs need fits 'd'",
        "no variable that the outputs need fits 'c*'",
    )


def test_devices_and_initializers(checkpoint: Checkpoint) -> None:
    done = frozen(REF, checkpoint, "z", clear_devices=True)
    assert {n.device for n in done.graph} == {""}
    table = REF + '\nfill = NoOp(^table) device="/cpu:0"\n table = HashTableV2'
    done = frozen(table, checkpoint, "z", initializers=["fill"])
    assert {"fill", "table"} <= {n.name for n in done.graph}
    assert "table" not in frozen(table, checkpoint, "z").graph


def test_look_up_tables_that_are_not_filled_are_told() -> None:
    before = """
        table = HashTableV2
        keys = Const value=string:["a"]
        fill = InitializeTableV2(table, keys, keys)
        y = LookupTableFindV2(table, keys, keys)
    """
    notes = frozen(before, None, "y").report.notes
    cure = "graphtools freeze GRAPH -o OUT --initializers fill"
    assert f"'fill' fills a look-up table: keep it with {cure}" in notes
    notes = frozen(before, None, "y", initializers=["fill"]).report.notes
    assert not any("look-up" in note for note in notes)


def test_a_graph_is_cut_at_its_inputs(checkpoint: Checkpoint) -> None:
    after = """
        y = Placeholder dtype=float shape=[?,2]
        b = Const value=float:[5,6] device="/gpu:0"
        z = BiasAdd(y, b) T=float
    """
    assert same(frozen(REF, checkpoint, "z", inputs=["y:0"]).graph, after)
    done = frozen(REF, checkpoint, "y", inputs=["x", "b"])
    assert done.report.notes == ("input 'b' does not lead to the outputs",)


def test_a_frozen_graph_is_stripped_only() -> None:
    source = load(FIXTURES / "classifier/frozen.pb")
    done = freeze(source, None, ["MobilenetV1/Logits/SpatialSqueeze"])
    assert len(done.graph) < len(source)
    assert done.report.notes == ("the outputs need no variables: nothing was to be frozen",)


# What is refused


@pytest.mark.parametrize(
    ("before", "says"),
    [
        ("v = VariableV2 dtype=float shape=[2]\n y = AssignSub(v, v) T=float", "'y' (AssignSub)"),
        ("v = VariableV2 dtype=float shape=[2]\n y = ApplyAdam(v, v) T=float", "'y' (ApplyAdam)"),
        (
            "v = VariableV2 dtype=float shape=[2]\n go = Placeholder dtype=bool\n"
            "s = RefSwitch(v, go) T=float\n y = AssignSub(s:1, go) T=float",
            "'y' (AssignSub) writes to 'v'",
        ),
        (
            "v = VarHandleOp dtype=float shape=[2]\n e = Enter(v) T=resource\n"
            "a = AssignAddVariableOp(e, e) dtype=float\n y = ReadVariableOp(v, ^a) dtype=float",
            "'a' (AssignAddVariableOp) writes to 'v'",
        ),
    ],
)
def test_what_writes_to_a_variable_is_refused(
    before: str, says: str, checkpoint: Checkpoint
) -> None:
    before = before.replace("v = V", "b = V").replace("(v", "(b").replace(" v)", " b)")
    with pytest.raises(InvalidGraph) as raised:
        frozen(before, checkpoint, "y")
    assert says.replace("'v'", "'b'") in raised.value.message
    assert "--keep-variables b" in raised.value.remedy
    assert "--inference" not in raised.value.remedy  # it would not count, and say so to nobody
    with pytest.raises(InvalidGraph, match="writes to 'b'"):
        frozen(before, checkpoint, "y", inference=True)
    assert frozen(before, checkpoint, "y", keep=["b"]).report.kept == ("b",)


@pytest.mark.parametrize(
    ("before", "outputs", "says"),
    [
        (REF, [], "freezing needs the names of the outputs"),
        (REF, ["zz"], "no node 'zz'"),
        (REF + "z = Relu(x) T=float", ["z"], "two nodes 'z', which cannot be told apart"),
        ("y = Add(x, z)\n z = Relu(y)\n x = Placeholder dtype=float", ["y"], "has a cycle"),
        ("y = Relu(gone) T=float", ["y"], "'y' reads 'gone', which is not in the graph"),
    ],
)
def test_graphs_that_cannot_be_frozen(
    before: str, outputs: list[str], says: str, checkpoint: Checkpoint
) -> None:
    with pytest.raises(GraphtoolsError) as raised:
        frozen(before, checkpoint, *outputs)
    assert says in raised.value.message


def test_what_is_wrong_elsewhere_does_not_matter(checkpoint: Checkpoint) -> None:
    before = REF + "\na = Relu(gone) T=float\n c1 = Add(c2, x)\n c2 = Relu(c1)"
    assert len(frozen(before, checkpoint, "z").graph) == 6


def test_signs_of_training_are_told(checkpoint: Checkpoint) -> None:
    before = """
        x = Placeholder dtype=float
        bn = FusedBatchNormV3(x, b, b, b, b) T=float is_training=true
        b = VariableV2 dtype=float shape=[2]
        is_training = Placeholder dtype=bool shape=[]
        s = Switch(bn, is_training) T=float
        y = Merge(s, s:1) T=float N=2
    """
    notes = frozen(before, checkpoint, "y").report.notes
    assert notes[0].startswith("'bn': built for training")
    assert notes[1].startswith("'is_training': switches training on")


# In TensorFlow

FROZEN = [e for e in MANIFEST["graphs"] if "checkpoint" in e and "io" in e]


@pytest.mark.tensorflow
@pytest.mark.parametrize("entry", FROZEN, ids=lambda e: e["graph"])
def test_frozen_graphs_compute_what_the_graphs_did(entry: dict[str, Any], tf: Any) -> None:
    outputs = [o["name"] for o in entry["outputs"]]
    checkpoint = find_checkpoint(FIXTURES / entry["checkpoint"])
    done = freeze(load(FIXTURES / entry["graph"]), checkpoint, outputs)
    values = values_of(entry["io"])
    feeds = {i["name"]: values["in/" + i["name"]] for i in entry["inputs"]}
    for name, got in zip(outputs, run(tf, done.graph, feeds, outputs), strict=True):
        np.testing.assert_allclose(got, values[f"out/{name}"], rtol=1e-5, atol=1e-6, err_msg=name)


AVERAGED = """
    w = VariableV2 dtype=float shape=[2,2]
    read = Identity(w) T=float
    x = Placeholder dtype=float shape=[?,2]
    y = MatMul(x, read) T=float
    save/file = Const value=string:"model"
    save/names = Const value=string:["w/ExponentialMovingAverage"]
    save/parts = Const value=string:[""]
    save/Restore = RestoreV2(save/file, save/names, save/parts) dtypes={float}
    save/Assign = Assign(w, save/Restore) T=float
"""


def test_the_graphs_own_saver_says_which_key_is_read(tmp_path: Path) -> None:
    average = W + 10
    both = stored(tmp_path, {"w": W, "w/ExponentialMovingAverage": average})
    done = freeze(graph(AVERAGED), both, ["y"])
    tensor = done.graph["w"].tensor
    assert tensor is not None
    assert same_values(tensor.array(), average)


def test_what_the_graphs_own_saver_reads_has_to_be_there(checkpoint: Checkpoint) -> None:
    # as TensorFlow: the raw value of `w` is another one than the graph was made for
    with pytest.raises(UnknownName, match="'w/ExponentialMovingAverage'") as raised:
        freeze(graph(AVERAGED), checkpoint, ["y"])
    assert "own Saver" in raised.value.remedy
