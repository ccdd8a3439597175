"""Graphs of one op that reads constants, and what it gives here and in TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from graphtools.graph.dtypes import DType, dtype
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.tensor import Tensor
from graphtools.ops.definitions import op_definition, output_dtypes
from graphtools.ops.evaluation import Evaluator, NotConstant
from graphtools.ops.inference import Inference

Input = Any


def const(name: str, value: Any, kind: DType | str | None = None) -> Node:
    """A Const node."""
    tensor = Tensor.from_array(np.asarray(value), kind)
    return Node(name, "Const", (), {"dtype": tensor.dtype, "value": tensor})


def single(op: str, *inputs: Input, kinds: Sequence[str | None] = (), **attrs: Any) -> Graph:
    """A graph of constants and one node `out` that reads them.

    Args:
        op: The op.
        inputs: One array an argument, for an argument that is a list a list of arrays.
        kinds: Dtypes of the arguments where they are not those of the arrays.
        attrs: Attributes; types and numbers of tensors are found from the inputs.
    """
    graph = Graph()
    names: list[str] = []
    found: dict[str, Any] = {}
    definition = op_definition(op)
    assert definition is not None
    for position, (argument, value) in enumerate(zip(definition.inputs, inputs, strict=True)):
        kind = kinds[position] if position < len(kinds) else None
        if kind is None and argument.dtype is not None:
            kind = argument.dtype.name
        parts = value if isinstance(value, list) else [value]
        nodes = [const(f"in{len(names) + i}", part, kind) for i, part in enumerate(parts)]
        for node in nodes:
            graph.add(node)
            names.append(node.name)
        types = [n.attrs["dtype"] for n in nodes]
        if argument.type_attr and types:
            found.setdefault(argument.type_attr, types[0])
        if argument.number_attr:
            found.setdefault(argument.number_attr, len(nodes))
        if argument.type_list_attr:
            found.setdefault(argument.type_list_attr, types)
    given = {k: dtype(v) if _is_type(definition, k) else v for k, v in attrs.items()}
    graph.add(Node("out", op, tuple(names), found | given))
    return graph


def _is_type(definition: Any, name: str) -> bool:
    attribute = definition.attribute(name)
    return attribute is not None and attribute.type == "type"


def here(graph: Graph) -> list[np.ndarray[Any, Any]]:
    """What the node `out` gives, by evaluation here.

    Raises:
        NotConstant: It is refused.
    """
    evaluator = Evaluator(Inference(graph))
    outputs = [evaluator.evaluate("out", 0)]
    for index in range(1, len(output_dtypes(graph["out"]) or ())):
        try:
            outputs.append(evaluator.evaluate("out", index))
        except NotConstant:
            break
    return outputs


def value(op: str, *inputs: Input, **attrs: Any) -> Any:
    """The first output of an op."""
    return here(single(op, *inputs, **attrs))[0]


def in_tensorflow(tf: Any, graph: Graph) -> list[np.ndarray[Any, Any]] | str:
    """What the node `out` gives in a TensorFlow session, or the message of its error."""
    definition = tf.compat.v1.GraphDef()
    definition.versions.producer = graph.versions.producer or 1087
    for node in graph:
        definition.node.add().ParseFromString(node.to_bytes())
    config = tf.compat.v1.ConfigProto(
        intra_op_parallelism_threads=1, inter_op_parallelism_threads=1
    )
    config.graph_options.optimizer_options.opt_level = -1
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    try:
        with tf.Graph().as_default() as built:
            (out,) = tf.import_graph_def(definition, name="", return_elements=["out"])
        with tf.compat.v1.Session(graph=built, config=config) as session:
            found = session.run(list(out.outputs))
    except (ValueError, tf.errors.OpError) as error:
        return str(error)
    return [_plain(np.asarray(v)) for v in found]


def _plain(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """An array of TensorFlow's in the type in which values are held here."""
    if array.dtype.name == "bfloat16":
        return array.astype(np.float32)
    if array.dtype.names:  # a quantized type: a structure of one field
        return array.view(array.dtype[0])
    return array


