"""What two models are fed with: the same real values, each in the form that it takes.

Where one of them is quantized, both get what its integers stand for, so that the error of rounding
the input is none of the model's. Where one takes the image and the other what the Preprocessor
makes of it, as an SSD and its export for TFLite, both get the same image.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from graphtools.errors import InvalidValue, unknown_name
from graphtools.front_end import param
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.run.litert_tensors import dequantize
from graphtools.samples.array_files import ArrayFile, key_of
from graphtools.samples.normalization import Normalization
from graphtools.transforms.export_ssd import ExportReport, export_ssd
from graphtools.verify.graph_side import GraphSide
from graphtools.verify.model_sides import End, Side
from graphtools.verify.samples import (
    has_samples,
    loosened,
    number_of_samples,
    sample_feeds,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


@dataclasses.dataclass(frozen=True)
class FedPair:
    """An input of two models, and what it was fed with.

    Attributes:
        name_a: Its name in the first model; empty if that does not have it.
        name_b: Its name in the second.
        dtype_a: Element type that the first was fed with.
        dtype_b: That of the second.
        shape: Dimensions of the values; of the image, where the Preprocessor is in one model.
    """

    name_a: str
    name_b: str
    dtype_a: str
    dtype_b: str
    shape: tuple[int, ...]


class PairedFeeds(NamedTuple):
    """What two models are fed with.

    Attributes:
        a: Values of the first model's inputs by name.
        b: Those of the second's.
        inputs: The inputs.
        source: Where the values come from.
        notes: What the user is to know.
        samples: How many samples are to be run one by one.
        split: By model, the inputs whose values are those of all of these.
    """

    a: dict[str, Array]
    b: dict[str, Array]
    inputs: tuple[FedPair, ...]
    source: str
    notes: tuple[str, ...]
    samples: int = 1
    split: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())

    def runs(self) -> tuple[list[dict[str, Array]], list[dict[str, Array]]]:
        """What the first and the second model are fed with, run by run."""
        a, b = (
            list(sample_feeds(feeds, split, self.samples))
            for feeds, split in zip((self.a, self.b), self.split, strict=True)
        )
        return a, b


class FeedOptions(NamedTuple):
    """Where the values come from.

    Attributes:
        path: An .npz file, whose keys are `name`, `name:0` or `in|name:0`; None for random values.
        arrays: Values by name of an input of either model, in place of a file.
        shapes: Shapes of inputs, by name in either model, for random values; that of the only input
            under an empty name.
        seed: Starts the random numbers.
        one_by_one: Whether several samples are run one by one, where a model takes one at a time.
    """

    path: str | os.PathLike[str] | None = None
    arrays: Mapping[str, Any] | None = None
    shapes: Mapping[str, Shape] | None = None
    seed: int = 0
    one_by_one: bool = False


def paired_feeds(
    a: Side,
    b: Side,
    pairs: Sequence[tuple[End, End]],
    alone: tuple[Sequence[End], Sequence[End]],
    options: FeedOptions,
) -> PairedFeeds:
    """Values for the inputs of two models.

    Raises:
        FileProblem: The file cannot be read, or is no .npz.
        InvalidValue: Values are missing, or do not fit.
    """
    given, source = _given(options)
    names = [end.name for side in (a, b) for end in side.inputs]
    shapes = named_shapes(options.shapes, [end.name for end in a.inputs])
    for name in shapes:
        if name not in names:
            raise unknown_name("input", name, names, "the models")
    count, split = 1, (frozenset[str](), frozenset[str]())
    if given is not None and options.one_by_one:
        pairs, alone, count, split = _by_samples(given, pairs, alone)
    feeds: tuple[dict[str, Array], dict[str, Array]] = ({}, {})
    fed: list[FedPair] = []
    notes = [f"{count} samples were run one by one"] if count > 1 else []
    for ends in pairs:
        known = _lookup(given, ends)
        if given is not None and known is None:
            raise _missing(ends[0], given, source)
        shape = next((shapes[end.name] for end in ends if end.name in shapes), None)
        image = _image_export(a, b, ends)
        if image is not None:
            values = _image_values(a, b, ends, image, known, options.seed)
            notes.append(_image_note(image))
        else:
            values = _same_values(a, b, ends, known, shape, options.seed, notes)
        left, right = values
        feeds[0][ends[0].name], feeds[1][ends[1].name] = left, right
        kinds = left.dtype.name, right.dtype.name
        fed.append(FedPair(ends[0].name, ends[1].name, *kinds, left.shape))
    for number, side in enumerate((a, b)):
        for end in alone[number]:
            known = _lookup(given, (end,))
            shape = shapes.get(end.name)
            array = side.fit(end, known[1]) if known else side.random(end, shape, options.seed)
            feeds[number][end.name] = array
            kind = array.dtype.name
            fed.append(
                FedPair("", end.name, "", kind, array.shape)
                if number
                else FedPair(end.name, "", kind, "", array.shape)
            )
    return PairedFeeds(*feeds, tuple(fed), source, tuple(notes), count, split)


_Pairs: TypeAlias = Sequence[tuple[End, End]]
_Alone: TypeAlias = tuple[Sequence[End], Sequence[End]]


def _by_samples(
    given: dict[str, Array], pairs: _Pairs, alone: _Alone
) -> tuple[_Pairs, _Alone, int, tuple[frozenset[str], frozenset[str]]]:
    """The inputs as they take all samples, how many these are, and which inputs have them."""
    groups: list[Sequence[End]] = [*pairs, *((end,) for ends in alone for end in ends)]
    known = [(ends, found[1]) for ends in groups if (found := _lookup(given, ends)) is not None]
    count = number_of_samples(known)
    several = {end for ends, array in known if has_samples(ends, array, count) for end in ends}

    def loose(end: End) -> End:
        return loosened(end) if end in several else end

    split = [
        frozenset(
            end.name for end in (*(pair[side] for pair in pairs), *alone[side]) if end in several
        )
        for side in (0, 1)
    ]
    return (
        [(loose(x), loose(y)) for x, y in pairs],
        ([loose(end) for end in alone[0]], [loose(end) for end in alone[1]]),
        count,
        (split[0], split[1]),
    )


def _given(options: FeedOptions) -> tuple[dict[str, Array] | None, str]:
    """The given values by the key under which they are given, and where they come from."""
    import numpy as np

    if options.arrays is not None:
        return {key: np.asarray(v) for key, v in options.arrays.items()}, "given"
    if options.path is None:
        return None, f"random, seed {options.seed}"
    if options.shapes:
        raise InvalidValue(
            f"the values in {os.fspath(options.path)} have shapes, and others are given besides",
            f"leave out one of {param('feed')} and {param('input_shapes')}",
        )
    with ArrayFile(options.path) as file:
        if file.single:
            raise InvalidValue(
                f"{file.path} is a single array, no .npz",
                "save it with: numpy.savez(file, **{'input:0': array})",
            )
        return {key: file[key] for key in file.keys}, file.path


def _lookup(given: dict[str, Array] | None, ends: Sequence[End]) -> tuple[End, Array] | None:
    """The given values of an input, and the model's end by whose name they are given."""
    for end in ends:
        key = key_of(Ref.parse(end.name), given or (), end.key)
        if key is not None and given is not None:
            return end, given[key]
    return None


