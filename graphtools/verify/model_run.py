"""Runs a model on data: its outputs, or any of its tensors, and what these mean."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.analysis.saved_arrays import array_writer
from graphtools.analysis.values import storable
from graphtools.display import Displayed
from graphtools.errors import InvalidValue, unknown_name
from graphtools.formats import open_model
from graphtools.formats.format import Model
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.graph.ref import Ref, producer
from graphtools.model.loading import ModelGraph, load_model
from graphtools.model.options import ModelOptions
from graphtools.run.litert import LiteRT
from graphtools.run.litert_tensors import LiteRTTensor, dequantize
from graphtools.run.worker import TIME_LIMIT, Worker
from graphtools.samples.options import SampleOptions
from graphtools.transforms.pipeline import transform
from graphtools.verify.class_names import (
    ClassNames,
    SampleRanking,
    class_scores,
    rank_classes,
    read_class_names,
)
from graphtools.verify.detections import detections_of
from graphtools.verify.graph_side import GraphSide
from graphtools.verify.litert_side import LiteRTSide
from graphtools.verify.model_sides import Side, canonical
from graphtools.verify.paired_feeds import named_shapes
from graphtools.verify.sample_feeds import ModelFeeds, feeds_of
from graphtools.verify.verify_models import with_batch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: Elements of a tensor that are told; and classes, or objects, of a sample.
_FIRST, _TOP = 4, 5


@dataclasses.dataclass(frozen=True)
class TensorOfRun:
    """A tensor that was fed or fetched, without its values.

    Attributes:
        name: What it is called: its key in a signature, or else its name.
        tensor: Its name in the model.
        dtype: Element type.
        shape: Dimensions, of all samples together.
        minimum: The least value; None where there are no numbers.
        maximum: The greatest.
        first: The first elements.
        scale: What a step of stored integers stands for, the largest of several; 0 where they stand
            for nothing else.
    """

    name: str
    tensor: str
    dtype: str
    shape: tuple[int, ...]
    minimum: float | None
    maximum: float | None
    first: tuple[float | int | bool | str, ...]
    scale: float = 0.0


@dataclasses.dataclass(frozen=True)
class FoundObject:
    """An object that a detector has found.

    Attributes:
        sample: What the image is called.
        class_index: Its class, counted from 0.
        label: The name of the class; empty where no names were given.
        score: Its score.
        box: ymin, xmin, ymax, xmax, as parts of the image.
    """

    sample: str
    class_index: int
    label: str
    score: float
    box: tuple[float, float, float, float]


@dataclasses.dataclass(frozen=True)
class ModelRun(Displayed):
    """What a model computes.

    Attributes:
        path: The model.
        what: What it is: `TensorFlow graph` or `TFLite model`.
        source: Where the values of inputs come from.
        samples: What was run, one sample or batch after the other.
        inputs: What was fed.
        tensors: What was fetched; `arrays` has the values.
        classes_from: The output whose scores were ranked; empty where none were.
        rankings: The surest classes of each sample.
        is_detector: Whether it gives boxes, and these were fetched.
        objects: What a detector has found, the surest first in each image.
        notes: What the user is to know.
    """

    path: str
    what: str
    source: str
    samples: tuple[str, ...]
    inputs: tuple[TensorOfRun, ...]
    tensors: tuple[TensorOfRun, ...]
    classes_from: str
    rankings: tuple[SampleRanking, ...]
    is_detector: bool
    objects: tuple[FoundObject, ...]
    notes: tuple[str, ...]
    #: The values by name; no field, so that a result can be printed and turned into a dictionary.
    values: dataclasses.InitVar[Mapping[str, Any]]

    def __post_init__(self, values: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_arrays", dict(values))

    @property
    def arrays(self) -> dict[str, Array]:
        """The values of `tensors` by name, those of several samples along the first dimension."""
        found: dict[str, Array] = vars(self)["_arrays"]
        return found

    def save(self, path: str) -> None:
        """Write the values to an .npz file with their names as keys, or as .npy files to a folder.

        Raises:
            InvalidValue: The path ends otherwise, or strings cannot be stored.
            FileProblem: It cannot be written.
        """
        with array_writer(path) as write:
            for name, array in self.arrays.items():
                write(name, storable(array, name))


# long: half of it are its parameters and the fields of what it gives back
def run_model(
    path: str | os.PathLike[str],
    feed: str | os.PathLike[str] | Mapping[str, Any] | None = None,
    *,
    options: ModelOptions | None = None,
    samples: SampleOptions | None = None,
    labels: str | os.PathLike[str] | None = None,
    top: int | None = None,
    dequantize: bool = False,
    seed: int = 0,
    time_limit: float = TIME_LIMIT,
    trust: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> ModelRun:
    """Run a model: a graph or SavedModel in TensorFlow, a .tflite in LiteRT, in a child process.

    Args:
        path: Graph, .meta file with its checkpoint, SavedModel, or .tflite.
        feed: What it is fed with: see `feeds_of`.
        options: How a graph is read. Its `outputs` may be any tensors, by name or by key in the
            signature; the model's outputs by default.
        samples: How images and records become samples.
        labels: A file with the names of the classes, see `read_class_names`: the surest classes of
            each sample are told, or what a detector has found.
        top: How many classes or objects of each sample are told; 5 where there are `labels`, and
            those of detectors.
        dequantize: Whether stored integers become the real values that they stand for.
        seed: Starts random numbers.
        time_limit: Seconds that one run may take.
        trust: Whether a model may run that writes or reads files, or uses the network.
        progress: Called with the number of runs that are done, and of all; 0 if not known.

    Raises:
        MissingExtra: TensorFlow or LiteRT is needed and not installed.
        TensorFlowProblem, LiteRTProblem: The model does not run.
        GraphtoolsError: The model or the data cannot be read, or names and values do not fit.

    Example:
        >>> found = run_model("fixtures/quant/model.tflite")
        >>> [(tensor.name, tensor.shape) for tensor in found.tensors]
        [('logits', (1, 4))]
    """
    options = options or ModelOptions()
    names = read_class_names(labels) if labels is not None else None
    file = os.fspath(path)
    model = open_model(file)
    with contextlib.ExitStack() as stack:
        if isinstance(model, TFLiteModel):
            litert = stack.enter_context(LiteRT(time_limit, trust=trust))
            litert.start()
            opened = _open_tflite(model, options, litert)
        else:
            worker = stack.enter_context(Worker(time_limit, trust=trust))
            worker.start()
            opened = _open_graph(file, model, options, worker)
        side = opened.side
        options = with_batch(options, side)
        shapes = named_shapes(options.input_shapes, [end.name for end in side.inputs])
        feeds = feeds_of(side, feed, samples or SampleOptions(), shapes, seed)
        ran = _run(opened, feeds, progress)
    keys = {end.name: end.key or end.name for end in side.inputs}
    kept = {
        title: ran.fetched[tensor].real if dequantize else ran.fetched[tensor].array
        for title, tensor in opened.wanted.items()
    }
    classes_from, rankings = _rankings(opened, ran, names, top)
    return ModelRun(
        path=file,
        what=side.what,
        source=feeds.source,
        samples=ran.samples,
        inputs=tuple(
            _described(keys[end], end, _RunOutput(array)) for end, array in ran.fed.items()
        ),
        tensors=tuple(
            _described(title, tensor, ran.fetched[tensor], kept[title])
            for title, tensor in opened.wanted.items()
        ),
        classes_from=classes_from,
        rankings=rankings,
        is_detector=_detects(side, ran),
        objects=tuple(_objects(side, ran, names, top or _TOP)),
        notes=(*opened.notes, *feeds.notes()),
        values=kept,
    )


class _Opened(NamedTuple):
    """A model that can be run.

    Attributes:
        side: The model.
        wanted: By what they are called, the tensors that are fetched.
        notes: What was chosen.
    """

    side: GraphSide | LiteRTSide
    wanted: dict[str, str]
    notes: tuple[str, ...] = ()


class _RunOutput(NamedTuple):
    """The value of a tensor, of all samples.

    Attributes:
        array: As it is stored.
        tensor: What the stored integers stand for, in a TFLite model.
        dtype: Element type, where it is not that of the array.
    """

    array: Array
    tensor: LiteRTTensor | None = None
    dtype: str = ""

    @property
    def real(self) -> Array:
        """What it stands for."""
        return self.array if self.tensor is None else dequantize(self.array, self.tensor)


class _Ran(NamedTuple):
    """All runs.

    Attributes:
        samples: What each is called.
        fed: Values of inputs by name.
        fetched: Values of tensors by name.
    """

    samples: tuple[str, ...]
    fed: dict[str, Array]
    fetched: dict[str, _RunOutput]


def _open_tflite(model: TFLiteModel, options: ModelOptions, litert: LiteRT) -> _Opened:
    """A TFLite model with the tensors that are wanted of it.

    Raises:
        UnknownName: There is no such tensor or signature.
        InvalidValue: The signature is that of another subgraph, which LiteRT is not asked for here.
    """
    if options.inputs is not None:
        raise InvalidValue(f"{model.path} is fed at its own inputs: no others can be named")
    if options.signature is not None:
        known = {signature.key: signature for signature in model.signatures}
        if options.signature not in known:
            raise unknown_name("signature", options.signature, known, model.path)
        if known[options.signature].subgraph:
            raise InvalidValue(
                f"the signature {options.signature!r} is not that of the first subgraph, which is "
                "the one that is run"
            )
    side = LiteRTSide(model, litert)
    if options.outputs is None:
        return _Opened(side, {end.key or end.name: end.name for end in side.outputs})
    by_key = {end.key: end.name for end in side.outputs if end.key}
    keys = {tensor: key for key, tensor in by_key.items()}
    known_names = {*(end.name for end in side.outputs), *side.tensors}
    wanted = {}
    for text in options.outputs:
        name = by_key.get(text, canonical(text))
        if name not in known_names:
            raise unknown_name("tensor", text, [*by_key, *known_names], model.path)
        wanted[keys.get(name, name)] = name
    return _Opened(side, wanted)


def _open_graph(path: str, model: Model, options: ModelOptions, worker: Worker) -> _Opened:
    """A graph with the tensors that are wanted of it, those in function bodies too.

    Raises:
        UnknownName: There is no such tensor.
    """
    loaded = load_model(path, options, file=model)
    keys = dict(loaded.ends.keys)
    if options.outputs is None:
        found = loaded.runnable
        tensors = [str(Ref.from_user(name)) for name in found.outputs]
    else:
        by_key = {key: tensor for tensor, key in keys.items()}
        tensors = [str(Ref.from_user(by_key.get(text, text))) for text in options.outputs]
        found = _with_tensors(path, model, options, tensors, {node.name for node in loaded.source})
    side = GraphSide(found, worker)
    return _Opened(side, {keys.get(tensor, tensor): tensor for tensor in tensors}, found.notes)


def _with_tensors(
    path: str, model: Model, options: ModelOptions, tensors: Sequence[str], nodes: set[str]
) -> ModelGraph:
    """A graph that has tensors; where it does not, with calls replaced by functions' bodies."""
    if all(producer(tensor) in nodes for tensor in tensors):
        own = dataclasses.replace(options, outputs=tensors)
        return load_model(path, own, file=model).runnable
    whole = load_model(path, dataclasses.replace(options, outputs=None), file=model).runnable
    ends = (whole.inputs, whole.outputs)
    graph = transform(whole.graph, "inline_partitionedcall", *ends).graph
    for tensor in tensors:
        graph.find(producer(tensor))
    return dataclasses.replace(whole, graph=graph, outputs=tuple(tensors))


