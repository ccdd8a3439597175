"""to_nhwc.

With the permutation p of NCHW to NHWC, an op f that works on images is

    f_nchw(x) = p^-1(f_nhwc(p(x)))

and what computes element by element commutes with p, so that of two permutations that meet, p and
p^-1, nothing is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphtools.graph.attributes import Attr, Scalar
from graphtools.graph.colocations import update_colocations
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node, as_set
from graphtools.graph.ref import Ref, producer
from graphtools.graph.tensor import Tensor
from graphtools.idioms.batch_norm import FUSED
from graphtools.ops.definitions import attribute_value
from graphtools.ops.inference import Inference, infer_shapes
from graphtools.rewrite.constants import find_constant
from graphtools.rewrite.driver import remove_unread
from graphtools.rewrite.transform import Job, Transform
from graphtools.rewrite.unfit import Unfit

if TYPE_CHECKING:
    from graphtools.graph.dtypes import DType

_TO_LAST, _TO_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)
#: By op, the position of the input that is an image.
LAYOUT_OPS = {
    "AvgPool": 0,
    "BiasAdd": 0,
    "Conv2D": 0,
    "Conv2DBackpropInput": 2,
    "DepthToSpace": 0,
    "DepthwiseConv2dNative": 0,
    **dict.fromkeys(FUSED, 0),
    "MaxPool": 0,
    "SpaceToDepth": 0,
}
#: Ops with one input, which compute element by element.
_ELEMENTWISE = frozenset(
    "Abs Elu Exp Identity LeakyRelu Neg Relu Relu6 Selu Sigmoid Softplus Sqrt Square StopGradient "
    "Tanh".split()
)
_PER_AXIS = ("strides", "ksize", "dilations")


def run(graph: Graph, job: Job) -> None:
    """Let the ops that work on images in NCHW do so in NHWC."""
    before = {node.name for node in graph}
    inference: Inference | None = None
    #: By node that gives NCHW, the node that gives the same in NHWC.
    images: dict[str, str] = {}
    old: list[str] = []
    for node in list(_in_order(graph)):
        if _is_first(node):
            inference = inference or infer_shapes(graph)
            try:
                images[node.name] = _rewritten(graph, job, node, inference, images)
            except Unfit as refusal:
                job.skip(node.name, refusal.message)
        elif node.op in _ELEMENTWISE and len(node.data_inputs) == 1:
            source = images.get(node.data_inputs[0])
            if source is not None:
                images[node.name] = _moved(graph, node, source)
        old += map(producer, node.inputs)
    remove_unread(graph, [*dict.fromkeys(old), *images], job)
    update_colocations(graph, {name: None for name in before if name not in graph})


def _in_order(graph: Graph) -> list[Node]:
    from graphtools.graph.order import runnable_order

    return runnable_order(graph)[0]


def _is_first(node: Node) -> bool:
    return node.op in LAYOUT_OPS and attribute_value(node, "data_format") == b"NCHW"


def _rewritten(
    graph: Graph, job: Job, node: Node, inference: Inference, images: dict[str, str]
) -> str:
    """Put what computes the same in NHWC, and a Transpose back, in the place of a node.

    Returns:
        The node that gives NHWC.

    Raises:
        Unfit: Its shapes or attributes do not allow it.
    """
    position = LAYOUT_OPS[node.op]
    data = list(node.data_inputs)
    if position >= len(data):
        raise Unfit("it has too few inputs")
    ref = Ref.parse(data[position])
    dims = inference.dims(ref.node, ref.index)
    if node.op == "BiasAdd" and (dims is None or len(dims) != 4):
        raise Unfit("its input is not known to be of rank 4")
    kind = attribute_value(node, "T")
    attrs: dict[str, Attr] = dict(node.attrs)
    for name in _PER_AXIS:
        value = attrs.get(name)
        if isinstance(value, list) and len(value) == 4:
            attrs[name] = [value[a] for a in _TO_LAST]
    pads = attrs.get("explicit_paddings")
    if isinstance(pads, list) and len(pads) == 8:
        attrs["explicit_paddings"] = [p for a in _TO_LAST for p in pads[2 * a : 2 * a + 2]]
    attrs["data_format"] = b"NHWC"
    attrs.pop("_output_shapes", None)
    new: list[Node] = []
    if node.op == "Conv2DBackpropInput":
        data[0] = _permuted_sizes(graph, node, new)
    data[position] = images.get(data[position]) or _transpose(
        graph, new, data[position], _TO_LAST, kind, f"{node.name}/to_nhwc", node.device
    )
    name = graph.free_name(f"{node.name}/nhwc")
    controls = tuple(f"^{c}" for c in node.control_inputs)
    new.append(Node(name, node.op, (*data, *controls), attrs, node.device))
    # statistics of a batch norm are one value a channel, the same in both layouts
    _redirect_further_outputs(graph, job, node, name)
    _put_back(graph, node, name, kind, new)
    return name


def _redirect_further_outputs(graph: Graph, job: Job, node: Node, new: str) -> None:
    for ref in job.outputs:
        if ref.node == node.name and ref.index > 0:
            raise Unfit(f"{str(ref)!r} is an output of the graph")
    for reader in graph.consumers(node.name):
        inputs = []
        for text in reader.inputs:
            ref = Ref.parse(text)
            further = ref.node == node.name and ref.index > 0
            inputs.append(str(Ref(new, ref.index)) if further else text)
        graph.set_inputs(reader, inputs)


def _put_back(graph: Graph, node: Node, source: str, kind: Attr, new: list[Node]) -> None:
    """Replace a node by new ones and a Transpose of its name, back to NCHW."""
    for made in new:
        graph.add(made, before=node)
    rest: list[Node] = []
    permutation = _permutation(graph, rest, f"{node.name}/to_nchw/perm", _TO_FIRST, node.device)
    for made in rest:
        graph.add(made, before=node)
    attrs: dict[str, Attr] = {"T": kind, "Tperm": _int32()}
    graph.replace(node, [Node(node.name, "Transpose", (source, permutation), attrs, node.device)])


def _moved(graph: Graph, node: Node, source: str) -> str:
    """Let a node that computes element by element do so in NHWC."""
    name = graph.free_name(f"{node.name}/nhwc")
    twin = node.variant(name=name, inputs=(source, *(f"^{c}" for c in node.control_inputs)))
    if "_output_shapes" in twin.attrs:
        twin.set_encoded_attr("_output_shapes", None)
    _put_back(graph, node, name, attribute_value(node, "T"), [twin])
    return name


def _transpose(
    graph: Graph,
    new: list[Node],
    text: str,
    order: tuple[int, ...],
    kind: Attr,
    name: str,
    device: str,
) -> str:
    name = graph.free_name(name)
    permutation = _permutation(graph, new, f"{name}/perm", order, device)
    attrs: dict[str, Attr] = {"T": kind, "Tperm": _int32()}
    new.append(Node(name, "Transpose", (text, permutation), attrs, device))
    return name


def _permutation(
    graph: Graph, new: list[Node], name: str, order: tuple[int, ...], device: str
) -> str:
    import numpy as np

    name = graph.free_name(name)
    tensor = Tensor.from_array(np.array(order, np.int32))
    new.append(Node(name, "Const", (), {"dtype": tensor.dtype, "value": tensor}, device))
    return name


def _permuted_sizes(graph: Graph, node: Node, new: list[Node]) -> str:
    """The size of the result of a transposed convolution, in NHWC.

    Raises:
        Unfit: It is no constant.
    """
    import numpy as np

    constant = find_constant(graph, node.data_inputs[0])
    sizes: list[Scalar] | list[int] = constant.integers() if constant is not None else []
    if len(sizes) != 4:
        raise Unfit("the size of its result is no constant of four numbers")
    name = graph.free_name(f"{node.name}/nhwc_sizes")
    tensor = Tensor.from_array(np.array([sizes[a] for a in _TO_LAST], np.int32))
    made = Node(name, "Const", (), {"dtype": tensor.dtype}, node.device)
    made.set_encoded_attr("value", as_set(tensor))
    new.append(made)
    return name


def _int32() -> DType:
    from graphtools.graph.dtypes import INT32

    return INT32


TRANSFORM = Transform(
    "to_nhwc",
    run,
    """Let the ops that work on images in NCHW do so in NHWC, which TensorFlow's CPU kernels want.

    Takes convolutions, pools, BiasAdd, batch norms, SpaceToDepth and DepthToSpace. Transposes stand
    where images enter and leave; what computes element by element between such ops, as Relu,
    works in NHWC, too. All nodes keep their names and results.

    Not done, and reported: a BiasAdd whose input is not known to be of rank 4, a transposed
    convolution whose size is not constant. Three-dimensional convolutions are left alone.
    """,
    "to_nhwc",
)