def _missing(end: End, given: Mapping[str, Array], source: str) -> InvalidValue:
    listed = ", ".join(repr(k) for k in list(given)[:6]) or "nothing"
    return InvalidValue(
        f"{source} holds no values for the input {end.name!r}",
        f"its keys are {listed}; wanted is {end.name!r}" + (f" or {end.key!r}" if end.key else ""),
    )


def named_shapes(shapes: Mapping[str, Shape] | None, inputs: Sequence[str]) -> dict[str, Shape]:
    """Shapes by canonical names, that of the only input by its name.

    Args:
        shapes: By name as people give it; empty for the only input.
        inputs: Names of the inputs.

    Raises:
        InvalidValue: The name of one of several inputs is empty.
    """
    if shapes and "" in shapes and len(inputs) != 1:
        raise InvalidValue(
            f"the shape {shapes['']} does not say whose it is: the inputs are {', '.join(inputs)}",
            f"write {inputs[0] if inputs else 'NAME'}=...",
        )
    return {str(Ref.from_user(n or inputs[0])): s for n, s in (shapes or {}).items()}


def _same_values(
    a: Side,
    b: Side,
    ends: tuple[End, End],
    known: tuple[End, Array] | None,
    shape: Shape | None,
    seed: int,
    notes: list[str],
) -> tuple[Array, Array]:
    """Values of an input in the forms that both take."""
    import numpy as np

    sides = (a, b)
    quantized = [i for i in (0, 1) if ends[i].is_quantized]
    cut = next((i for i in (0, 1) if ends[i].stored_as is not None), None)
    # the model with the narrower type says which values there are; of two graphs, the first
    leader = int(b.what != a.what and b.what == "TFLite model")
    if quantized or cut is not None:
        leader = quantized[0] if quantized else cut or 0
    elif sides[leader].what == "TFLite model" and sides[1 - leader].what != "TFLite model":
        # a graph tells what an index may be
        kind = np.dtype(ends[leader].dtype) if ends[leader].dtype != "string" else None
        leader = 1 - leader if kind is not None and kind.kind in "iu" else leader
    if known is None:
        wanted = shape or _known_shape(ends)
        array = sides[leader].random(ends[leader], wanted, seed)
        array = sides[leader].fit(ends[leader], array)
    else:
        array = known[1]
        raw = quantized and array.dtype.name == ends[leader].dtype
        if quantized and not raw and array.dtype.kind in "iu":
            array = array.astype(np.float32)
        if quantized and not raw:
            _note_clipping(ends[leader], array, notes, "and clipped for both models")
        elif cut is not None:
            _note_clipping(ends[cut], array, notes, f"and clipped in {'AB'[cut]} alone")
        array = sides[leader].fit(ends[leader], array)
    values = [array, array]
    if quantized:
        tensor = ends[leader].tensor
        assert tensor is not None
        real = dequantize(array, tensor)
        other = 1 - leader
        same = ends[other].is_quantized and ends[other].tensor is not None
        values[other] = sides[other].fit(ends[other], real)
        if same and ends[other].dtype == ends[leader].dtype:
            twin = ends[other].tensor
            assert twin is not None
            if (twin.scale, twin.zero_point) == (tensor.scale, tensor.zero_point):
                values[other] = array
    else:
        values[1 - leader] = sides[1 - leader].fit(ends[1 - leader], array)
    return values[0], values[1]


