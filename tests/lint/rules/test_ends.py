"""GT120-GT129: what a graph takes and gives, what nothing needs, and what wrote it."""

from __future__ import annotations

from graphtools.graph import Graph
from graphtools.graph.graph import Versions
from tests.lint.graphs import Case
from tests.transforms.graphs import graph, nodes

GOOD = """
    x = Placeholder dtype=float shape=[1,4]
    y = Relu(x) T=float
"""
SCALAR = (
    GOOD.replace("y =", "k = Placeholder dtype=float shape=[]\n    r =") + "y = Mul(r, k) T=float"
)
BATCH_NORM = """
    x = Placeholder dtype=float shape=[1,2,2,1]
    s = Const value=float:[1]
    y = BatchNormWithGlobalNormalization(x, s, s, s, s) T=float variance_epsilon=0.1 scale_after_normalization=false
"""  # noqa: E501
V3 = """
    x = Placeholder dtype=float shape=[1,2,2,1]
    s = Const value=float:[1]
    y = FusedBatchNormV3(x, s, s, s, s) T=float U=float is_training=false
"""


def _of(text: str, producer: int) -> Graph:
    made = graph(text)
    made.set_versions(Versions(producer))
    return made


class _Large(Graph):
    """A graph that says of itself to be above 2 GB."""

    encoded_size = 2_200_000_000


CASES = [
    Case("GT120", "c = Const value=float:[1]\ny = Relu(c) T=float", GOOD, None, outputs=None),
    Case(
        "GT121",
        "x = Placeholder dtype=float shape=[1,4]",
        GOOD,
        None,
        says="no output is likely",
        outputs=None,
    ),
    Case("GT121", Graph(), GOOD, None, says="no nodes", outputs=None),
    Case(
        "GT122",
        GOOD + "z = Relu6(x) T=float",
        GOOD,
        "z",
        says="1 node of 3 are not needed for 'y'",
        cured=True,
    ),
    Case("GT123", _of(BATCH_NORM, 134), _of(BATCH_NORM, 8), "y", says="version 9"),
    Case("GT126", _Large(graph(GOOD)), GOOD, None, says="it has 2,200,000,000 bytes"),
    Case("GT124", _of(SCALAR, 0), _of(SCALAR, 134), "k", says="shape [] of 'k'"),
    Case("GT124", _of(SCALAR, 0), _of(GOOD, 0), "k"),
    Case("GT124", _of(V3, 22), _of(V3, 134), "y", says="did not have FusedBatchNormV3"),
]


def test_many_outputs_are_not_sure() -> None:
    many = graph(GOOD)
    for number in range(20):
        for node in nodes(f"head_{number} = Relu(x) T=float"):
            many.add(node)
    case = Case("GT121", many, GOOD, None, outputs=None)
    (found,) = case.findings(many)
    assert "may be outputs" in found.message


def test_a_graph_for_a_newer_tensorflow_is_an_error() -> None:
    newer = graph(GOOD)
    newer.set_versions(Versions(3000, 99))
    (found,) = Case("GT124", newer, GOOD, None).findings(newer)
    assert found.severity == "error"


def test_nodes_that_fill_tables_are_not_stripped() -> None:
    case = Case(
        "GT122",
        """
        x = Placeholder dtype=int64 shape=[1]
        table = HashTableV2 key_dtype=int64 value_dtype=float
        keys = Const value=int64:[1]
        values = Const value=float:[1]
        fill = LookupTableImportV2(table, keys, values) Tin=int64 Tout=float
        default = Const value=float:0
        y = LookupTableFindV2(table, x, default) Tin=int64 Tout=float
        """,
        GOOD,
        "keys",
    )
    (found,) = case.findings(case.bad_graph())
    assert not found.cure
    assert "look-up tables" in found.remedy
