"""Converts graphs to TFLite, and checks what comes out.

TensorFlow's converter runs in a child process, as it may crash or hang; what is known to make it do
so, and what it gets wrong without a word, is looked for before and after.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphtools.analysis.integer_range import integer_range
from graphtools.convert.conversion.converted_model import check_model
from graphtools.convert.conversion.converter_input import ConverterInput
from graphtools.convert.conversion.job import (
    ConversionJob,
    check_calibration,
    constant_data,
    prepare_job,
)
from graphtools.convert.conversion.messages import diagnosed, problem_of_answer
from graphtools.convert.conversion.model_error import (
    differences,
    error_samples,
    graph_outputs,
    is_broken,
    model_outputs,
    output_errors,
    remarks_on,
)
from graphtools.convert.conversion.options import ConversionOptions
from graphtools.convert.conversion.report import (
    Conversion,
    ConvertedPort,
    OutputError,
    RunInLiteRT,
)
from graphtools.convert.conversion.signatures import sign
from graphtools.errors import GraphtoolsError, pip_install
from graphtools.formats import open_model
from graphtools.formats.metagraph import Signature
from graphtools.formats.source import STANDARD, write_file
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.front_end import step
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape
from graphtools.run.answers import Converted
from graphtools.run.litert import LiteRT
from graphtools.run.litert_messages import LiteRTProblem
from graphtools.run.messages import TensorFlowProblem
from graphtools.run.passing import Message
from graphtools.run.requests import ConvertGraph
from graphtools.run.worker import TIME_LIMIT, Worker, require_tensorflow
from graphtools.verify.feeds import random_feeds
from graphtools.verify.runs import first_random

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphtools.convert.calibration.calibration import Calibration

__all__ = ["Conversion", "ConvertedPort", "Converter", "OutputError", "RunInLiteRT", "convert"]

#: Types of inputs and outputs that ask for a model with integers only.
_INTEGERS = frozenset({"int8", "uint8", "int16"})


class Converter:
    """Converts one graph after the other; a context manager.

    TensorFlow's child process starts at once, so that it imports while the first graph is read.

    Attributes:
        worker: Runs TensorFlow.
        litert: Runs the models.
    """

    def __init__(self, time_limit: float = TIME_LIMIT, *, trust: bool = False) -> None:
        """Prepare.

        Args:
            time_limit: Seconds that one conversion may take, and each run to check the model.
            trust: Whether graphs may run that write or read files, or use the network.
        """
        self.worker = Worker(time_limit, trust=trust)
        self.litert = LiteRT(time_limit, trust=trust)
        self._has_litert = importlib.util.find_spec("ai_edge_litert") is not None

    def __enter__(self) -> Converter:
        if importlib.util.find_spec("tensorflow") is not None:
            self.worker.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.worker.__exit__(*raised)
        self.litert.__exit__(*raised)

    # long: half of it are its parameters and the fields of what it gives back
    def convert(
        self,
        graph: Graph,
        inputs: Sequence[str],
        outputs: Sequence[str],
        options: ConversionOptions | None = None,
        *,
        target: str | os.PathLike[str],
        input_shapes: Mapping[str, Shape] | None = None,
        calibration: Calibration | None = None,
        signatures: Sequence[Signature] = (),
    ) -> Conversion:
        """Convert a frozen graph, write the model, and check it.

        Args:
            graph: The graph; it is not changed.
            inputs: Names of the inputs.
            outputs: Names of the outputs.
            options: What is asked for; a float model by default.
            target: Path of the model; written whole or not at all.
            input_shapes: Shapes of inputs, by tensor name (`input:0`), for those that do not follow
                from the graph or are to be another.
            calibration: Data for the modes `int8` and `int16x8`; for others, what the error is
                measured on.
            signatures: Signatures of the graph, which the model gets where it has their ends.

        Raises:
            MissingExtra: TensorFlow is not installed.
            ConversionBlocked: Nodes do not convert; they are listed.
            TensorFlowProblem: The converter fails, crashes, hangs or runs out of memory.
            InvalidGraph, InvalidValue, UnknownName: The graph or the options are wrong.
            FileProblem: The target cannot be written.
        """
        job = prepare_job(graph, inputs, outputs, options or ConversionOptions(), input_shapes)
        check_calibration(job, calibration)
        require_tensorflow("converting a graph")
        samples = self._sample_files(job.asked, calibration)
        file = self.worker.file_of(job.asked.graph)
        made = os.path.join(self.worker.folder, "model.tflite")
        if self._has_litert:
            self.litert.start()
        answer = self._ask(job, file, made, samples)
        if not isinstance(answer, Converted):
            raise problem_of_answer(answer, job.asked, job.options)
        model = open_model(made)
        assert isinstance(model, TFLiteModel)
        checked = check_model(model, job.asked, job.options)
        if signatures:
            sign(made, model, checked, signatures)
        with open(made, "rb") as content:
            write_file(target, [content.read()])
        findings = [*checked.findings, *constant_data(job, calibration)]
        notes = [*job.notes, *checked.notes]
        shown = os.fspath(target)
        place = made if shown == STANDARD else shown
        ran = self._run(place, job.asked, has_flex=bool(checked.flex_ops))
        if ran.status not in ("ran", "skipped"):
            findings.append(ran.message)
        elif ran.message:
            notes.append(ran.message)
        errors: tuple[OutputError, ...] = ()
        data = ""
        # random values may be beyond the ranges that a trained graph has
        if ran.status == "ran" and (job.options.quantize != "qat" or calibration is not None):
            errors, data = self._errors(job, place, calibration, notes, findings)
        return Conversion(
            target=shown,
            quantize=job.options.quantize,
            inputs=checked.inputs,
            outputs=checked.outputs,
            operators=checked.operators,
            custom_ops=checked.custom_ops,
            flex_ops=checked.flex_ops,
            size=os.path.getsize(made),
            source_size=os.path.getsize(file),
            tensorflow=self.worker.version,
            litert=ran,
            errors=errors,
            error_data=data,
            notes=tuple(dict.fromkeys(notes)),
            findings=tuple(dict.fromkeys(findings)),
        )

    def _ask(
        self,
        job: ConversionJob,
        file: str,
        made: str,
        samples: Sequence[str],
    ) -> Message:
        """Ask the child to convert a file.

        Raises:
            TensorFlowProblem: The converter crashes, hangs or runs out of memory.
        """
        options, asked = job.options, job.asked
        request = ConvertGraph(
            graph=file,
            model=made,
            inputs=tuple(str(Ref.parse(t)) for t in asked.inputs),
            outputs=tuple(str(Ref.parse(t)) for t in asked.outputs),
            shapes={
                str(Ref.parse(t)): s.dims or ()
                for t, s in zip(asked.inputs, asked.shapes, strict=True)
            },
            quantize=options.quantize,
            inner_type=options.inner_type,
            input_type=options.input_type,
            output_type=options.output_type,
            per_tensor=options.per_tensor,
            custom=options.allow_custom_ops,
            select=options.select_tf_ops,
            stats={str(Ref.parse(t)): stats for t, stats in job.statistics.items()},
            samples=tuple(samples),
            definitions=tuple(job.definitions),
            full_integer=bool({options.input_type, options.output_type} & _INTEGERS),
        )
        try:
            return self.worker.ask(request)
        except TensorFlowProblem as problem:
            raise diagnosed(problem, asked, options) from None

    def _sample_files(self, asked: ConverterInput, calibration: Calibration | None) -> list[str]:
        """Files with the samples, whose arrays have the order of the inputs."""
        if calibration is None:
            return []
        if tuple(calibration.names) == asked.inputs:
            return list(calibration.files)
        found = []
        for number, sample in enumerate(calibration.samples()):
            arrays = [sample[name] for name in asked.inputs]
            found.append(self.worker.pass_arrays(f"sample-{number}.npz", arrays))
        return found

    def _run(self, path: str, asked: ConverterInput, *, has_flex: bool) -> RunInLiteRT:
        """Load and run the model with random values."""
        if has_flex:
            return RunInLiteRT("skipped")  # the checks of the file say so
        if not self._has_litert:
            return RunInLiteRT(
                "skipped",
                f"the model was not run: LiteRT is not installed ({pip_install('litert')})",
            )
        try:
            self.litert.run(path, _feeds(asked))
        except LiteRTProblem as problem:
            kind = "skipped" if problem.kind in ("flex", "custom") else problem.kind
            particular = _particular_inputs(asked) if kind == "failed" else ""
            if particular:  # a shape or an index, for which random values do not do
                return RunInLiteRT(
                    "skipped",
                    f"the model loads, but random values do not do for {particular}: "
                    f"{problem.message}; run it with others: "
                    + step("verify", "GRAPH", "MODEL", feed="VALUES"),
                )
            return RunInLiteRT(kind, problem.message)
        except GraphtoolsError as problem:  # no random values for its inputs
            return RunInLiteRT("skipped", f"the model was not run: {problem.message}")
        return RunInLiteRT("ran")

    def _errors(
        self,
        job: ConversionJob,
        path: str,
        calibration: Calibration | None,
        notes: list[str],
        findings: list[str],
    ) -> tuple[tuple[OutputError, ...], str]:
        """The errors of the model's outputs; what is to be said of them is added to the lists."""
        asked = job.asked
        is_float = job.options.quantize == "none"
        unmeasured = "the model was not compared with the graph"
        random = first_random(asked.graph)
        if random:
            notes.append(f"{unmeasured}: {random!r} draws random numbers")
            return (), ""
        try:
            samples, data = error_samples(asked, calibration, is_float=is_float)
            wanted = graph_outputs(asked, samples, self.worker)
            found = model_outputs(path, asked, samples, self.litert)
        except GraphtoolsError as problem:
            notes.append(f"{unmeasured}: {problem.message}")
            return (), ""
        errors = tuple(output_errors(asked, wanted, found))
        different = list(differences(asked, wanted, found, errors, is_float=is_float))
        particular = _particular_inputs(asked) if calibration is None else ""
        if different and particular:
            notes.append(
                f"random values may not do for {particular}: "
                + step("verify", "GRAPH", "MODEL", feed="VALUES")
            )
            notes += different
        else:
            findings += different
        mode = job.options.quantize
        for error in errors:
            to = findings if is_broken(error, asked, mode) else notes
            to += remarks_on([error], asked, mode, has_data=calibration is not None)
        return errors, data


