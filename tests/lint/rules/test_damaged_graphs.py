"""No rule raises, whatever has been done to a graph."""

from __future__ import annotations

import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtools import Graph, GraphtoolsError, load
from graphtools.findings.rule import TARGETS
from graphtools.graph import Attr, Node, Shape, dtype
from graphtools.lint.subject import Subject
from graphtools.lint.tables import GRAPH_RULES
from tests.support import FIXTURES

FILES = ["classifier/train.pb", "quant/frozen.pb", "ssd/frozen_inference_graph.pb",
         "control_flow/functional/frozen.pb", "lstm/frozen.pb"]  # fmt: skip
OPS = """
    Assert BatchToSpaceND BiasAdd Cast ConcatV2 Const Conv2D Enter FakeQuantWithMinMaxVars
    FusedBatchNormV3 GatherV2 Identity If MatMul MaxPool Mean Merge MergeSummary Mul NextIteration
    NoSuchOp Pack Pad PartitionedCall Placeholder Print Relu SelectV2 Softmax SpaceToBatchND Split
    StridedSlice Switch VariableV2 While
""".split()
ATTRIBUTES = """
    N SrcT T Tidx _output_shapes _output_types axis block_size data_format dilations dtype f
    is_training max min padding shape strides value
""".split()
VALUES: list[Attr] = [
    b"SAME", b"NCHW", 3, -1, 0.5, True, dtype("int32"), dtype("float"), dtype("string"),
    dtype("resource"), Shape(None), Shape([1, None]), [1, 2], [], [b"a"], None, 1 << 40,
]  # fmt: skip
NAMES = ["gone", "^gone", "a:b:c", ":", "^", "x:7", "", "a b", "^x"]


@cache
def fixture(name: str) -> Graph:
    return load(str(FIXTURES / name))


def _with(graph: Graph, nodes: list[Node]) -> Graph:
    return Graph(nodes, graph.versions, graph.functions.values())


def damage(graph: Graph, dice: random.Random) -> Graph:
    """A graph in which a few nodes were changed, removed or doubled."""
    current = graph.copy()
    for _ in range(dice.randint(1, 4)):
        nodes = list(current.nodes)
        node = dice.choice(nodes)
        what = dice.randrange(7)
        if what == 0:
            current.set_op(node, dice.choice(OPS))
        elif what == 1:
            names = [*NAMES, node.name, *(dice.choice(nodes).name + end for end in ("", ":7"))]
            current.set_inputs(node, [dice.choice(names) for _ in range(dice.randint(0, 4))])
        elif what == 2:
            attrs = {dice.choice(ATTRIBUTES): dice.choice(VALUES)}
            current = _with(current, [n.variant(attrs=attrs) if n is node else n for n in nodes])
        elif what == 3 and len(node.attrs):
            current.remove_attr(node, dice.choice(list(node.attrs)))
        elif what == 4:
            current = _with(current, [*nodes, node.copy()])
        elif what == 5:
            current = _with(current, [n for n in nodes if n is not node])
        else:
            node.change(name=dice.choice(NAMES))
            current = _with(current, nodes)
    return current


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=12)
@given(seed=st.integers(0, 1 << 32), target=st.sampled_from(TARGETS))
@pytest.mark.slow
def test_no_rule_raises(name: str, seed: int, target: str) -> None:
    subject = Subject(damage(fixture(name), random.Random(seed)), target)
    for rule in GRAPH_RULES.rules().values():
        if target in rule.targets:
            for found in rule.run(subject):
                assert found.message
                assert "\n" not in found.message


@given(seed=st.integers(0, 1 << 32))
@settings(max_examples=15)
def test_cures_apply_or_are_refused(seed: int) -> None:
    from graphtools.transforms.pipeline import transform

    subject = Subject(damage(fixture("quant/frozen.pb"), random.Random(seed)))
    cures = {f.cure for rule in GRAPH_RULES.rules().values() for f in rule.run(subject) if f.cure}
    for cure in cures:
        try:
            transform(subject.graph, cure, subject.inputs, subject.outputs)
        except GraphtoolsError as refusal:
            assert refusal.message
