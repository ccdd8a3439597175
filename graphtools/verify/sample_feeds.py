"""What one model is fed with, run by run: arrays, images, records, or random values."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.errors import FileProblem, InvalidValue, unknown_name
from graphtools.graph.dtypes import FLOAT32, dtype
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.samples.array_files import ArrayFile, key_of, kind_of
from graphtools.samples.image_samples import head_of
from graphtools.samples.inputs import SampledInput, check_inputs, fitted, keys_by_tensor
from graphtools.samples.normalization import Normalization
from graphtools.samples.options import SampleOptions
from graphtools.samples.preprocessing import choose_normalization
from graphtools.samples.sources import Samples, open_samples
from graphtools.verify.graph_side import GraphSide
from graphtools.verify.model_sides import End, Side
from graphtools.verify.samples import loosened, number_of_samples, sample_feeds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: Integers that stand for pixels as they are; others of a quantized input stand for real values.
_PIXELS = "uint8"


class FedRun(NamedTuple):
    """What a model is fed with in one run.

    Attributes:
        name: What to call it, as the file of the image.
        feeds: Values of inputs by name.
    """

    name: str
    feeds: dict[str, Array]


class ModelFeeds:
    """What a model is fed with, run by run.

    Attributes:
        source: Where the values come from.
        images: Whether they are those of image files.
        count: How many runs there are; None where they are not counted.
    """

    def __init__(
        self,
        source: str,
        runs: Iterable[FedRun],
        count: int | None,
        samples: Samples | None = None,
    ) -> None:
        """Keep what will be fed; it is read when it is asked for."""
        self.source = source
        self.count = count
        self.images = samples is not None and samples.kind == "images"
        self._runs = runs
        self._samples = samples

    def __iter__(self) -> Iterator[FedRun]:
        return iter(self._runs)

    def notes(self) -> tuple[str, ...]:
        """What is to be known of what was fed, once it was."""
        return () if self._samples is None else self._samples.notes()


def feeds_of(
    side: Side,
    feed: str | os.PathLike[str] | Mapping[str, Any] | None,
    options: SampleOptions,
    shapes: Mapping[str, Shape],
    seed: int = 0,
) -> ModelFeeds:
    """What a model is fed with.

    Args:
        side: The model.
        feed: An .npz file or arrays by name of an input, an .npy file for a single input; images (a
            file, folder or pattern); TFRecords; None for random values.
        options: How images and records become samples.
        shapes: Shapes of inputs by name, where they do not follow from the model.
        seed: Starts random numbers.

    Raises:
        InvalidValue: Values are missing or do not fit, or nothing tells how images are normalised.
        GraphtoolsError: The data cannot be read.
    """
    ends = [e._replace(dims=shapes[e.name].dims) if e.name in shapes else e for e in side.inputs]
    if feed is None:
        values = {e.name: side.fit(e, side.random(e, shapes.get(e.name), seed)) for e in ends}
        return ModelFeeds(f"random, seed {seed}", [FedRun("random values", values)], 1)
    if isinstance(feed, Mapping):
        return _of_arrays(side, ends, feed, "given", options.limit)
    path = os.fspath(feed)
    if os.path.isfile(path) and kind_of(head_of(path)):
        if options.mean or options.std:
            raise InvalidValue(
                f"mean and standard deviation are for images: arrays, as those of {path}, are fed "
                "as they are",
                "normalise them as training did before they are saved",
            )
        with ArrayFile(path) as file:
            return _of_arrays(side, ends, _arrays(file, ends, options.keys), path, options.limit)
    return _of_samples(side, ends, path, options)


def sampled_input(end: End, *, normalized: bool) -> SampledInput:
    """An input as images and records are made into values for it.

    A quantized input takes real values, which become its integers; but one of uint8 takes pixels as
    they are where nothing else is asked for.

    Args:
        end: The input.
        normalized: Whether it was said how pixels are normalised.
    """
    kind = dtype(end.dtype) if end.dtype else FLOAT32
    if end.is_quantized and (normalized or end.dtype != _PIXELS):
        kind = FLOAT32
    return SampledInput(Ref.from_user(end.name).tensor, kind, Shape(end.dims), end.key)


def normalization_for(
    side: Side, inputs: Sequence[SampledInput], options: SampleOptions
) -> Normalization | None:
    """What becomes of pixels: what was given, else what the graph tells; see there."""
    graph = side.graph if isinstance(side, GraphSide) else Graph()
    return choose_normalization(graph, inputs, mean=options.mean, std=options.std, model=side.path)


def _of_samples(side: Side, ends: Sequence[End], path: str, options: SampleOptions) -> ModelFeeds:
    """Images and records, one sample after the other."""
    inputs = [sampled_input(e, normalized=bool(options.mean or options.std)) for e in ends]
    check_inputs(inputs)
    samples = open_samples(
        path,
        inputs,
        options.resize,
        normalization_for(side, inputs, options),
        keys_by_tensor(options.keys, inputs),
        any_size=True,
    )

    def runs() -> Iterator[FedRun]:
        for where, values in samples.steps(options.limit):
            fed = {
                end.name: side.fit(end, fitted(item, values[item.tensor], where))
                for end, item in zip(ends, inputs, strict=True)
            }
            yield FedRun(where, fed)

    count = None if samples.available is None else min(samples.available, options.limit)
    told = f" ({samples.preprocessing})" if samples.preprocessing else ""
    return ModelFeeds(f"{path}{told}", runs(), count, samples)


def _arrays(file: ArrayFile, ends: Sequence[End], keys: Mapping[str, str]) -> dict[str, Array]:
    """The arrays of a file by name of an input, or as they are called there."""
    if file.single:
        if len(ends) != 1:
            names = ", ".join(e.name for e in ends) or "none"
            raise FileProblem(
                f"{file.path} is a single array, and the inputs are {names}",
                "save one array each: numpy.savez(file, **{'a:0': first, 'b:0': second})",
            )
        return {ends[0].name: file[""]}
    for key in keys.values():
        if key not in file.keys:
            raise unknown_name("array", key, file.keys, file.path)
    renamed = {key: str(Ref.from_user(name)) for name, key in keys.items()}
    return {renamed.get(key, key): file[key] for key in file.keys}


def _of_arrays(
    side: Side, ends: Sequence[End], arrays: Mapping[str, Any], source: str, limit: int
) -> ModelFeeds:
    """Arrays; several samples for a model that takes one at a time are run one by one."""
    import numpy as np

    given: list[tuple[End, Array]] = []
    for end in ends:
        key = key_of(Ref.parse(end.name), arrays, end.key)
        if key is not None:
            given.append((end, np.asarray(arrays[key])))
        elif not has_default(side, end):
            listed = ", ".join(repr(k) for k in list(arrays)[:6]) or "nothing"
            raise InvalidValue(
                f"{source} holds no values for the input {end.name!r}",
                f"its keys are {listed}; wanted is {end.name!r}"
                + (f" or {end.key!r}" if end.key else ""),
            )
    count = number_of_samples([((end,), array) for end, array in given])
    split = frozenset(
        end.name
        for end, array in given
        if count > 1 and array.ndim and array.shape[0] == count and end.dims and end.dims[0] == 1
    )
    values = {
        end.name: side.fit(loosened(end) if end.name in split else end, array)
        for end, array in given
    }
    used = min(count, limit)
    names = [f"sample {n}" for n in range(used)] if count > 1 else [source]
    feeds = sample_feeds(values, split, used)
    return ModelFeeds(source, (FedRun(*pair) for pair in zip(names, feeds, strict=True)), used)


def has_default(side: Side, end: End) -> bool:
    """Whether an input has a value where none is fed."""
    node = side.graph.get(Ref.parse(end.name).node) if isinstance(side, GraphSide) else None
    return node is not None and node.op == "PlaceholderWithDefault"