def _run(opened: _Opened, feeds: ModelFeeds, progress: Callable[[int, int], None] | None) -> _Ran:
    """Run a model with all that it is fed with."""
    samples: list[str] = []
    fed: dict[str, list[Array]] = {}
    fetched: dict[str, list[_RunOutput]] = {}
    for number, run in enumerate(feeds):
        samples.append(run.name)
        for name, array in run.feeds.items():
            fed.setdefault(name, []).append(array)
        for name, value in _fetch(opened, run.feeds).items():
            fetched.setdefault(name, []).append(value)
        if progress:
            progress(number + 1, feeds.count or 0)
    return _Ran(
        tuple(samples),
        {name: _joined(name, arrays) for name, arrays in fed.items()},
        {
            name: values[0]._replace(array=_joined(name, [value.array for value in values]))
            for name, values in fetched.items()
        },
    )


def _fetch(opened: _Opened, feeds: Mapping[str, Array]) -> dict[str, _RunOutput]:
    side, names = opened.side, list(opened.wanted.values())
    if isinstance(side, LiteRTSide):
        raw = side.fetch(feeds, names)
        return {name: _RunOutput(value.raw, value.tensor) for name, value in raw.items()}
    found = side.fetch(feeds, names)
    return {name: _RunOutput(value.real, None, value.dtype) for name, value in found.items()}


