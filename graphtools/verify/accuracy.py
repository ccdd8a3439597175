"""How often two models are right on labelled images: the accuracy that a conversion costs."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from graphtools.display import Displayed
from graphtools.errors import InvalidValue, NothingFound, unknown_name
from graphtools.formats import open_model
from graphtools.formats.example import parse_example
from graphtools.formats.source import neighbours, reading
from graphtools.formats.tfrecord import is_tfrecord, read_records
from graphtools.model.options import ModelOptions
from graphtools.run.litert import LiteRT
from graphtools.run.worker import TIME_LIMIT, Worker
from graphtools.samples.image_samples import evenly, find_files, looks_like_image
from graphtools.samples.inputs import check_inputs, fitted
from graphtools.samples.options import SampleOptions
from graphtools.samples.pixels import PixelFeed, image_input
from graphtools.verify.class_names import ClassNames, class_scores, read_class_names
from graphtools.verify.graph_side import GraphSide
from graphtools.verify.model_sides import Side
from graphtools.verify.sample_feeds import has_default, normalization_for, sampled_input
from graphtools.verify.verify_models import open_side, require_runtimes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: Percentage points of top-1 that a second model may lose: MLPerf admits quantized classifiers that
#: keep 99 % of the float model's accuracy, which is about one point.
MOST_LOST = 1.0
#: Where datasets of classification have the image, and its class.
_IMAGE, _LABEL = "image/encoded", "image/class/label"


@dataclasses.dataclass(frozen=True)
class AccuracyComparison(Displayed):
    """How often two models are right, and how often they agree.

    Attributes:
        sound: Whether the second loses no more than it may.
        a: The first model, which is the reference.
        b: The second.
        output_a: The output of the first whose greatest score is its answer.
        output_b: That of the second.
        source: The labelled data.
        samples: Number of images.
        top1_a: How often the first is right, as part of all.
        top1_b: How often the second is.
        agreement: How often both give the same answer.
        lost: Percentage points of top-1 that the second loses; negative where it wins.
        most_lost: How many it may lose.
        notes: What the user is to know.
    """

    sound: bool
    a: str
    b: str
    output_a: str
    output_b: str
    source: str
    samples: int
    top1_a: float
    top1_b: float
    agreement: float
    lost: float
    most_lost: float
    notes: tuple[str, ...]


# long: half of it are its parameters and the fields of what it gives back
def compare_accuracy(
    a: str | os.PathLike[str],
    b: str | os.PathLike[str],
    data: str | os.PathLike[str],
    *,
    class_names: str | os.PathLike[str] | None = None,
    options: ModelOptions | None = None,
    samples: SampleOptions | None = None,
    most_lost: float = MOST_LOST,
    time_limit: float = TIME_LIMIT,
    trust: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> AccuracyComparison:
    """Run two classifiers on labelled images.

    Args:
        a: The first model, the reference: graph, .meta file, SavedModel or .tflite.
        b: The second.
        data: A folder with a folder of images for each class, or TFRecords (a file or a folder of
            them) with `image/encoded` and `image/class/label`.
        class_names: A file with the names of the classes, see `read_class_names`; without it
            folders are numbered in the order of their names, and labels of records are places among
            the scores.
        options: How graphs among the models are read.
        samples: How images become what the models take, and how many are used.
        most_lost: Percentage points of top-1 that the second may lose.
        time_limit: Seconds that one run may take.
        trust: Whether models may run that write or read files, or use the network.
        progress: Called with the number of images that are done, and of all; 0 if not known.

    Raises:
        MissingExtra: TensorFlow, LiteRT or Pillow is needed and not installed.
        TensorFlowProblem, LiteRTProblem: A model does not run.
        GraphtoolsError: A model or the data cannot be read, or labels and outputs do not fit.

    Example:
        >>> found = compare_accuracy("model.pb", "model.tflite", "photos/")  # doctest: +SKIP
        >>> found.sound  # doctest: +SKIP
        True
    """
    options, samples = options or ModelOptions(), samples or SampleOptions()
    paths = (os.fspath(a), os.fspath(b))
    names = read_class_names(class_names) if class_names is not None else None
    labelled = _open_labelled(os.fspath(data), names, samples.limit)
    models = [open_model(path) for path in paths]
    require_runtimes(models)
    with contextlib.ExitStack() as stack:
        litert = stack.enter_context(LiteRT(time_limit, trust=trust))
        worker = stack.enter_context(Worker(time_limit, trust=trust))
        sides: list[Side] = []
        for path, model in zip(paths, models, strict=True):
            is_second = bool(sides) and isinstance(sides[0], GraphSide)
            made = open_side(
                path, model, options, worker, litert, layers=False, is_second=is_second
            )
            sides.append(made)
        first, second = (_Classifier(side, samples, labelled.names) for side in sides)
        right, agreeing, count = [0, 0], 0, 0
        for image in labelled.images:
            answers = [c.answer(image) for c in (first, second)]
            for number, classifier in enumerate((first, second)):
                right[number] += answers[number] == classifier.place(image)
            # places among the scores may differ by the background, classes do not
            agreeing += first.class_of(answers[0]) == second.class_of(answers[1])
            count += 1
            if progress:
                progress(count, labelled.total)
    if not count:
        raise NothingFound(f"{labelled.source} holds no labelled images")
    lost = 100 * (right[0] - right[1]) / count
    return AccuracyComparison(
        sound=lost <= most_lost,
        a=paths[0],
        b=paths[1],
        output_a=first.output,
        output_b=second.output,
        source=labelled.source,
        samples=count,
        top1_a=right[0] / count,
        top1_b=right[1] / count,
        agreement=agreeing / count,
        lost=lost,
        most_lost=most_lost,
        notes=(*first.notes(), *labelled.notes),
    )


class _Labelled(NamedTuple):
    """An image with its class.

    Attributes:
        name: What to call it.
        label: Its class: an id where there are names, else a place among the scores.
        file: Opens the image.
    """

    name: str
    label: int
    file: Callable[[], IO[bytes]]


class _LabelledData(NamedTuple):
    """Labelled images.

    Attributes:
        source: Where they are.
        names: Names of the classes; None where labels are places among the scores.
        images: The images.
        total: How many there are; 0 where they are not counted.
        notes: What the user is to know.
    """

    source: str
    names: ClassNames | None
    images: Iterator[_Labelled]
    total: int
    notes: tuple[str, ...] = ()


def _open_labelled(path: str, names: ClassNames | None, limit: int) -> _LabelledData:
    """The labelled images of a folder with a folder for each class, or of records.

    Raises:
        NothingFound: There is nothing, or nothing of these.
        UnknownName: A folder has the name of no class.
    """
    if not os.path.exists(path):
        raise NothingFound(f"{path} does not exist", neighbours(path))
    files = [path] if os.path.isfile(path) else find_files(path)
    records = [file for file in files if is_tfrecord(file)]
    if records:
        images = _of_records(records, limit)
        return _LabelledData(path, names, images, 0)
    folders = sorted(
        name
        for name in (os.listdir(path) if os.path.isdir(path) else ())
        if not name.startswith(".") and os.path.isdir(os.path.join(path, name))
    )
    found = [
        (file, folder)
        for folder in folders
        for file in find_files(os.path.join(path, folder))
        if looks_like_image(file)
    ]
    if not found:
        raise NothingFound(
            f"{path} holds no labelled images",
            "wanted is a folder with a folder of images for each class, or TFRecords with "
            f"{_IMAGE} and {_LABEL}",
        )
    numbered = names or ClassNames(path, {n + 1: name for n, name in enumerate(folders)})
    ids = {name: number for number, name in numbered.names.items()}
    for folder in folders:
        if folder not in ids:
            raise unknown_name("class", folder, ids, numbered.path)
    chosen = [found[number] for number in evenly(len(found), limit)]
    pairs = ((file, ids[folder]) for file, folder in chosen)
    images = (_Labelled(file, label, _opener(file)) for file, label in pairs)
    left = len(found) - len(chosen)
    notes = (f"{len(chosen):,} of {len(found):,} images were used",) if left else ()
    return _LabelledData(path, numbered, images, len(chosen), notes)


def _opener(path: str) -> Callable[[], IO[bytes]]:
    def opened() -> IO[bytes]:
        with reading(path):
            return open(path, "rb")  # by who reads it

    return opened


def _of_records(paths: Sequence[str], limit: int) -> Iterator[_Labelled]:
    """The first images of records.

    Raises:
        InvalidValue: A record has no image, or no class.
    """
    done = 0
    for path in paths:
        for number, raw in enumerate(read_records(path)):
            if done == limit:
                return
            where = f"{path}: record {number}"
            features = parse_example(raw, (_IMAGE, _LABEL))
            image, label = features.get(_IMAGE), features.get(_LABEL)
            if image is None or len(image.strings) != 1:
                raise InvalidValue(f"{where} has no image in {_IMAGE!r}")
            if label is None or label.kind != "int64" or len(label.numbers) != 1:
                raise InvalidValue(f"{where} has no class in {_LABEL!r}")
            opener = functools.partial(io.BytesIO, image.strings[0])
            yield _Labelled(where, int(label.numbers[0]), opener)
            done += 1


class _Classifier:
    """A model that gives a score for each class of an image.

    Attributes:
        output: The output with the scores; empty before the first answer.
    """

    def __init__(self, side: Side, options: SampleOptions, names: ClassNames | None) -> None:
        """Prepare.

        Raises:
            InvalidValue: It takes no single image, or nothing tells how images are normalised.
        """
        self.output = ""
        self._side, self._names = side, names
        ends = [end for end in side.inputs if not has_default(side, end)]
        normalized = bool(options.mean or options.std)
        inputs = [sampled_input(end, normalized=normalized) for end in ends]
        check_inputs(inputs)
        self._item = image_input(inputs)
        if self._item.batch > 1:
            raise InvalidValue(
                f"the input {self._item} of {side.path} takes several images at once"
            )
        self._end = ends[0]
        normalization = normalization_for(side, inputs, options)
        self._feed = PixelFeed(self._item, options.resize, normalization, any_size=True)
        self._first = 0
        self._classes = 0

    def answer(self, image: _Labelled) -> int:
        """The place of the greatest score."""
        with image.file() as file:
            pixels = self._feed.read(file, image.name)
        values = pixels[None] if self._feed.layout.batched else pixels
        fed = self._side.fit(self._end, fitted(self._item, values, image.name))
        found = {name: v.real for name, v in self._side.run({self._end.name: fed}).items()}
        wanted: Mapping[str, Array] = {self.output: found[self.output]} if self.output else found
        self.output, scores = class_scores(wanted, self._names)
        self._classes = scores.shape[-1]
        self._first = (self._names.first_id(self._classes) or 0) if self._names else 0
        return int(scores[0].argmax())

    def place(self, image: _Labelled) -> int:
        """The place of an image's class among the scores, once there was an answer.

        Raises:
            InvalidValue: There is none.
        """
        place = image.label - self._first
        if not 0 <= place < self._classes:
            raise InvalidValue(
                f"{image.name} is of class {image.label}, and the output {self.output!r} of "
                f"{self._side.path} has {self._classes} scores"
            )
        return place

    def class_of(self, place: int) -> int:
        """The class of a place among the scores."""
        return place + self._first

    def notes(self) -> tuple[str, ...]:
        """What is to be known of the images."""
        return self._feed.notes()