def _known_shape(ends: tuple[End, End]) -> Shape | None:
    """The dimensions that either model knows; None where both know none at all."""
    known = [end.dims for end in ends if end.dims is not None]
    if not known or any(len(dims) != len(known[0]) for dims in known):
        return None
    dims = tuple(next((d for d in ds if d is not None), None) for ds in zip(*known, strict=True))
    inner = (1, *(64 if len(dims) == 4 else 8 for _ in dims[1:]))
    return Shape([inner[axis] if d is None else d for axis, d in enumerate(dims)])


def _note_clipping(end: End, array: Array, notes: list[str], how: str) -> None:
    """Say if a quantized input cannot hold the values that are given."""
    import numpy as np

    tensor = end.stored_as or end.tensor
    if tensor is None or not array.size or array.dtype.kind != "f":
        return
    limits = np.iinfo(tensor.dtype)
    zero = tensor.zero_point[0] if tensor.zero_point else 0
    low, high = ((limit - zero) * tensor.scale[0] for limit in (limits.min, limits.max))
    step = tensor.scale[0]
    share = float(np.mean((array < low - step) | (array > high + step)))
    if share:
        notes.append(
            f"{share:.1%} of the values for {end.name!r} are outside of the range that it holds, "
            f"{low:.4g} to {high:.4g}, {how}"
        )


def _image_export(a: Side, b: Side, ends: tuple[End, End]) -> tuple[int, ExportReport] | None:
    """Which of two detectors takes the image, and how the other's input is made of it.

    None where both take the same.
    """
    if not (a.detection_outputs and b.detection_outputs):
        return None
    raw = [end.dtype == "uint8" and not end.is_quantized for end in ends]
    sides = (a, b)
    for number in (0, 1):
        side = sides[number]
        if raw[number] and not raw[1 - number] and isinstance(side, GraphSide):
            return number, export_ssd(side.graph).report
    return None


def _image_values(
    a: Side,
    b: Side,
    ends: tuple[End, End],
    image: tuple[int, ExportReport],
    known: tuple[End, Array] | None,
    seed: int,
) -> tuple[Array, Array]:
    """An image, and what the Preprocessor makes of it; the image is of the size it resizes to."""
    import numpy as np

    number, report = image
    sides = (a, b)
    scale, offset = (np.array(x, np.float32) for x in (report.scale, report.offset))
    if known is None:
        array = sides[number].random(ends[number], Shape(report.input_shape), seed)
    elif known[0] is ends[number]:
        array = known[1]
    else:  # what the other takes is given: the image is the nearest one
        taken = sides[1 - number].fit(ends[1 - number], known[1])
        tensor = ends[1 - number].tensor
        real = dequantize(taken, tensor) if tensor is not None else taken
        array = np.clip(np.rint((real - offset) / scale), 0, 255).astype(np.uint8)
    if array.shape != report.input_shape:
        raise InvalidValue(
            f"the image for {ends[number].name!r} has the shape {Shape(array.shape)}, and the "
            f"other model takes {Shape(report.input_shape)}",
            "feed an image of this size: both models see the same pixels then",
        )
    fitted = sides[number].fit(ends[number], array)
    other = sides[1 - number].fit(ends[1 - number], fitted.astype(np.float32) * scale + offset)
    return (fitted, other) if number == 0 else (other, fitted)


def _image_note(image: tuple[int, ExportReport]) -> str:
    who = "AB"[1 - image[0]]
    made = Normalization(image[1].scale, image[1].offset)
    return f"{who} takes the image as the Preprocessor leaves it: {made}"