def ulps(ours: np.ndarray[Any, Any], theirs: np.ndarray[Any, Any]) -> float:
    """The largest distance of two float arrays in units of the last place.

    What is too small for a normal number counts as zero: TensorFlow makes it so in most places.
    """
    if ours.dtype.kind == "c":
        return max(ulps(ours.real, theirs.real), ulps(ours.imag, theirs.imag))
    tiny = np.finfo(ours.dtype).tiny
    a, b = (np.where(np.abs(v) < tiny, 0, v).astype(ours.dtype) for v in (ours, theirs))
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(all="ignore"):
        size = np.maximum(np.spacing(np.abs(b)), np.spacing(tiny))
        distance = np.abs(a.astype(np.longdouble) - b) / size
    distance = np.where(np.isnan(distance), np.inf, distance)
    return float(np.max(np.where(same, 0, distance), initial=0))


def check_against(
    tf: Any,
    graph: Graph,
    tolerance: float = 2,
    *,
    must: bool = True,
    outputs: int | None = None,
    absolute: float = 0,
) -> None:
    """Compare what is computed here with TensorFlow.

    Args:
        tf: TensorFlow.
        graph: A graph of `single`.
        tolerance: Units of the last place that floats may differ by; bfloat16 is held as float32,
            so that there any difference is many.
        must: Whether a refusal here is wrong where TensorFlow gives a value.
        outputs: How many outputs are compared; all if None.
        absolute: A difference that floats may always have, where TensorFlow loses digits.
    """
    theirs = in_tensorflow(tf, graph)
    try:
        ours = here(graph)
    except NotConstant as refusal:
        assert not must or isinstance(theirs, str), (refusal.message, theirs)
        return
    if isinstance(theirs, str):
        # no kernel for the type: the meaning is plain, though TensorFlow does not compute it
        assert "No OpKernel" in theirs or "not in the list of allowed" in theirs, (theirs, ours)
        return
    for a, b in list(zip(ours, theirs, strict=False))[:outputs]:
        assert (a.shape, a.dtype) == (b.shape, b.dtype), (a, b)
        if a.dtype.kind in "fc":
            if not (absolute and np.allclose(a, b, rtol=0, atol=absolute)):
                assert ulps(a, b) <= tolerance, (ulps(a, b), a, b)
        else:
            assert np.array_equal(a, b), (a, b)


# Strategies

FLOATS = ["float16", "float32", "float64"]
INTS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 3.0, np.inf, -np.inf, np.nan]


@st.composite
def arrays(
    draw: st.DrawFn, kind: str, shape: Any = None, *, plain: bool = False, most: int = 4
) -> np.ndarray[Any, Any]:
    """An array of a type, often with values at the edges of what it holds.

    Args:
        draw: From hypothesis.
        kind: Name of the numpy type.
        shape: Shape; any small one if None.
        plain: Without NaN, infinities and very large numbers.
        most: Largest extent.
    """
    if shape is None:
        shape = draw(shapes(most=most))
    if kind in ("complex64", "complex128"):
        part = "float32" if kind == "complex64" else "float64"
        real, imag = (draw(arrays(part, shape, plain=True)) for _ in "ri")
        return (real + 1j * imag).astype(kind)
    if kind == "bool":
        elements: Any = st.booleans()
    elif kind.startswith("float"):
        width: Any = int(kind[5:])
        elements = st.floats(-8, 8, width=width, allow_subnormal=False)
        if not plain:
            full = st.floats(width=width, allow_subnormal=False)
            elements = st.one_of(elements, st.sampled_from(SPECIAL), full)
    else:
        limits = np.iinfo(kind)
        low, high = int(limits.min), int(limits.max)
        small = st.integers(max(low, -9), 9)
        edges = st.sampled_from([low, low + 1, high, high - 1])
        elements = small if plain else st.one_of(small, edges, st.integers(low, high))
    return draw(hnp.arrays(kind, shape, elements=elements, fill=st.nothing()))


def shapes(least: int = 0, most: int = 4, ranks: tuple[int, int] = (0, 3)) -> Any:
    """Small shapes, some of them empty."""
    return hnp.array_shapes(min_dims=ranks[0], max_dims=ranks[1], min_side=least, max_side=most)


@st.composite
def pairs(draw: st.DrawFn, /, kind: str, **options: Any) -> tuple[Any, Any]:
    """Two arrays that broadcast."""
    found = draw(
        hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=3)
    )
    left, right = (draw(arrays(kind, s, **options)) for s in found.input_shapes)
    return left, right