def _feeds(asked: ConverterInput) -> list[NDArray[Any]] | None:
    """Random values for the inputs, in their order; None where any do."""
    if not any(kind.is_integer for kind in asked.dtypes):
        return None
    shapes = dict(zip(asked.inputs, asked.shapes, strict=True))
    arrays = random_feeds(asked.graph, asked.inputs, shapes).arrays
    return [arrays[name] for name in asked.inputs]


def _particular_inputs(asked: ConverterInput) -> str:
    """The inputs of integers of which it is not known what they may be; empty if there are none."""
    pairs = zip(asked.inputs, asked.dtypes, strict=True)
    integers = [name for name, kind in pairs if kind.is_integer]
    unknown = [n for n in integers if not integer_range(asked.inference, n).is_known]
    return ", ".join(repr(str(Ref.parse(name))) for name in unknown)


def convert(
    graph: Graph,
    inputs: Sequence[str],
    outputs: Sequence[str],
    options: ConversionOptions | None = None,
    *,
    target: str | os.PathLike[str],
    input_shapes: Mapping[str, Shape] | None = None,
    calibration: Calibration | None = None,
    signatures: Sequence[Signature] = (),
    time_limit: float = TIME_LIMIT,
    trust: bool = False,
) -> Conversion:
    """Convert one graph; see `Converter` and `Converter.convert`.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> ends = ["input"], ["MobilenetV1/Predictions/Reshape_1"]
        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     target = os.path.join(folder, "model.tflite")
        ...     done = graphtools.convert_to_tflite(graph, *ends, target=target)
        ...     [port.name for port in done.inputs], os.path.exists(target)
        (['input'], True)
    """
    with Converter(time_limit, trust=trust) as converter:
        return converter.convert(
            graph,
            inputs,
            outputs,
            options,
            target=target,
            input_shapes=input_shapes,
            calibration=calibration,
            signatures=signatures,
        )
