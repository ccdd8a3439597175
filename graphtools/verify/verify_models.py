"""Compares what two models compute that are to be the same: graph, SavedModel, TFLite model.

Graphs run in TensorFlow and TFLite models in LiteRT, each in a process of its own, with the same
values for their inputs. See `metrics` for what is measured, and for what is tolerated after which
kind of conversion; see `detections` for how detectors are compared.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any

from graphtools.display import Displayed
from graphtools.errors import InvalidValue
from graphtools.formats import open_model
from graphtools.formats.format import Model
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.front_end import param
from graphtools.graph.functions import CALLS
from graphtools.graph.shape import Shape
from graphtools.idioms import fake_quant
from graphtools.model.loading import load_model
from graphtools.model.options import ModelOptions
from graphtools.run.litert import LiteRT, require_litert
from graphtools.run.worker import TIME_LIMIT, Worker, require_tensorflow
from graphtools.transforms.pipeline import transform
from graphtools.verify.compared_outputs import ComparedOutput, compare_output, remarks
from graphtools.verify.detections import (
    DetectionComparison,
    compare_detections,
    detection_tolerance,
    detections_of,
)
from graphtools.verify.graph_side import GraphSide
from graphtools.verify.layers import LayerComparison, compare_layers
from graphtools.verify.litert_side import LiteRTSide
from graphtools.verify.metrics import Tolerance, choose_tolerance
from graphtools.verify.model_sides import EndValue, Side, canonical
from graphtools.verify.paired_ends import PairedEnds, pair_ends, require_pairs
from graphtools.verify.paired_feeds import (
    FedPair,
    FeedOptions,
    PairedFeeds,
    named_shapes,
    paired_feeds,
)
from graphtools.verify.samples import joined
from graphtools.wording import counted


@dataclasses.dataclass(frozen=True)
class ModelVerification(Displayed):
    """Whether two models compute the same.

    Attributes:
        equal: Whether all outputs agree within the tolerance.
        a: The first model, which is the reference.
        b: The second.
        what_a: What the first is: `TensorFlow graph` or `TFLite model`.
        what_b: What the second is.
        kind_a: Kind of the conversion that the first went through, as `float`.
        kind_b: That of the second.
        tolerance: What was tolerated.
        inputs: What was fed.
        source: Where its values come from.
        outputs: The outputs, but for those of a detector.
        detections: The detections; None where there is no detector.
        layers: The tensors within; None if they were not asked for.
        notes: What the user is to know.
    """

    equal: bool
    a: str
    b: str
    what_a: str
    what_b: str
    kind_a: str
    kind_b: str
    tolerance: Tolerance
    inputs: tuple[FedPair, ...]
    source: str
    outputs: tuple[ComparedOutput, ...]
    detections: DetectionComparison | None
    layers: LayerComparison | None
    notes: tuple[str, ...]


# long: half of it are its parameters and the fields of what it gives back
def verify_models(
    a: str | os.PathLike[str],
    b: str | os.PathLike[str],
    feed: str | os.PathLike[str] | Mapping[str, Any] | None = None,
    *,
    options: ModelOptions | None = None,
    seed: int = 0,
    tolerance: str = "",
    rtol: float | None = None,
    atol: float | None = None,
    layers: bool = False,
    reference: bool = False,
    time_limit: float = TIME_LIMIT,
    trust: bool = False,
    worker: Worker | None = None,
    litert: LiteRT | None = None,
) -> ModelVerification:
    """Run two models with the same inputs, and compare their outputs.

    Args:
        a: The first model, the reference: graph, .meta file, SavedModel or .tflite.
        b: The second.
        feed: Values of the inputs: an .npz file, or arrays by name of a tensor or in a signature;
            random ones by default. Several samples for models that take one at a time are run one
            by one.
        options: How graphs among them are read. Inputs and outputs are those of the first, and of
            the second if it has all of them; shapes are those of inputs of either.
        seed: Starts random numbers.
        tolerance: Kind of conversion whose tolerance counts, see `metrics.TOLERANCES`; that of the
            models by default.
        rtol: Relative tolerance that each element has to keep, in place of that.
        atol: Absolute tolerance, likewise.
        layers: Whether to compare the tensors within as well; of several samples for the first.
        reference: Whether LiteRT takes its reference kernels, which are slow.
        time_limit: Seconds that one run may take.
        trust: Whether models may run that write or read files, or use the network.
        worker: Runs graphs, where several comparisons are to share a process; `time_limit` is
            its own then.
        litert: Runs TFLite models, likewise; `reference` and `trust` are its own then.

    Raises:
        MissingExtra: TensorFlow or LiteRT is needed and not installed.
        TensorFlowProblem, LiteRTProblem: A model does not run.
        GraphtoolsError: A model cannot be read, names, feeds or shapes do not fit.

    Example:
        >>> a, b = "fixtures/classifier/frozen.pb", "fixtures/quant/float.tflite"
        >>> graphtools.verify_models(a, b).equal
        True
    """
    choose_tolerance([], tolerance, rtol, atol)
    options = options or ModelOptions()
    paths = (os.fspath(a), os.fspath(b))
    models = [open_model(path) for path in paths]
    require_runtimes(models)
    with contextlib.ExitStack() as stack:
        litert = litert or stack.enter_context(LiteRT(time_limit, reference=reference, trust=trust))
        if any(isinstance(m, TFLiteModel) for m in models):
            litert.start()
        worker = worker or stack.enter_context(Worker(time_limit, trust=trust))
        runtimes = (worker, litert)
        first = open_side(paths[0], models[0], options, *runtimes, layers=layers, is_second=False)
        follows = isinstance(first, GraphSide)
        second = open_side(
            paths[1], models[1], options, *runtimes, layers=layers, is_second=follows
        )
        sides = (first, second)
        inputs, outputs = _paired(first, second, paths)
        options = with_batch(options, first)
        feeds = _feeds(first, second, inputs, feed, options, seed)
        runs = feeds.runs()
        values = [
            joined([side.run(fed) for fed in each]) for side, each in zip(sides, runs, strict=True)
        ]
        wanted = choose_tolerance([side.kind for side in sides], tolerance, rtol, atol)
        found_layers = None
        if layers:
            found_layers = compare_layers(first, second, runs[0][0], runs[1][0], wanted)
    detections = _compare_detections(first, second, values[0], values[1], wanted)
    compared = tuple(
        compare_output(x, y, values[0][x.name], values[1][y.name], wanted) for x, y in outputs.pairs
    )
    notes = (*first.notes, *second.notes, *inputs.notes, *outputs.notes, *feeds.notes)
    equal = all(c.equal for c in compared) and (detections is None or detections.equal)
    steps = [] if equal else _rounding(sides, wanted)
    return ModelVerification(
        equal=equal,
        a=paths[0],
        b=paths[1],
        what_a=first.what,
        what_b=second.what,
        kind_a=first.kind,
        kind_b=second.kind,
        tolerance=wanted,
        inputs=feeds.inputs,
        source=feeds.source,
        outputs=compared,
        detections=detections,
        layers=found_layers,
        notes=(*notes, *_left_out(inputs, outputs), *remarks(values), *steps),
    )


def require_runtimes(models: Sequence[Model]) -> None:
    """Check that what is needed is installed, before time is spent."""
    if any(isinstance(m, TFLiteModel) for m in models):
        require_litert()
    if not all(isinstance(m, TFLiteModel) for m in models):
        require_tensorflow()


def open_side(
    path: str,
    model: Model,
    options: ModelOptions,
    worker: Worker,
    litert: LiteRT,
    *,
    layers: bool,
    is_second: bool,
) -> Side:
    """A model with its ends.

    Args:
        path: Where it is.
        model: What `open_model` returned.
        options: How graphs are read.
        worker: Runs graphs.
        litert: Runs TFLite models.
        layers: Whether the tensors within are compared, those in functions as well.
        is_second: Whether the model is the second of two graphs.
    """
    if isinstance(model, TFLiteModel):
        if path == "-":
            raise InvalidValue("a .tflite cannot come from standard input", "give its file")
        return LiteRTSide(model, litert)
    inputs, outputs = options.inputs, options.outputs
    if is_second:
        from graphtools.formats import graph_of

        graph = graph_of(model, options.tags)
        inputs, outputs = (
            names if names and all(canonical(n).split(":")[0] in graph for n in names) else None
            for names in (inputs, outputs)
        )
    own = dataclasses.replace(
        options,
        inputs=inputs,
        outputs=outputs,
        input_shapes={},  # they may be the other model's
        batch=None,
        signature=options.signature if model.kind == "SavedModel" else None,
    )
    frozen = load_model(path, own, file=model).runnable
    if layers and any(node.op in CALLS for node in frozen.graph):
        ends = (frozen.inputs, frozen.outputs)
        inlined = transform(frozen.graph, "inline_partitionedcall", *ends).graph
        frozen = dataclasses.replace(frozen, graph=inlined)
    shapes = named_shapes(options.input_shapes, frozen.inputs) if not is_second else None
    return GraphSide(frozen, worker, shapes)


def with_batch(options: ModelOptions, side: Side) -> ModelOptions:
    """The options with the batch as shapes of the inputs of the first model."""
    if options.batch is None:
        return options
    known = {end.name: Shape(end.dims).with_batch(options.batch) for end in side.inputs}
    shapes = {name: shape for name, shape in known.items() if shape is not None}
    given = named_shapes(options.input_shapes, list(known))
    return dataclasses.replace(options, input_shapes={**shapes, **given}, batch=None)


def _paired(a: Side, b: Side, paths: tuple[str, str]) -> tuple[PairedEnds, PairedEnds]:
    """The inputs and the outputs of two models by pairs, without the outputs of detectors.

    Raises:
        GraphtoolsError: One has no partner.
    """
    inputs = pair_ends(a.inputs, b.inputs, "input")
    require_pairs(inputs, "input", paths)
    left, right = list(a.outputs), list(b.outputs)
    if _are_detectors(a, b):
        left = [end for end in left if end.name not in a.detection_outputs.values()]
        right = [end for end in right if end.name not in b.detection_outputs.values()]
    outputs = pair_ends(left, right, "output")
    if not _are_detectors(a, b):
        require_pairs(outputs, "output", paths)
    return inputs, outputs


def _feeds(
    a: Side,
    b: Side,
    inputs: PairedEnds,
    feed: str | os.PathLike[str] | Mapping[str, Any] | None,
    options: ModelOptions,
    seed: int,
) -> PairedFeeds:
    wanted = FeedOptions(
        feed if isinstance(feed, str | os.PathLike) else None,
        feed if isinstance(feed, Mapping) else None,
        options.input_shapes,
        seed,
        one_by_one=not _are_detectors(a, b),
    )
    return paired_feeds(a, b, inputs.pairs, (inputs.left, inputs.right), wanted)


def _are_detectors(a: Side, b: Side) -> bool:
    return bool(a.detection_outputs and b.detection_outputs)


def _compare_detections(
    a: Side,
    b: Side,
    left: Mapping[str, EndValue],
    right: Mapping[str, EndValue],
    tolerance: Tolerance,
) -> DetectionComparison | None:
    """The detections compared; None where one of the models is no detector."""
    if not _are_detectors(a, b):
        return None
    found, most = [], []
    firsts = {a.first_class, b.first_class}
    for side, values in ((a, left), (b, right)):
        parts = {role: values[name].real for role, name in side.detection_outputs.items()}
        if len(firsts) > 1:  # the API clips boxes at the image's edge, the op for TFLite does not
            parts["boxes"] = parts["boxes"].clip(0, 1)
        found.append(detections_of(**parts, first_class=side.first_class))
        most.append(int(parts["scores"].shape[-1]))
    return compare_detections(
        found[0],
        found[1],
        detection_tolerance(tolerance.kind),
        (most[0], most[1]),
        # the op for TFLite keeps one class a box, as it is exported
        suppress_across=0 in firsts,
    )


def _rounding(sides: Sequence[Side], tolerance: Tolerance) -> list[str]:
    """Graphs that round as a quantized model does, where the tolerance is that of floats."""
    found = []
    for model, side in zip("AB", sides, strict=True):
        number = fake_quant.count(side.graph) if isinstance(side, GraphSide) else 0
        if number and tolerance.kind == "float":
            nodes = counted(number, "FakeQuant node")
            found.append(
                f"{model} rounds to steps as a quantized model does ({nodes}): where a sum differs "
                f"in its last bit, a value may fall to the next step; {param(tolerance='uint8')} "
                "allows that"
            )
    return found


def _left_out(inputs: PairedEnds, outputs: PairedEnds) -> list[str]:
    """Ends that only one of the models has."""
    found = []
    for what, ends in (("input", inputs), ("output", outputs)):
        for model, alone in (("A", ends.left), ("B", ends.right)):
            names = ", ".join(end.name for end in alone)
            if names:
                fed = "fed with values of its own" if what == "input" else "not compared"
                found.append(f"only {model} has the {what} {names}: {fed}")
    return found
