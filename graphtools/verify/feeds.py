"""What a graph is fed with to see what it computes: given arrays, or random ones."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.analysis.integer_range import integer_range
from graphtools.errors import FileProblem, InvalidValue, UnknownName
from graphtools.front_end import param
from graphtools.graph.dtypes import BOOL, DType
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.ops.inference import Inference, infer_shapes
from graphtools.samples.array_files import ArrayFile, key_of
from graphtools.samples.inputs import castable

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Sizes that unknown dimensions get: the first (the batch), those of images, and others.
_BATCH, _IMAGE, _OTHER = 1, 64, 8
#: Starts the random numbers.
SEED = 0


class Feeds(NamedTuple):
    """What a graph is fed with.

    Attributes:
        arrays: By tensor name, as `input:0`.
        source: Where the values come from.

    Example:
        >>> import numpy as np
        >>> Feeds({"input:0": np.zeros((1, 3))}).source
        'given'
    """

    arrays: dict[str, NDArray[Any]]
    source: str = "given"


@dataclasses.dataclass(frozen=True)
class FedInput:
    """An input that was fed.

    Attributes:
        name: Name of the tensor.
        dtype: Element type of the values, by numpy's name; `string` for strings.
        shape: Their dimensions.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]


def describe_feeds(feeds: Feeds) -> tuple[FedInput, ...]:
    """What is fed, without the values."""
    return tuple(
        FedInput(
            str(Ref.parse(name)),
            "string" if array.dtype.kind in "OSU" else array.dtype.name,
            array.shape,
        )
        for name, array in feeds.arrays.items()
    )


def make_feeds(
    graph: Graph,
    inputs: Sequence[str],
    path: str | os.PathLike[str] | None = None,
    input_shapes: Mapping[str, Shape] | None = None,
    seed: int = SEED,
    keys: Mapping[str, str] | None = None,
) -> Feeds:
    """Values for inputs: those of an .npz file if there is one, else random ones.

    Args:
        graph: The graph.
        inputs: Names of the inputs.
        path: The file.
        input_shapes: Shapes of inputs that do not follow from the graph.
        seed: Starts the random numbers.
        keys: By name of an input, what it is called in a signature.

    Raises:
        InvalidValue: There is a file, whose values have shapes, and shapes besides.
        GraphtoolsError: See `load_feeds` and `random_feeds`.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> feeds = graphtools.make_feeds(graph, ["input"])
        >>> feeds.arrays["input:0"].shape, feeds.source
        ((1, 32, 32, 3), 'random, seed 0')
    """
    if path is None:
        return random_feeds(graph, inputs, input_shapes, seed)
    if input_shapes:
        raise InvalidValue(
            f"the values in {os.fspath(path)} have shapes, and others are given besides",
            f"leave out one of {param('feed')} and {param('input_shapes')}",
        )
    return load_feeds(path, graph, inputs, keys)


def random_feeds(
    graph: Graph,
    inputs: Sequence[str],
    input_shapes: Mapping[str, Shape] | None = None,
    seed: int = SEED,
) -> Feeds:
    """Random values for inputs, the same each time.

    Floats are normally distributed; integers that look something up go over what is there to be
    looked up, of others uint8 from 0 to 255 and the rest from 0 to 4; scalars are 1 (a share to
    keep) and False (not a training); strings are empty. Of unknown dimensions the first is 1, those
    of images are 64 and others 8.

    Args:
        graph: The graph.
        inputs: Names of the inputs.
        input_shapes: Shapes of inputs that do not follow from the graph.
        seed: Starts the random numbers.

    Raises:
        UnknownName: An input is not there.
        InvalidValue: The shape of an input is not known, or its type cannot be fed.
    """
    import numpy as np

    inference = _infer(graph, inputs, input_shapes, readers=True)
    arrays = {}
    for ref in _refs(graph, inputs):
        kind = inference.dtype(ref.node, ref.index)
        if kind is None or not kind.array_name:
            raise InvalidValue(
                f"{str(ref)!r} cannot be fed: its type is {kind.name if kind else 'not known'}",
                "name placeholders, or tensors that hold numbers, as inputs",
            )
        known = inference.shape(ref.node, ref.index)
        if known.dims is None and kind.base is BOOL:
            known = Shape(())  # a switch between training and inference
        shape = _filled(ref, known)
        # each input has numbers of its own, whatever other inputs there are
        numbers = np.random.default_rng([seed, *ref.tensor.encode()])
        size = integer_range(inference, ref.tensor).size
        arrays[ref.tensor] = _random(numbers, kind.base, shape, size)
    return Feeds(arrays, f"random, seed {seed}")


