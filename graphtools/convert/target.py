"""Conversion to a target: prepared, converted by the library that does it best, read back, checked.

The libraries write broken files with exit code 0. So what a target makes is run beside the graph in
TensorFlow, and is kept only where it computes the same. What a target has of its own is one file in
`graphtools.convert.targets`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from graphtools.analysis.integer_range import integer_range
from graphtools.compat.verdict import Blocker
from graphtools.convert.conversion.converter_input import ConverterInput, target_input
from graphtools.convert.conversion.model_error import before_softmax, graph_outputs
from graphtools.convert.conversion.report import ConversionFailure
from graphtools.errors import GraphtoolsError, InvalidValue
from graphtools.formats.source import STANDARD, write_file
from graphtools.front_end import param, step
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.idioms import fake_quant
from graphtools.registry import Registry
from graphtools.run.messages import TensorFlowProblem
from graphtools.run.runtime_runner import RuntimeRunner
from graphtools.run.worker import Worker, require_tensorflow
from graphtools.verify.feeds import load_feeds, random_feeds
from graphtools.verify.metrics import TOLERANCES, measure
from graphtools.verify.runs import first_random

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]
    Arrays = Mapping[str, Array]

_Runner = TypeVar("_Runner", bound=RuntimeRunner)
#: An error in float32 is measured by what varies in an output: a class of 1,000 that is likely by
#: 0.001 differs from the next by less than any tolerance that counts from 1. What is left of that
#: is the rounding of sums, by the largest value.
_OF_SPREAD, _OF_LARGEST = 1e-4, 2e-6
_OF_HALVES = 1e-2
_SAYS_LITTLE = (
    "the output {!r} is nearly constant on what was fed: the comparison says little; give values "
    "of your own: {}"
)
#: Sizes that open dimensions get in the second sample, so that none is frozen in the model unseen.
_OTHER_BATCH = 3
#: Seconds that one conversion may take: nets of thousands of nodes take minutes.
TARGET_TIME_LIMIT = 600.0


class TargetOptions(NamedTuple):
    """What is asked for, beside the target.

    Attributes:
        inputs_as_nchw: Whether images are fed channels first.
        outputs_as_nchw: Whether what has four dimensions is given so.
        opset: Version of ONNX's operators.
        fp16: Whether weights have half the precision, where the target can.
        program: The converter's program, where it is one and is not found.
        feed: File with values of the inputs for the check; empty for random ones.
        expand_fake_quant: Whether all FakeQuants become arithmetic.
    """

    inputs_as_nchw: bool = False
    outputs_as_nchw: bool = False
    opset: int = 15
    fp16: bool = False
    program: str = ""
    feed: str = ""
    expand_fake_quant: bool = False


@dataclasses.dataclass(frozen=True)
class TargetPort:
    """An input or output of a converted model.

    Attributes:
        name: Name of the tensor in the graph.
        tensor: What it is called in the model.
        dtype: Element type in the model.
        shape: Dimensions in the model, None for those that may change; None for an unknown rank.
        layout: `NCHW` where the model has the channels of the graph's images first; else empty.
    """

    name: str
    tensor: str
    dtype: str
    shape: tuple[int | None, ...] | None
    layout: str = ""


class MadeModel(NamedTuple):
    """What a target has made, in a folder for temporary files.

    Attributes:
        files: By what comes behind the name of the model, the files: the first is the model.
        inputs: Its inputs, in the order of the graph's.
        outputs: Its outputs, likewise.
        operators: How often each operator occurs.
        versions: Of the libraries, by name.
        notes: What was done, and what is good to know.
        runs: What the target has to know to run it.
    """

    files: Mapping[str, str]
    inputs: tuple[TargetPort, ...]
    outputs: tuple[TargetPort, ...]
    operators: tuple[tuple[str, int], ...]
    versions: Mapping[str, str]
    notes: tuple[str, ...] = ()
    runs: Any = None


class Tools:
    """The child processes that a target may use; they are started when they are asked for.

    Attributes:
        worker: Has TensorFlow.
        folder: For temporary files.
    """

    def __init__(self, worker: Worker, stack: contextlib.ExitStack) -> None:
        self.worker = worker
        self.folder = worker.folder
        self._stack = stack
        self._runners: dict[type[RuntimeRunner], RuntimeRunner] = {}

    def runner(self, kind: type[_Runner]) -> _Runner:
        """The process of a runtime, one a kind."""
        if kind not in self._runners:
            self._runners[kind] = self._stack.enter_context(kind())  # type: ignore[call-arg]
        found = self._runners[kind]
        assert isinstance(found, kind)
        return found


#: Makes a model of a graph: raises where it cannot.
Make = Callable[[ConverterInput, TargetOptions, Tools], MadeModel]
#: Refuses what a target does not have before it is tried, and changes what it wants otherwise.
Prepare = Callable[[ConverterInput, TargetOptions], ConverterInput]
#: What a model gives for the values of its inputs, in their order and layout.
Run = Callable[[MadeModel, Sequence["Array"], Tools], "list[Array]"]


class Target(NamedTuple):
    """What a target is.

    Attributes:
        name: What it is called, as `onnx`.
        title: As it is written: `ONNX`.
        ending: Of the names of its files.
        require: Checks that what it needs is installed; raises MissingExtra.
        make: Makes a model; see `Make`.
        run: Runs it.
        blockers: The nodes that are known not to convert, without converting anything.
        prepare: See `Prepare`.
        others: What other endings of files mean it as well.
        remarks: What is to be said of a model that was run.
    """

    name: str
    title: str
    ending: str
    require: Callable[[TargetOptions], None]
    make: Make
    run: Run
    blockers: Callable[[ConverterInput], Sequence[Blocker]] = lambda _: ()
    prepare: Prepare = lambda asked, _: asked
    others: tuple[str, ...] = ()
    remarks: Callable[[MadeModel], Sequence[str]] = lambda _: ()


TARGETS: Registry[Target] = Registry("graphtools.convert.targets", "TARGET")


@dataclasses.dataclass(frozen=True)
class TargetVerdict:
    """Whether a graph converts to a target, as far as that is known before.

    Attributes:
        target: What it is: `onnx` or `ncnn`.
        nodes: Number of nodes that the outputs need.
        blockers: What keeps it from being converted, in the order of the graph.
    """

    target: str
    nodes: int
    blockers: tuple[Blocker, ...]


def judge_target(
    target: Target,
    graph: Graph,
    inputs: Sequence[str],
    outputs: Sequence[str],
    input_shapes: Mapping[str, Shape] | None = None,
) -> TargetVerdict:
    """What is known of a conversion before it is tried, without TensorFlow.

    Raises:
        InvalidGraph, InvalidValue, UnknownName: The graph is refused as a whole.
    """
    asked = target_input(graph, inputs, outputs, input_shapes)
    return TargetVerdict(target.name, len(asked.graph), tuple(target.blockers(asked)))


@dataclasses.dataclass(frozen=True)
class ComparedTensor:
    """How far an output of a model lies from TensorFlow's.

    Attributes:
        name: Name of the tensor in the graph.
        samples: Number of samples that were run.
        largest: Largest absolute value in TensorFlow.
        max_abs: Largest absolute error; None where no value is finite, or there are no numbers.
        varies_little: Whether its values are nearly all the same, so that the error says little.
    """

    name: str
    samples: int
    largest: float
    max_abs: float | None
    varies_little: bool = False


@dataclasses.dataclass(frozen=True)
class TargetConversion:
    """A model that was converted and computes what its graph does.

    Attributes:
        target: Path of the model.
        format: What it is: `onnx` or `ncnn`.
        files: All files that were written.
        size: Bytes of these.
        source_size: Bytes of the graph.
        inputs: Its inputs.
        outputs: Its outputs.
        operators: How often each operator occurs, the most frequent first.
        versions: Versions of the libraries that have converted and run it.
        errors: How far its outputs lie from TensorFlow's.
        error_data: What they were measured on.
        notes: What was done on the way, and what is good to know.
    """

    target: str
    format: str
    files: tuple[str, ...]
    size: int
    source_size: int
    inputs: tuple[TargetPort, ...]
    outputs: tuple[TargetPort, ...]
    operators: tuple[tuple[str, int], ...]
    versions: Mapping[str, str]
    errors: tuple[ComparedTensor, ...]
    error_data: str
    notes: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """It is what was asked for: what is not, is not kept."""
        return True


@dataclasses.dataclass(frozen=True)
class TargetConversions:
    """What came of several conversions in one call.

    Attributes:
        conversions: The models.
        failures: The graphs of which none was made.
    """

    conversions: tuple[TargetConversion, ...]
    failures: tuple[ConversionFailure, ...]


class WrongModel(GraphtoolsError):
    """A model that was made, does not compute what its graph does, and was not kept."""


class TargetConverter:
    """Converts one graph after the other to a target; a context manager.

    Example:
        >>> with TargetConverter(TARGETS.all()["onnx"]) as converter:
        ...     converter.convert(graph, ["input"], ["output"], target="model.onnx")
    """

    def __init__(
        self, target: Target, time_limit: float = TARGET_TIME_LIMIT, *, trust: bool = False
    ) -> None:
        """Prepare.

        Args:
            target: The target.
            time_limit: Seconds that one conversion may take.
            trust: Whether graphs may run that write or read files, or use the network.
        """
        self.target = target
        self.worker = Worker(time_limit, trust=trust)
        self._stack = contextlib.ExitStack()
        self._tools = Tools(self.worker, self._stack)

    def __enter__(self) -> TargetConverter:
        self._stack.enter_context(self.worker)
        if importlib.util.find_spec("tensorflow") is not None:
            self.worker.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._stack.close()

    def convert(
        self,
        graph: Graph,
        inputs: Sequence[str],
        outputs: Sequence[str],
        options: TargetOptions | None = None,
        *,
        target: str | os.PathLike[str],
        input_shapes: Mapping[str, Shape] | None = None,
    ) -> TargetConversion:
        """Convert a frozen graph, check the model, and write it where it computes the same.

        Args:
            graph: The graph; it is not changed.
            inputs: Names of the inputs.
            outputs: Names of the outputs.
            options: What is asked for.
            target: Path of the model; written whole or not at all.
            input_shapes: Shapes of inputs by tensor name, in place of those of the graph.

        Raises:
            MissingExtra: TensorFlow, or what the target needs, is not installed.
            ConversionBlocked: Nodes do not convert; they are listed.
            WrongModel: The model does not compute what the graph does.
            TensorFlowProblem, RuntimeProblem: A converter or runtime fails, crashes or hangs.
            InvalidGraph, InvalidValue, UnknownName: The graph or the options are wrong.
            FileProblem: The target cannot be written.
        """
        asked_for = options or TargetOptions()
        self.target.require(asked_for)
        require_tensorflow("converting a graph")
        asked = target_input(graph, inputs, outputs, input_shapes)
        asked = self.target.prepare(asked, asked_for)
        _refuse_random(asked, self.target)
        made = self.target.make(asked, asked_for, self._tools)
        errors, data, notes, vague = self._compared(asked, made, asked_for)
        notes += self._looked_into(asked, vague, asked_for)
        notes += self.target.remarks(made)
        files = _written(made, os.fspath(target), self.target)
        source = self.worker.file_of(asked.graph)
        return TargetConversion(
            target=files[0],
            format=self.target.name,
            files=files,
            size=sum(map(os.path.getsize, made.files.values())),
            source_size=os.path.getsize(source),
            inputs=made.inputs,
            outputs=made.outputs,
            operators=made.operators,
            versions={"tensorflow": self.worker.version, **made.versions},
            errors=errors,
            error_data=data,
            notes=tuple(dict.fromkeys([*asked.notes, *made.notes, *notes])),
        )

    def _looked_into(
        self, asked: ConverterInput, vague: Sequence[str], options: TargetOptions
    ) -> list[str]:
        """Compare what outputs are made of that hardly vary, in models of their own.

        All classes of a net whose weights are random are as likely, whatever is before the Softmax.

        Raises:
            WrongModel: That is not what TensorFlow computes.
        """
        pairs = ((name, before_softmax(asked, Ref.parse(name).tensor)) for name in vague)
        inner = {before: name for name, before in pairs if before}
        others = [name for name in vague if name not in inner.values()]
        notes = [_SAYS_LITTLE.format(name, param(feed="VALUES.npz")) for name in others]
        if not inner:
            return notes
        shapes = dict(zip(asked.inputs, asked.shapes, strict=True))
        cut = target_input(asked.graph, asked.inputs, list(inner), shapes)
        made = self.target.make(cut, options, self._tools)
        errors, _, more, left = self._compared(cut, made, options)
        for error in errors:
            if error.name in left:
                notes.append(_SAYS_LITTLE.format(inner[error.name], param(feed="VALUES.npz")))
            else:
                notes.append(
                    f"the output {inner[error.name]!r} is nearly constant on what was fed; "
                    f"{error.name!r} before it was compared as well: it differs by up to "
                    f"{error.max_abs or 0:.3g} of {error.largest:.3g}"
                )
        return notes + more

    def _compared(
        self, asked: ConverterInput, made: MadeModel, options: TargetOptions
    ) -> tuple[tuple[ComparedTensor, ...], str, list[str], list[str]]:
        """The errors of the outputs, what they were measured on, remarks, and what hardly varies.

        Raises:
            WrongModel: They are not what TensorFlow computes.
        """
        samples, data = samples_for(asked, options)
        wanted, found = [], []
        for number, sample in enumerate(samples):
            try:
                (values,) = graph_outputs(asked, [sample], self.worker)
            except TensorFlowProblem:
                if not number:
                    raise
                continue  # it does not take this size
            fed = [
                _in_layout(sample[name], port.layout)
                for name, port in zip(asked.inputs, made.inputs, strict=True)
            ]
            ran = self.target.run(made, fed, self._tools)
            wanted.append(values)
            found.append([_of_layout(x, p.layout) for x, p in zip(ran, made.outputs, strict=True)])
        errors, notes, vague = [], [], []
        for index, name in enumerate(asked.outputs):
            pairs = [(a[index], b[index]) for a, b in zip(wanted, found, strict=True)]
            error, note = compared(asked, str(Ref.parse(name)), pairs, self.target.title)
            vague += [error.name] if error.varies_little else []
            errors.append(error)
            notes += [note] if note else []
        return tuple(errors), data, notes, vague


def samples_for(asked: ConverterInput, options: TargetOptions) -> tuple[list[Arrays], str]:
    """What a graph and its model are fed with: given values, or two random samples.

    Open dimensions have other sizes in the second, so that a model that has those of the first in
    it is seen.

    Raises:
        InvalidValue: Random values cannot be made for an input.
    """
    if options.feed:
        found = load_feeds(options.feed, asked.graph, asked.inputs)
        return [found.arrays], options.feed
    shapes = dict(zip(asked.inputs, asked.shapes, strict=True))
    others = {name: _other_size(shape) for name, shape in shapes.items()}
    first = random_feeds(asked.graph, asked.inputs, shapes, 0).arrays
    second = random_feeds(asked.graph, asked.inputs, others, 1).arrays
    return [first, second], "two random samples"


def _other_size(shape: Shape) -> Shape:
    dims = shape.dims or ()
    if not dims or dims[0] is not None:
        return shape
    return Shape((_OTHER_BATCH, *dims[1:]))


def compared(
    asked: ConverterInput, name: str, pairs: Sequence[tuple[Array, Array]], title: str
) -> tuple[ComparedTensor, str]:
    """How far an output lies from TensorFlow's, and what is to be said of it.

    Args:
        asked: The graph.
        name: Name of the output.
        pairs: By sample, TensorFlow's values and the model's.
        title: What runs the model.

    Raises:
        WrongModel: They differ by more than rounding.
    """
    import numpy as np

    for a, b in pairs:
        if a.shape != b.shape:
            raise WrongModel(
                f"the model was not kept: its output {name!r} has the shape {Shape(b.shape)}, and "
                f"{Shape(a.shape)} in TensorFlow",
                _how_to_go_on(asked),
            )
    left, right = (np.concatenate([p[i].ravel() for p in pairs]) for i in (0, 1))
    if left.dtype.kind not in "fiub" or not left.size:
        if _texts(left) != _texts(right):
            raise WrongModel(
                f"the model was not kept: its output {name!r} is another", _how_to_go_on(asked)
            )
        return ComparedTensor(name, len(pairs), 0.0, None), ""
    metrics = measure(left.astype(np.float64), right.astype(np.float64))
    finite = left[np.isfinite(left)].astype(np.float64)
    largest = float(np.abs(finite).max()) if finite.size else 0.0
    spread = float(finite.max() - finite.min()) if finite.size else 0.0
    found = ComparedTensor(name, len(pairs), largest, metrics.max_abs)
    error = metrics.max_abs or 0.0
    if metrics.not_finite or error > _allowed(asked, left, largest, spread):
        rounds = TOLERANCES["uint8"]
        if (
            not metrics.not_finite
            and fake_quant.count(asked.graph)
            and rounds.admits_error(error, largest, metrics.snr)
        ):
            return found, (
                f"the output {name!r} differs by up to {error:.3g} of {largest:.3g}: the graph "
                "rounds to steps (FakeQuant), and a sum that differs in its last bit may fall to "
                "the next one"
            )
        raise WrongModel(
            f"the model was not kept: its output {name!r} is not what TensorFlow computes; it "
            f"differs by up to {error:.3g} in {title}, where the largest value is {largest:.3g}",
            _how_to_go_on(asked),
        )
    little = left.dtype.kind == "f" and finite.size > 1 and spread <= _OF_SPREAD * largest
    return dataclasses.replace(found, varies_little=little), ""


def _allowed(asked: ConverterInput, values: Array, largest: float, spread: float) -> float:
    """How far values may be off that have the given largest value and vary by the given spread."""
    if values.dtype.kind != "f":
        return 0.0
    if values.dtype.itemsize < 4 or _has_halves(asked):
        return _OF_HALVES * spread + _OF_SPREAD * largest
    return _OF_SPREAD * spread + _OF_LARGEST * largest


def _how_to_go_on(asked: ConverterInput) -> str:
    """What to do where the model is not right; random lengths and indices may be at fault."""
    pairs = zip(asked.inputs, asked.dtypes, strict=True)
    integers = [n for n, kind in pairs if kind.is_integer]
    unsure = [n for n in integers if not integer_range(asked.inference, n).is_known]
    if unsure:
        return f"random values may not do for {str(Ref.parse(unsure[0]))!r}: give some, " + param(
            feed="VALUES.npz"
        )
    return f"take a tensor before it as the output, to find the node: {param('outputs')}"


def _texts(array: Array) -> list[Any]:
    """Values, of which runtimes give strings as bytes or not."""
    if array.dtype.kind != "O":
        return list(array.tolist())
    return [x if isinstance(x, str) else bytes(x).decode("utf-8", "replace") for x in array]


def _has_halves(asked: ConverterInput) -> bool:
    return any(
        str(getattr(node.attr(key), "name", "")) in ("float16", "bfloat16")
        for node in asked.graph
        for key in ("T", "dtype", "DstT")
    )


def _refuse_random(asked: ConverterInput, target: Target) -> None:
    """Refuse what gives other values each time: nothing tells whether a model of it is right.

    Raises:
        InvalidValue: It does.
    """
    node = first_random(asked.graph)
    if node:
        raise InvalidValue(
            f"{node!r} draws random numbers: that the {target.title} model computes the same "
            "cannot be checked",
            "make a graph for inference: " + step("freeze", "FILE", output="OUT", inference=True),
        )


def _in_layout(array: Array, layout: str) -> Array:
    return array.transpose(0, 3, 1, 2).copy() if layout == "NCHW" else array


def _of_layout(array: Array, layout: str) -> Array:
    return array.transpose(0, 2, 3, 1) if layout == "NCHW" and array.ndim == 4 else array


def _written(made: MadeModel, target: str, kind: Target) -> tuple[str, ...]:
    """Write the files of a model, the one that has its name last."""
    places = [(target, path) for path in made.files.values()]
    if len(made.files) > 1 and target == STANDARD:
        raise InvalidValue(
            f"a model of {kind.title} is {len(made.files)} files, which standard output is not",
            f"name a file that ends in {kind.ending}",
        )
    if len(made.files) > 1:  # the names of the others go by that of the first
        ending = next((e for e in (kind.ending, *kind.others) if target.endswith(e)), "")
        stem = target.removesuffix(ending)
        places = [(stem + ending, path) for ending, path in made.files.items()]
    done: list[str] = []
    try:
        for place, path in reversed(places):
            with open(path, "rb") as content:
                write_file(place, _chunks(content))
            done.append(place)
    except BaseException:
        for place in done:
            with contextlib.suppress(OSError):
                os.unlink(place)
        raise
    return tuple(place for place, _ in places)


def _chunks(content: Any) -> Iterator[bytes]:
    while chunk := content.read(1 << 22):
        yield chunk
