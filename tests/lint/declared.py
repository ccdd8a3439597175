"""Rules and a graph for the tests of the engine, which do not depend on the real rules."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.errors import InvalidValue
from graphtools.findings.finding import ERROR, INFO, WARNING
from graphtools.findings.rule import Found, RuleTable
from graphtools.graph import Graph
from graphtools.lint.subject import Subject
from tests.transforms.graphs import graph

TABLE = RuleTable()


@TABLE.rule("GT901", "needless-identity", WARNING, cure="remove_nodes(op=Identity)")
def needless_identity(subject: Subject) -> Iterator[Found]:
    """An Identity between two nodes.

    Why:
        It costs a call.

    Example:
        tf.identity in a layer.

    Remedy:
        Take it away,
        or leave it.

        It does no harm.
    """
    for node in subject.nodes_of("Identity"):
        if node.name not in subject.output_nodes:
            yield Found(node, f"{node.name} gives what it reads")


@TABLE.rule(
    "GT902",
    "relu-forbidden",
    ERROR,
    cure="rename_op(old_op_name=Relu, new_op_name=Elu)",
    is_safe_cure=False,
)
def relu_forbidden(subject: Subject) -> Iterator[Found]:
    """A Relu."""
    for node in subject.nodes_of("Relu"):
        yield Found(node, "no Relu here", "take Elu")


@TABLE.rule("GT903", "small-graph", INFO, is_default=False)
def small_graph(subject: Subject) -> Iterator[Found]:
    """A graph of a few nodes."""
    if len(subject.graph) < 100:
        yield Found(None, f"only {len(subject.graph)} nodes")


@TABLE.rule("GT904", "not-quantized", ERROR, targets={"edgetpu"})
def not_quantized(subject: Subject) -> Iterator[Found]:
    """A float input."""
    for name in subject.inputs:
        yield Found(name, "it is float")


@TABLE.rule("GT905", "unread-node", INFO, cure="strip_unused_nodes")
def unread_node(subject: Subject) -> Iterator[Found]:
    """Nodes that the outputs do not need."""
    for node in subject.graph:
        if node.name not in subject.live:
            yield Found(node, "nothing needs it")


RULES = TABLE.rules()

BROKEN = RuleTable()


@BROKEN.rule("GT910", "broken-rule", ERROR)
def broken_rule(_subject: Subject) -> Iterator[Found]:
    """It finds something and then fails."""
    yield Found(None, "found before")
    raise InvalidValue("this cannot be looked at", "look elsewhere")


def sample() -> Graph:
    """A graph in which the rules find two Identities, one of them behind a Relu."""
    return graph("""
        x = Placeholder dtype=float shape=[?,3]
        a = Identity(x) T=float
        b = Relu(a) T=float
        c = Identity(b) T=float
        y = Neg(c) T=float
    """)