def load_feeds(
    path: str | os.PathLike[str],
    graph: Graph,
    inputs: Sequence[str],
    keys: Mapping[str, str] | None = None,
) -> Feeds:
    """Values for inputs from an .npz file.

    Its keys are `name`, `name:0` or `in|name:0`, slashes in names may be written as `|`; or those
    of a signature.

    Raises:
        FileProblem: The file cannot be read, or is no .npz.
        UnknownName: An input is not in the graph.
        InvalidValue: The file has no values for an input, or they do not fit it.
    """
    found = _read(path)
    inference = _infer(graph, inputs)
    arrays = {}
    for ref in _refs(graph, inputs):
        called = (keys or {}).get(str(ref), "")
        key = key_of(ref, found, called)
        if key is None:
            listed = ", ".join(repr(k) for k in list(found)[:6]) or "nothing"
            raise InvalidValue(
                f"{os.fspath(path)} holds no values for the input {str(ref)!r}",
                f"its keys are {listed}; wanted is {str(ref)!r} or {called or ref.tensor!r}",
            )
        kind, shape = inference.dtype(ref.node, ref.index), inference.shape(ref.node, ref.index)
        arrays[ref.tensor] = fitted_to(ref, found[key], kind, shape)
    return Feeds(arrays, os.fspath(path))


def fitted_to(ref: Ref, array: NDArray[Any], kind: DType | None, shape: Shape) -> NDArray[Any]:
    """Values as an input takes them: of its type.

    Raises:
        InvalidValue: They are of another kind or shape.
    """
    _check_fit(ref, array, kind, shape)
    return _as_kind(array, kind)


def _refs(graph: Graph, inputs: Sequence[str]) -> list[Ref]:
    refs = [Ref.from_user(text) for text in inputs]
    for ref in refs:
        graph.find(ref.node)
    return refs


def _infer(
    graph: Graph,
    inputs: Sequence[str],
    input_shapes: Mapping[str, Shape] | None = None,
    *,
    readers: bool = False,
) -> Inference:
    """The shapes of inputs, and where integers are read of what reads them."""
    shapes = {Ref.from_user(name): shape for name, shape in (input_shapes or {}).items()}
    refs = _refs(graph, inputs)
    for ref in shapes:
        if ref not in refs:
            graph.find(ref.node)
            raise UnknownName(
                f"a shape is given for {str(ref)!r}, which is not among the inputs",
                f"the inputs are {', '.join(map(str, refs)) or 'none'}",
            )
    names = {str(ref): shape for ref, shape in shapes.items()}
    found = infer_shapes(graph, names, [r.node for r in refs])
    kinds = (found.dtype(r.node, r.index) for r in refs)
    if readers and any(kind is not None and kind.is_integer for kind in kinds):
        return infer_shapes(graph, names)
    return found


def _filled(ref: Ref, shape: Shape) -> tuple[int, ...]:
    """A shape with numbers for what is unknown."""
    if shape.dims is None:
        raise InvalidValue(
            f"the shape of the input {str(ref)!r} is not known",
            f"give it: {param(input_shapes={ref: [1, 224, 224, 3]})}",
        )
    inner = _IMAGE if len(shape.dims) == 4 else _OTHER
    return tuple(
        (inner if axis else _BATCH) if d is None else d for axis, d in enumerate(shape.dims)
    )


def _random(numbers: Any, kind: DType, shape: tuple[int, ...], size: int | None) -> NDArray[Any]:
    import numpy as np

    wanted = kind.numpy()
    if wanted.kind == "O":
        return np.full(shape, b"", np.object_)
    if wanted.kind == "b":
        drawn = numbers.integers(0, 2, shape) if shape else 0
    elif wanted.kind in "iu" and size is not None:
        drawn = numbers.integers(0, max(min(size, np.iinfo(wanted).max + 1), 1), shape)
    elif not shape:
        drawn = 1
    elif wanted.kind == "f":
        drawn = numbers.standard_normal(shape)
    elif wanted.kind == "c":
        drawn = numbers.standard_normal(shape) + 1j * numbers.standard_normal(shape)
    elif kind.name in ("uint8", "quint8"):
        drawn = numbers.integers(0, 256, shape)
    else:
        drawn = numbers.integers(0, 2 if kind.name.endswith("int2") else 5, shape)
    return np.asarray(drawn).astype(wanted)


def _read(path: str | os.PathLike[str]) -> dict[str, NDArray[Any]]:
    with ArrayFile(path) as file:
        if file.single:
            raise FileProblem(
                f"{file.path} is a single array, no .npz",
                "save it with: numpy.savez(file, **{'input:0': array})",
            )
        return {key: file[key] for key in file.keys}


def _check_fit(ref: Ref, array: NDArray[Any], kind: DType | None, shape: Shape) -> None:
    dims = shape.dims
    fits = dims is None or (
        len(dims) == array.ndim
        and all(d is None or d == n for d, n in zip(dims, array.shape, strict=True))
    )
    if not fits:
        given = Shape(array.shape)
        raise InvalidValue(f"the input {str(ref)!r} has the shape {shape}, its values have {given}")
    if kind is None or not kind.array_name:
        return
    text = array.dtype.kind in "OSU"
    if text is not (kind.numpy().kind == "O") or not (text or castable(array, kind)):
        raise InvalidValue(
            f"the input {str(ref)!r} is {kind.base.name}, its values are {array.dtype.name}"
        )


def _as_kind(array: NDArray[Any], kind: DType | None) -> NDArray[Any]:
    import numpy as np

    if array.dtype.kind == "U":
        return np.char.encode(array, "utf-8").astype(np.object_)
    if array.dtype.kind in "OS":
        return array.astype(np.object_)
    return array if kind is None or not kind.array_name else array.astype(kind.numpy())
