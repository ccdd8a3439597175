"""Puts the preparation of images into a graph, in front of its input: `put_head`.

    decode-jpeg          the input becomes the content of one JPEG file
    resize=HxW           bilinear, with the corners of TensorFlow 1; without a size the input's own
    scale=1/127.5        times a number, or one a channel, as 1:0.5:2
    shift=-1             plus a number
    mean=127.5 std=64    minus a number; divided by one
    uint8                the input becomes of this type, and is cast

They are computed in the order in which they stand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from graphtools.errors import InvalidGraph, InvalidValue
from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import STRING, DType, dtype
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.placeholders import FED
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.transforms.join import JoinedGraph, JoinReport
from graphtools.wording import did_you_mean

_SCOPE = "preprocess"
_DECODE, _RESIZE = "decode-jpeg", "resize"
_ARITHMETIC: Mapping[str, str] = {"scale": "Mul", "shift": "AddV2", "mean": "Sub", "std": "RealDiv"}
_TYPES = ("uint8", "int32", "float16")
_FLOATS = ("float32", "float64", "float16", "bfloat16")
_KNOWN = (_DECODE, _RESIZE, *_ARITHMETIC, *_TYPES)


def put_head(graph: Graph, name: str, steps: Sequence[str]) -> list[str]:
    """Let a graph prepare its input itself; the input keeps its name.

    Args:
        graph: The graph, which is changed.
        name: Its input: a placeholder of floats, for images as [batch, height, width, channels].
        steps: What is computed, as `scale=1/127.5`; see this module.

    Returns:
        Remarks for the user.

    Raises:
        UnknownName: The input is not there.
        InvalidValue: A step is none, or cannot stand there.
        InvalidGraph: The input is none that images are fed to.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> put_head(graph, "input", ["uint8", "scale=1/127.5", "shift=-1"])
        ["'input' takes uint8 [?,32,32,3] now"]
    """
    placeholder = graph.find(name)
    kind, shape = placeholder.attr("dtype"), placeholder.attr("shape")
    if placeholder.op not in FED or not isinstance(kind, DType):
        raise InvalidGraph(f"{name!r} is {placeholder.op}, and no input that is fed")
    if kind.base.name not in _FLOATS:
        raise InvalidGraph(f"{name!r} is of {kind.base}, and images are prepared as floats")
    dims = shape.dims if isinstance(shape, Shape) else None
    head = _Head(graph, placeholder, kind.base, dims)
    for at, text in enumerate(steps):
        head.put(text, is_first=at == 0)
    return head.done()


class _Head:
    """The nodes that are made in front of a placeholder."""

    def __init__(
        self, graph: Graph, placeholder: Node, kind: DType, dims: tuple[int | None, ...] | None
    ) -> None:
        self._graph = graph
        self._placeholder = placeholder
        self._kind = kind
        self._dims = dims
        self._fed: tuple[DType, Shape] = kind, Shape(dims)
        self._nodes: list[Node] = []
        self._last = placeholder.name
        self._names: set[str] = set()

    def put(self, text: str, *, is_first: bool) -> None:
        """Add a step.

        Raises:
            InvalidValue: It is none, or cannot stand there.
        """
        step, _, value = text.partition("=")
        if step not in _KNOWN:
            raise InvalidValue(
                f"{text!r} prepares nothing", did_you_mean(step, _KNOWN, ", ".join(_KNOWN))
            )
        if (step in (_DECODE, *_TYPES)) and (not is_first or value):
            raise InvalidValue(f"{text!r} has to stand first and alone: it is what is fed")
        if step == _DECODE:
            self._decode()
        elif step in _TYPES:
            self._fed = dtype(step), self._fed[1]
            self._cast(dtype(step))
        elif step == _RESIZE:
            self._resize(value)
        else:
            self._compute(step, value)

    def done(self) -> list[str]:
        """Put the nodes into the graph.

        Raises:
            InvalidGraph: What reads the input is not known to read its type.
        """
        graph, placeholder = self._graph, self._placeholder
        readers = graph.consumers(placeholder.name)
        for reader in readers:
            texts = (f"{placeholder.name}:0", placeholder.name)
            graph.set_inputs(reader, [self._last if i in texts else i for i in reader.inputs])
        before = readers[0] if readers else None
        for node in self._nodes:
            graph.add(node, before=before)
        kind, shape = self._fed
        graph.set_attr(placeholder, "dtype", kind)
        graph.set_attr(placeholder, "shape", shape)
        graph.remove_attr(placeholder, "_output_shapes")
        return [f"{placeholder.name!r} takes {kind} {shape} now"]

    def _add(self, name: str, op: str, inputs: Sequence[str], **attrs: Attr) -> str:
        wanted = f"{_SCOPE}/{name}"
        number, found = 0, wanted
        while found in self._graph or found in self._names:
            number += 1
            found = f"{wanted}_{number}"
        self._names.add(found)
        self._nodes.append(Node(found, op, inputs, attrs))
        return found

    def _constant(self, name: str, value: object, kind: DType) -> str:
        tensor = Tensor.of(value, kind)
        return self._add(name, "Const", [], dtype=kind, value=tensor)

    def _cast(self, source: DType) -> None:
        if source is not self._kind:
            self._last = self._add("Cast", "Cast", [self._last], SrcT=source, DstT=self._kind)

    def _decode(self) -> None:
        channels = self._channels() or 3
        if channels not in (1, 3):
            raise InvalidValue(f"a JPEG has 1 or 3 channels, and the input has {channels}")
        decoded = self._add("DecodeJpeg", "DecodeJpeg", [self._last], channels=channels)
        axis = self._constant("ExpandDims/dim", 0, dtype("int32"))
        kinds: dict[str, Attr] = {"T": dtype("uint8"), "Tdim": dtype("int32")}
        self._last = self._add("ExpandDims", "ExpandDims", [decoded, axis], **kinds)
        self._fed = STRING, Shape(())
        self._cast(dtype("uint8"))
        if len(self._dims or ()) == 4 and (self._dims or ())[0] not in (None, 1):
            raise InvalidValue("a JPEG is one image, and the input takes a batch of several")

    def _channels(self) -> int | None:
        dims = self._dims
        if dims is not None and len(dims) != 4:
            raise InvalidGraph(
                f"the input has the shape {Shape(dims)}, and images have [batch,height,width,"
                "channels]"
            )
        return dims[3] if dims else None

    def _resize(self, value: str) -> None:
        self._channels()
        sizes = list((self._dims or (None, None, None))[1:3])
        if value:
            parts = value.lower().split("x")
            if len(parts) != 2 or not all(p.isdecimal() and int(p) for p in parts):
                raise InvalidValue(f"{value!r} is no size of an image", "write HEIGHTxWIDTH")
            wanted = [int(p) for p in parts]
            if any(a not in (None, b) for a, b in zip(sizes, wanted, strict=True)):
                raise InvalidValue(f"the graph takes images of {sizes[0]}x{sizes[1]}, not {value}")
            sizes = list(wanted)
        if None in sizes:
            raise InvalidValue("the graph takes images of any size", "write resize=HEIGHTxWIDTH")
        size = self._constant("ResizeBilinear/size", sizes, dtype("int32"))
        resized = self._add("ResizeBilinear", "ResizeBilinear", [self._last, size], T=self._kind)
        self._last, kind = resized, dtype("float32")
        if self._kind is not kind:  # it gives float32, whatever it takes
            self._last = self._add("Cast", "Cast", [resized], SrcT=kind, DstT=self._kind)
        fed_kind, fed = self._fed
        if fed.dims:
            self._fed = fed_kind, Shape([fed.dims[0], None, None, fed.dims[3]])

    def _compute(self, step: str, value: str) -> None:
        numbers = _numbers(step, value)
        channels = self._dims[-1] if self._dims else None
        if len(numbers) > 1 and channels not in (None, len(numbers)):
            raise InvalidValue(f"{step} has {len(numbers)} numbers for {channels} channels")
        op = _ARITHMETIC[step]
        value_of = numbers if len(numbers) > 1 else numbers[0]
        constant = self._constant(f"{step}/y", value_of, self._kind)
        self._last = self._add(step, op, [self._last, constant], T=self._kind)


def _numbers(step: str, value: str) -> list[float]:
    """Numbers as they are typed: 127.5, 1/127.5, or one a channel with colons between.

    Raises:
        InvalidValue: They are none.
    """
    found = []
    for text in value.split(":"):
        above, _, below = text.partition("/")
        try:
            number = float(Fraction(above) / Fraction(below or "1"))
        except (ValueError, ZeroDivisionError, OverflowError):
            raise InvalidValue(
                f"{step}={value!r} is no number", f"write {step}=1/127.5, or one a channel: 1:2:3"
            ) from None
        if step == "std" and number <= 0:
            raise InvalidValue(f"{step}={value!r} must be above 0")
        found.append(number)
    if not all(map(math.isfinite, found)):
        raise InvalidValue(f"{step}={value!r} is not finite")
    return found


def with_head(graph: Graph, inputs: Sequence[str], steps: Sequence[str]) -> JoinedGraph:
    """A graph that prepares its only input itself; see `put_head`.

    Args:
        graph: The graph; it is not changed.
        inputs: Names of its inputs.
        steps: What is computed.

    Raises:
        InvalidValue, InvalidGraph: See `put_head`; it has not just one input.
    """
    if len(inputs) != 1:
        raise InvalidValue(
            f"the graph has the inputs {', '.join(inputs) or 'none'}",
            "cut it to the one that images are fed to",
        )
    made = graph.copy()
    notes = put_head(made, inputs[0], [step.strip() for step in steps])
    return JoinedGraph(made, JoinReport((), len(made), tuple(inputs), ("", ""), tuple(notes)))