def _joined(name: str, arrays: Sequence[Array]) -> Array:
    """The values of several runs in one, along the first dimension.

    Raises:
        InvalidValue: Their other dimensions differ.
    """
    import numpy as np

    if len(arrays) == 1:
        return arrays[0]
    rows = [np.atleast_1d(array) for array in arrays]
    if len({row.shape[1:] for row in rows}) > 1:
        raise InvalidValue(
            f"the values of {name!r} have another shape for each sample",
            "feed one sample at a time, or give the input a shape",
        )
    return np.concatenate(rows)


def _described(name: str, tensor: str, value: _RunOutput, kept: Array | None = None) -> TensorOfRun:
    """A tensor without its values."""
    array = value.array if kept is None else kept
    is_stored = kept is None or kept is value.array
    quantized = value.tensor is not None and value.tensor.is_quantized and is_stored
    numbers = array.dtype.kind in "biuf" and array.size > 0
    kind = value.dtype if is_stored and value.dtype else array.dtype.name
    return TensorOfRun(
        name=name,
        tensor=tensor,
        dtype="string" if array.dtype.kind in "OSU" else kind,
        shape=array.shape,
        minimum=float(array.min()) if numbers else None,
        maximum=float(array.max()) if numbers else None,
        first=tuple(map(_plain, array.reshape(-1)[:_FIRST].tolist())),
        scale=max(value.tensor.scale) if quantized and value.tensor else 0.0,
    )


