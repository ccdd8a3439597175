"""GT500-GT519: what makes a model larger or slower than it needs to be."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.findings.finding import INFO, WARNING
from graphtools.findings.rule import Found
from graphtools.front_end import step
from graphtools.graph.following import follow
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.tensor import Tensor
from graphtools.lint.rules._batch_norms import changed, foldable_batch_norms, foldable_products
from graphtools.lint.rules._guarded import rule
from graphtools.lint.rules._memory import per_subject
from graphtools.lint.rules._tensors import output_number
from graphtools.lint.rules._wording import listed
from graphtools.lint.subject import Subject
from graphtools.wording import counted

#: Fully connected layers are worth a word from so many parameters and this share of all on.
_MANY_PARAMETERS = 1_000_000
_MOST_OF_ALL = 0.5
#: Bytes from which a constant is large, and from which what is said twice matters.
_LARGE = 1024
_WASTED = 4096


@per_subject
def _large_constants(subject: Subject) -> tuple[tuple[Node, Tensor], ...]:
    """The large constants that the outputs need, with their values."""
    large = (n for n in subject.nodes_of("Const") if n.written_size >= _LARGE)
    return tuple((n, tensor) for n in large if (tensor := n.tensor) is not None)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size / 1e3:,.1f} kB"


def _first_input(node: Node, _: Ref) -> str | None:
    return next(iter(node.data_inputs), None)


@rule("GT501", "fully-connected-parameters", INFO)
def fully_connected_parameters(subject: Subject) -> Iterator[Found]:
    """Most of a large model's parameters are those of fully connected layers.

    Why:
        Such layers use each parameter once for a result, so that the model is large without being
        good for it: the first fully connected layer of VGG-16 has 103 of its 138 million
        parameters.

    Example:
        `fc6/MatMul` with weights of [25088,4096].

    Remedy:
        Replace the flattening before the first of them by an average over height and width, or
        quantize the weights: graphtools convert FILE -o OUT --quantize dynamic
    """
    largest: tuple[int, Node | None] = (0, None)
    total = connected = 0
    counted_before: set[str] = set()
    for _, tensor in _large_constants(subject):
        if tensor.dtype.is_floating:
            total += tensor.shape.elements or 0
    if total < _MANY_PARAMETERS:
        return
    for node in subject.nodes_of("MatMul"):
        source = subject.source(node, 1)
        if source is not None:
            *_, (_, source) = follow(subject.graph, source.name, _first_input)
        weights = source.tensor if source is not None else None
        if source is None or weights is None or source.name in counted_before:
            continue
        counted_before.add(source.name)
        count = weights.shape.elements or 0
        connected += count
        largest = max(largest, (count, node), key=lambda pair: pair[0])
    if connected >= _MANY_PARAMETERS and connected > _MOST_OF_ALL * total and largest[1]:
        message = (
            f"{connected / 1e6:,.1f} of {total / 1e6:,.1f} million parameters are those of fully "
            f"connected layers, {largest[0] / 1e6:,.1f} of this one"
        )
        yield Found(largest[1], message)


@rule("GT502", "unfolded-batch-norm", INFO)
def unfolded_batch_norm(subject: Subject) -> Iterator[Found]:
    """A batch norm stands behind a convolution, into whose weights it could be folded.

    Why:
        It costs a pass over each result, and its parameters are kept beside the weights. The TFLite
        converter folds it by itself; TensorFlow and others do not.

    Example:
        `Conv2D` and then FusedBatchNormV3, or a Mul with a vector and an Add, in a frozen graph.

    Remedy:
        Fold it: graphtools transform FILE -o OUT --transforms fold_old_batch_norms

        Where it was written as a product and a sum, fold_batch_norms.
    """
    norms, cure = foldable_batch_norms(subject)
    if norms:
        names = listed(n.name for n in norms)
        message = f"{counted(len(norms), 'batch norm')} can be folded into the weights: {names}"
        yield Found(norms[0], message, cure=cure)
    products, cure = foldable_products(subject)
    if products:
        names = listed(n.name for n in products)
        message = f"{counted(len(products), 'product')} can be folded into the weights: {names}"
        remedy = "Fold it: " + step("transform", "FILE", output="OUT", spec=cure)
        yield Found(products[0], message, remedy, cure=cure)


@rule("GT503", "atrous-pattern", INFO)
def atrous_pattern(subject: Subject) -> Iterator[Found]:
    """A dilated convolution is written with SpaceToBatchND and BatchToSpaceND.

    Why:
        TensorFlow 1.x has no kernel for dilations on a CPU and writes them so. Image and result are
        copied twice; the GPU delegate and the Edge TPU know neither of the two ops.

    Example:
        `SpaceToBatchND`, `Conv2D`, `BatchToSpaceND` in a DeepLab.

    Remedy:
        Make one convolution of the three: graphtools transform FILE -o OUT --transforms
        flatten_atrous_conv

        With use_dilations=true it gets dilations in place of larger weights.
    """
    nodes = list(subject.nodes_of("BatchToSpaceND")) if "SpaceToBatchND" in subject.ops else []
    found = changed(subject, nodes, "flatten_atrous_conv")
    if found:
        names = listed(n.name for n in found)
        message = f"{counted(len(found), 'convolution')} between SpaceToBatchND and {names}"
        yield Found(found[0], message, cure="flatten_atrous_conv")


@rule("GT504", "duplicate-constants", INFO, cure="merge_duplicate_nodes")
def duplicate_constants(subject: Subject) -> Iterator[Found]:
    """Large constants that are the same.

    Why:
        Each is in the file and in memory as often as it is written.

    Example:
        The anchors of a detector for each of its feature maps, or shared weights that were frozen
        once for each tower.

    Remedy:
        Let one stand for all: graphtools transform FILE -o OUT --transforms merge_duplicate_nodes
    """
    alike: dict[tuple[object, ...], list[tuple[Node, Tensor]]] = {}
    for node, tensor in _large_constants(subject):
        if node.name not in subject.output_nodes:
            key = (tensor.dtype, tensor.shape, node.inputs, node.device)
            alike.setdefault(key, []).append((node, tensor))
    copies: list[Node] = []
    for group in alike.values():
        if len(group) < 2:
            continue
        import hashlib

        seen: set[bytes] = set()
        for node, tensor in group:
            digest = hashlib.blake2b(digest_size=16)
            for piece in tensor.pieces():
                digest.update(piece)
            if digest.digest() in seen:
                copies.append(node)
            seen.add(digest.digest())
    if sum(node.written_size for node in copies) >= _WASTED:
        copies = changed(subject, copies, "merge_duplicate_nodes")
    wasted = sum(node.written_size for node in copies)
    if wasted >= _WASTED:
        names = listed(n.name for n in copies)
        message = f"{counted(len(copies), 'constant')} ({names}) are there already: "
        yield Found(copies[0], f"{message}{_megabytes(wasted)}")


@rule("GT505", "float64-weights", WARNING)
def float64_weights(subject: Subject) -> Iterator[Found]:
    """Weights of type float64.

    Why:
        They are twice as large, and what computes with them is slower and, in TFLite, mostly not
        there: a float64 Conv2D needs Select TF ops.

    Example:
        Weights that were made by numpy without a dtype: `tf.constant(numpy.random.rand(3, 3, 64,
        64))`.

    Remedy:
        Build the graph with float32 and convert the checkpoint's values.
    """
    found = []
    size = 0
    for node, tensor in _large_constants(subject):
        if tensor.dtype.name == "float64":
            found.append(node)
            size += tensor.nbytes
    if found:
        names = listed(n.name for n in found)
        message = f"{counted(len(found), 'constant')} of float64, {_megabytes(size)}: {names}"
        yield Found(found[0], message)


@rule("GT507", "identity-chain", INFO, cure="remove_nodes(op=Identity)")
def identity_chain(subject: Subject) -> Iterator[Found]:
    """An Identity reads another one.

    Why:
        Each is a step of the executor, and hides from other tools what is behind it.

    Example:
        `Identity(Identity(x))`, as device scopes, gradients and partly removed dropouts leave them.

    Remedy:
        Take them out: graphtools transform FILE -o OUT --transforms "remove_nodes(op=Identity)"
    """
    cure = "remove_nodes(op=Identity)"
    pairs = []
    for node in subject.nodes_of("Identity"):
        source = subject.source(node, 0)
        if source is None or source.op != "Identity" or output_number(node.data_inputs[0]):
            continue
        pairs.append((node, source))
    gone = set(changed(subject, list({n: None for pair in pairs for n in pair}), cure))
    found = [node for node, source in pairs if node in gone or source in gone]
    if found:
        names = listed(n.name for n in found)
        yield Found(found[0], f"{counted(len(found), 'Identity node')} behind another: {names}")
