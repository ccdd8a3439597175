"""Batch norms that fold_old_batch_norms and fold_batch_norms would fold.

Only the plain case: a convolution that nobody else reads, with weights of its own.
"""

from __future__ import annotations

from graphtools.graph.node import Node
from graphtools.graph.ref import producer
from graphtools.idioms.batch_norm import BATCH_NORMS
from graphtools.lint.rules._quantized import LINEAR
from graphtools.lint.rules._tensors import constant_of, output_number
from graphtools.lint.subject import Subject
from graphtools.ops.definitions import attribute_value
from graphtools.rewrite.constants import Constant


def foldable_batch_norms(subject: Subject) -> list[Node]:
    """The batch norms that fold_old_batch_norms folds."""
    return [n for n in subject.nodes_of(*sorted(BATCH_NORMS)) if _is_foldable_norm(subject, n)]


def _is_foldable_norm(subject: Subject, node: Node) -> bool:
    if node.op != "BatchNormWithGlobalNormalization":
        if attribute_value(node, "is_training") is not False:
            return False
        if reads_further_outputs(subject, node):
            return False
    constants = [constant_of(subject.graph, text) for text in node.data_inputs[1:5]]
    channels = {c.tensor.shape.dims for c in constants if c is not None}
    if len(constants) != 4 or None in constants or len(channels) != 1:
        return False
    dims = channels.pop()
    if dims is None or len(dims) != 1 or not dims[0] or not _has_variances(constants):
        return False
    if not node.data_inputs:
        return False
    source = _linear(subject, node, node.data_inputs[0])
    same_layout = source is not None and (
        attribute_value(source, "data_format") in (None, b"NHWC")
        and attribute_value(node, "data_format") in (None, b"NHWC")
    )
    return same_layout and source is not None and _channels(subject, source) == dims[0]


def _has_variances(constants: list[Constant | None]) -> bool:
    """Whether the constants are float32 or float64, as what is folded has to be."""
    return all(c is not None and c.tensor.dtype.name in ("float32", "float64") for c in constants)


def reads_further_outputs(subject: Subject, node: Node) -> bool:
    """Whether the statistics that a batch norm gives beside its result are read."""
    if any(output_number(o) and producer(o) == node.name for o in subject.outputs):
        return True
    return any(
        producer(text) == node.name and output_number(text) > 0
        for reader in subject.graph.consumers(node.name)
        for text in reader.inputs
    )


def foldable_products(subject: Subject) -> tuple[list[Node], bool]:
    """The products that fold_batch_norms folds.

    Returns:
        The products, and whether a constant of one has to be computed before, by fold_constants.
    """
    found = []
    computed = False
    for node in subject.nodes_of("Mul"):
        data = node.data_inputs
        if len(data) != 2:
            continue
        for text, other in (data, data[::-1]):
            source = _linear(subject, node, text)
            name = producer(other)
            if source is None or not subject.inference.constness.is_constant(name):
                continue
            dims = subject.dims(other)
            channels = _channels(subject, source)
            if channels is None or dims is None or dims not in ((), (1,), (channels,)):
                continue
            constant = constant_of(subject.graph, other)
            nodes = [] if constant is None else [constant.node, *constant.way]
            if any(len(subject.graph.consumers(n.name)) > 1 for n in nodes):
                continue
            if name in subject.output_nodes:
                continue
            computed = computed or constant is None
            found.append(node)
    return found, computed


def _linear(subject: Subject, reader: Node, text: str) -> Node | None:
    """The convolution or product a tensor comes from, if it and its weights are read once."""
    node = subject.graph.get(producer(text))
    for _ in range(2):
        if node is None or not _is_read_once(subject, node, reader):
            return None
        if node.op in LINEAR:
            break
        if node.op != "BiasAdd" or not _has_constant_bias(subject, node):
            return None
        reader = node
        node = subject.source(node, 0)
    if node is None or node.op not in LINEAR or len(node.data_inputs) < 2:
        return None
    weights = constant_of(subject.graph, node.data_inputs[1])
    if weights is None or weights.tensor.dtype.name not in ("float32", "float64"):
        return None
    for step in (weights.node, *weights.way):
        if len(subject.graph.consumers(step.name)) > 1 or step.name in subject.output_nodes:
            return None
    return node


def _has_constant_bias(subject: Subject, node: Node) -> bool:
    bias = constant_of(subject.graph, node.data_inputs[1]) if len(node.data_inputs) > 1 else None
    return bias is not None and all(
        len(subject.graph.consumers(n.name)) == 1 for n in (bias.node, *bias.way)
    )


def _is_read_once(subject: Subject, node: Node, reader: Node) -> bool:
    if node.name in subject.output_nodes or node.name in subject.input_nodes:
        return False
    return all(other is reader for other in subject.graph.consumers(node.name))


def _channels(subject: Subject, node: Node) -> int | None:
    """The number of output channels of a convolution or product."""
    dims = subject.dims(node.name)
    return dims[-1] if dims else None