def _plain(element: Any) -> float | int | bool | str:
    if isinstance(element, bytes):
        return element.decode("utf-8", "replace")
    return element if isinstance(element, float | int | bool | str) else str(element)


def _rankings(
    opened: _Opened, ran: _Ran, names: ClassNames | None, top: int | None
) -> tuple[str, tuple[SampleRanking, ...]]:
    """The output whose classes are ranked, and the surest of each sample."""
    if (names is None and top is None) or opened.side.detection_outputs:
        return "", ()
    titles = {tensor: title for title, tensor in opened.wanted.items()}
    real = {titles[tensor]: value.real for tensor, value in ran.fetched.items()}
    output, scores = class_scores(real, names)
    return output, rank_classes(scores, _titles(ran.samples, len(scores)), names, top or _TOP)


def _titles(samples: Sequence[str], rows: int) -> list[str]:
    """What to call each of the samples, of which a run may have several."""
    if rows == len(samples):
        return list(samples)
    if len(samples) == 1:
        return [f"sample {row}" for row in range(rows)]
    each = max(rows // len(samples), 1)
    return [f"{samples[min(row // each, len(samples) - 1)]}, {row % each}" for row in range(rows)]


def _detects(side: Side, ran: _Ran) -> bool:
    """Whether a model is a detector, all of whose outputs were fetched."""
    roles = side.detection_outputs
    return bool(roles) and set(roles.values()) <= ran.fetched.keys()


def _objects(side: Side, ran: _Ran, names: ClassNames | None, top: int) -> Iterator[FoundObject]:
    """What a detector has found in each image."""
    if not _detects(side, ran):
        return
    roles = side.detection_outputs
    parts = {role: ran.fetched[name].real for role, name in roles.items()}
    count = len(parts["scores"])
    for row, title in enumerate(_titles(ran.samples, count)):
        own = {role: array[row : row + 1] for role, array in parts.items()}
        found = detections_of(**own, first_class=side.first_class)
        for index in range(min(top, len(found.scores))):
            number = int(found.classes[index])
            ymin, xmin, ymax, xmax = (float(x) for x in found.boxes[index])
            label = names.name(number + 1) if names else ""
            yield FoundObject(
                title, number, label, float(found.scores[index]), (ymin, xmin, ymax, xmax)
            )
