"""What a training switch is: a placeholder that tells whether the model is trained.

Many names say so by themselves (`is_training`, `phase_train`, `keras_learning_phase`). Others may
mean anything (`phase`, `train`, `mode`, `is_test`), as may any name of a number with a fraction;
such a placeholder is a switch where it decides between branches of which one belongs to training.
So is one of any name whose default is false and which decides that.

A placeholder that gives the rate of a dropout is told by its name or by what reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from graphtools.graph.attributes import FunctionRef
from graphtools.graph.dtypes import DType
from graphtools.graph.following import reach
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.readers import data_readers
from graphtools.graph.shape import Shape
from graphtools.idioms import dropout
from graphtools.ops.handing_on import CONVERTED, RESHAPED, SAME_TENSOR, source_node

_NAME = re.compile(
    r"(^|[/_.])(is_?train(ing|able|ed)?|phase_?train(ing)?|training|train(ing)?_?(mode|phase|flag)"
    r"|(keras_)?learning_phase|(use|apply|enable)_dropout)(_(mode|flag|phase|ph|placeholder|bool))?"
    r"(_\d+)?$",
    re.IGNORECASE,
)
#: Names that tell it only together with what the placeholder decides.
_DOUBTFUL = re.compile(
    r"(^|[/_.])(phase|mode|train|trainable|bn_train|flag|is_?tr)(_(mode|flag|ph|placeholder))?(_\d+)?$",
    re.IGNORECASE,
)
#: Such names of the opposite.
_OPPOSITE = re.compile(
    r"(^|[/_.])(is_?)?(test(ing)?|inference|infer|eval(uation)?|predict(ion|ing)?|deploy)"
    r"(_?(mode|phase|flag|ph|placeholder))?(_\d+)?$",
    re.IGNORECASE,
)
_KEEP_NAME = re.compile(
    r"(^|[/_.])(keep_?(prob(ability)?|rate)|dropout_?keep(_?prob\w*)?|prob_?keep)(_\w+)?$",
    re.IGNORECASE,
)
_DROP_NAME = re.compile(
    r"(^|[/_.])(drop(out)?_?(rate|prob(ability)?)|dropout)(_(ph|placeholder))?(_\d+)?$",
    re.IGNORECASE,
)
#: Ops of which a condition is made.
_CONDITIONS = frozenset(
    {"LogicalNot", "LogicalAnd", "LogicalOr", "Equal", "NotEqual", "Greater", "GreaterEqual",
     "Less", "LessEqual", *SAME_TENSOR, *CONVERTED, *RESHAPED}
)  # fmt: skip
#: By op that decides by a condition, the number of the input that is the condition.
_DECIDES = {
    "Switch": 1, "RefSwitch": 1, "_SwitchN": 1, "If": 0, "StatelessIf": 0, "Case": 0,
    "StatelessCase": 0, "Select": 0, "SelectV2": 0,
}  # fmt: skip
_TRAINS = ("FusedBatchNorm", "Assign", "Apply", "ResourceApply")
_TRAINED = re.compile(r"(^|/)moving_(mean|variance)\b", re.IGNORECASE)
#: So many nodes behind what is decided are looked at.
_MOST_LOOKED_AT = 120


class TrainingSwitch(NamedTuple):
    """A training switch.

    Attributes:
        node: The placeholder.
        off: Its value for inference: 0 for false, 1 for true.
        default: Its default, None where it has none that is constant.
    """

    node: Node
    off: int
    default: int | None

    @property
    def stands_off(self) -> bool:
        """Whether its default is that of inference, so that nobody has to feed it."""
        return self.default == self.off


class KeepProbability(NamedTuple):
    """A placeholder for the rate of dropouts.

    Attributes:
        node: The placeholder.
        off: Its value for inference: 1 where it is the share that is kept, 0 where it is the other.
        default: Its default, None where it has none that is constant.
    """

    node: Node
    off: int
    default: float | None

    @property
    def stands_off(self) -> bool:
        """Whether its default is that of inference, so that nobody has to feed it."""
        return self.default == self.off


def find(graph: Graph) -> list[TrainingSwitch]:
    """The training switches of a graph, in the order of its nodes."""
    found = (training_switch(graph, node) for node in graph if node.op in PLACEHOLDERS)
    return [switch for switch in found if switch is not None]


def is_training_switch(graph: Graph, node: Node) -> bool:
    """Whether a node is a placeholder that tells whether the model is trained.

    Example:
        >>> [n.name for n in graph if is_training_switch(graph, n)]
        ['keras_learning_phase']
    """
    return training_switch(graph, node) is not None


def is_keep_probability(graph: Graph, node: Node) -> bool:
    """Whether a node is a placeholder for the rate of dropouts."""
    return keep_probability(graph, node) is not None


def training_switch(graph: Graph, node: Node) -> TrainingSwitch | None:
    """The training switch that a node is, None if it is none."""
    kind = node.attr("dtype")
    if node.op not in PLACEHOLDERS or not isinstance(kind, DType) or not _is_single(node):
        return None
    name = kind.base.name
    is_flag = name == "bool" or name.startswith(("int", "uint"))
    if not is_flag and not kind.base.is_floating:
        return None
    default = _default(graph, node)
    whole = None if default is None else int(default)
    named = bool(_NAME.search(node.name))
    if named and is_flag:
        return TrainingSwitch(node, 0, whole)
    opposite = not named and bool(_OPPOSITE.search(node.name))
    known = named or opposite or bool(_DOUBTFUL.search(node.name))
    if not (known or (default == 0 and name == "bool")) or not _decides_training(graph, node):
        return None
    return TrainingSwitch(node, int(opposite), whole)


def keep_probability(graph: Graph, node: Node) -> KeepProbability | None:
    """The rate of dropouts that a node is, None if it is none."""
    kind = node.attr("dtype")
    if node.op not in PLACEHOLDERS or not isinstance(kind, DType) or not kind.base.is_floating:
        return None
    if not _is_single(node):
        return None
    keeps, drops = bool(_KEEP_NAME.search(node.name)), bool(_DROP_NAME.search(node.name))
    if not keeps and not drops:
        share = dropout.share_kept(graph, node)
        if share is None:
            return None
        keeps = share
    return KeepProbability(node, int(keeps), _default(graph, node))


def _is_single(node: Node) -> bool:
    """Whether a placeholder is for one value, or may be: old ones do not tell their shape."""
    shape = node.attr("shape")
    return not isinstance(shape, Shape) or not shape.dims or set(shape.dims) == {1}


def _default(graph: Graph, node: Node) -> float | None:
    """The default of a placeholder, where it is constant."""
    if node.op != "PlaceholderWithDefault" or not node.data_inputs:
        return None
    source = source_node(graph, node.data_inputs[0])
    tensor = source.tensor if source is not None else None
    if tensor is None:
        return None
    values = tensor.integers(1) or tensor.floats(1)
    return values[0] if values else None


def _decides_training(graph: Graph, node: Node) -> bool:
    """Whether one of the branches that a placeholder decides between belongs to training."""
    return any(
        _belongs_to_training(found)
        for deciding in _deciding(graph, node)
        for found in _decided(graph, deciding)
    )


def _deciding(graph: Graph, node: Node) -> Iterator[Node]:
    """The nodes that decide by a placeholder, or by a condition made of it."""

    def conditions(name: str) -> list[str]:
        readers = (r.node for r in data_readers(graph, name))
        return [r.name for r in readers if r.op in _CONDITIONS]

    for name in reach([node.name], conditions):
        for reader in data_readers(graph, name):
            if _DECIDES.get(reader.node.op) == reader.position:
                yield reader.node


def _decided(graph: Graph, deciding: Node) -> Iterator[Node]:
    """What stands in the branches, or comes together behind them, as far as one looks."""
    for value in deciding.attrs.values():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, FunctionRef) and item.name in graph.functions:
                yield from graph.functions[item.name].nodes
    around = [deciding, *_sources(graph, deciding)]
    if not deciding.op.endswith("Switch"):
        yield from around
        return
    for node in islice(reach([deciding], lambda n: _behind(graph, n)), _MOST_LOOKED_AT):
        yield node
        yield from _sources(graph, node)


def _behind(graph: Graph, node: Node) -> list[Node]:
    """What runs behind a node on its branch."""
    return [] if node.op.endswith("Merge") else graph.consumers(node.name)


def _sources(graph: Graph, node: Node) -> list[Node]:
    found = (source_node(graph, text) for text in node.data_inputs)
    return [source for source in found if source is not None]


def _belongs_to_training(node: Node) -> bool:
    """Whether a node is part of a dropout, a batch norm or an update."""
    if node.op in dropout.UNIFORM or node.op.startswith(_TRAINS):
        return True
    return bool(_TRAINED.search(node.name))
