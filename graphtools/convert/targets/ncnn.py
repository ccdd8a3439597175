"""ncnn: ONNX by tf2onnx, prepared by passes, converted by pnnx, and run in ncnn.

The result is X.ncnn.param, X.ncnn.bin and X.ncnn.json, which tells how blobs are fed: their names
are not those of the graph, and which axis is left out as the batch depends on the layers.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.compat.ncnn_rules import missing_layers, ncnn_blockers
from graphtools.compat.onnx_rules import onnx_blockers
from graphtools.compat.verdict import Blocker
from graphtools.convert.conversion.converter_input import ConverterInput, target_input
from graphtools.convert.conversion.errors import ConversionBlocked
from graphtools.convert.target import (
    MadeModel,
    Target,
    TargetOptions,
    TargetPort,
    Tools,
    WrongModel,
)
from graphtools.convert.targets.onnx import make_onnx, prepared, require_onnx, run_onnx
from graphtools.errors import GraphtoolsError, InvalidGraph, InvalidValue, NothingFound
from graphtools.front_end import param
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.rewrite.prune import needed_nodes
from graphtools.run.ncnn_runtime import NCNN
from graphtools.run.onnx_runtime import ONNXRuntime
from graphtools.run.pnnx import NO_BATCH, PnnxResult, find_pnnx, run_pnnx
from graphtools.run.runtime_runner import RuntimeProblem
from graphtools.wording import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: An error of half the precision, as part of the largest value: what is beyond is another model.
_OF_HALF = 0.02
_MODEL = "the model that pnnx made"


class NCNNModels(NamedTuple):
    """What is run of a model.

    Attributes:
        whole: With weights of float32.
        half: With weights of float16; None where none are wanted.
        constants: By index of an output that depends on no input, its value: it has no blob.
        errors: By index of an output, errors of the half precision, and the largest values.
    """

    whole: PnnxResult
    half: PnnxResult | None
    constants: dict[int, Array]
    errors: dict[int, tuple[float, float]]


def require_ncnn(options: TargetOptions) -> None:
    """Check that all that is needed is installed.

    Raises:
        MissingExtra, GraphtoolsError: Something is not.
    """
    NCNN.require("converting to ncnn")
    require_onnx(options)
    _pnnx(options)


def _pnnx(options: TargetOptions) -> str:
    """The program pnnx.

    Raises:
        NothingFound: The one that is named is not there.
        GraphtoolsError: There is none.
    """
    found = find_pnnx(options.program)
    if not found and options.program:
        raise NothingFound(f"{options.program}: there is no such program", "name pnnx's executable")
    if not found:
        raise GraphtoolsError(
            "converting to ncnn needs the program pnnx, which is not installed",
            f"pip install --no-deps pnnx (it needs no torch), or name it: {param(program='PATH')}",
        )
    return found


def prepare_ncnn(asked: ConverterInput, _: TargetOptions) -> ConverterInput:
    """Refuse what ncnn does not have before it is tried, and fix an open batch.

    Raises:
        ConversionBlocked: There are nodes that ncnn has no layer for, or another.
        InvalidGraph: An input is not of float32, or is an output.
        InvalidValue: A size is open.
    """
    blockers = list(ncnn_blockers(asked.graph, asked.inference))
    if blockers:
        first = blockers[0]
        raise ConversionBlocked(
            f"{first.node!r} ({first.op}) does not convert to ncnn: {first.reason}",
            first.remedy,
            blockers,
        )
    if not asked.inputs:
        raise InvalidGraph("the graph has no inputs, which a model of ncnn needs")
    shapes: dict[str, Shape] = {}
    for name, kind, shape in zip(asked.inputs, asked.dtypes, asked.shapes, strict=True):
        shown = str(Ref.parse(name))
        if kind.name != "float32":
            raise InvalidGraph(
                f"the input {shown!r} is of {kind.name}: ncnn computes with float32",
                f"cut the graph behind the node that turns it into float32: {param('inputs')}",
            )
        if _is_handed_on(asked, name):
            raise InvalidGraph(
                f"the input {shown!r} is an output, too, at which ncnn crashes",
                f"leave it out: {param('outputs')}",
            )
        dims = shape.dims or ()
        if not dims:
            raise InvalidGraph(f"the input {shown!r} is a single number, which pnnx cannot read")
        if any(d is None for d in dims[1:]):
            raise InvalidValue(
                f"the input {shown!r} has the open size {shape}: pnnx makes models of one size",
                f"give it: {param(input_shapes={shown: [1, 224, 224, 3]})}",
            )
        if dims[0] is None:
            shapes[name] = Shape((1, *dims[1:]))
    if not shapes:
        return asked
    names = ", ".join(str(Ref.parse(name)) for name in shapes)
    fixed = target_input(asked.graph, asked.inputs, asked.outputs, shapes)
    note = f"the open batch of {names} became 1: models of ncnn have one size"
    return fixed._replace(notes=(*asked.notes, *fixed.notes, note))


def _is_handed_on(asked: ConverterInput, name: str) -> bool:
    """Whether an output is an input as it stands."""
    found = set()
    for output in asked.outputs:
        ref = Ref.parse(output)
        while asked.graph[ref.node].op == "Identity" and ref.tensor not in asked.inputs:
            ref = Ref.parse(asked.graph[ref.node].data_inputs[0])
        found.add(ref.tensor)
    return name in found


def make_ncnn(asked: ConverterInput, options: TargetOptions, tools: Tools) -> MadeModel:
    """Convert a graph to ncnn by way of ONNX.

    Raises:
        ConversionBlocked, TensorFlowProblem: See `make_onnx`.
        RuntimeProblem: pnnx crashes, hangs, or loses an input or output.
    """
    import numpy as np

    onnx = make_onnx(asked, options._replace(inputs_as_nchw=True, expand_fake_quant=True), tools)
    folder = tempfile.mkdtemp(dir=tools.folder)
    runtime = tools.runner(ONNXRuntime)
    shapes = [[d or 1 for d in port.shape or ()] for port in onnx.inputs]
    prepared = os.path.join(folder, "prepared.onnx")
    passes = runtime.prepare_for_ncnn(onnx.files[".onnx"], prepared)
    made = _models(_pnnx(options), prepared, shapes, half=options.fp16)
    whole, last = made[0], made[-1]
    constants = _constants(asked, onnx, tools)
    inputs = [_port(port, f"in{i}", whole.inputs) for i, port in enumerate(onnx.inputs)]
    outputs = [
        dataclasses.replace(port, tensor="")
        if i in constants
        else _port(port, f"out{i}", whole.outputs)
        for i, port in enumerate(onnx.outputs)
    ]
    files = {".ncnn.param": last.param, ".ncnn.bin": last.weights}
    for index, value in constants.items():
        files[f".out{index}.npy"] = os.path.join(folder, f"out{index}.npy")
        np.save(files[f".out{index}.npy"], value)
    files[".ncnn.json"] = os.path.join(folder, "model.json")
    with open(files[".ncnn.json"], "w", encoding="utf-8") as file:
        json.dump(_description(inputs, outputs, whole, options), file, indent=2)
        file.write("\n")
    notes = [f"{counted(count, 'node')} for pnnx: {name}" for name, count in passes]
    if constants:
        names = ", ".join(onnx.outputs[i].name for i in constants)
        notes.append(
            f"{names}: constant, which is no blob of ncnn; the values are beside the model"
        )
    return MadeModel(
        files,
        tuple(inputs),
        tuple(outputs),
        _layers(last.param),
        {"tf2onnx": onnx.versions["tf2onnx"], "ncnn": version("ncnn")},
        (*onnx.notes, *notes),
        NCNNModels(whole, last if options.fp16 else None, constants, {}),
    )


def _models(
    program: str, onnx: str, shapes: Sequence[Sequence[int]], *, half: bool
) -> list[PnnxResult]:
    """The models with weights of float32, and where they are wanted those of float16.

    Raises:
        RuntimeProblem: pnnx crashes, hangs, or makes none.
    """
    made = []
    for name in ("whole", "half")[: 1 + half]:
        place = os.path.join(os.path.dirname(onnx), name)
        os.makedirs(place)
        model = shutil.copy(onnx, os.path.join(place, "model.onnx"))
        try:
            made.append(run_pnnx(program, model, shapes, half=name == "half"))
        except RuntimeProblem as problem:
            problem.remedy = problem.remedy or (
                "it ends so at ops of ONNX that it does not know; cut the graph before these: "
                + param("outputs")
            )
            raise
    return made


def run_ncnn(model: MadeModel, feeds: Sequence[Array], tools: Tools) -> list[Array]:
    """What a model gives in ncnn, with weights of float32; of float16 the errors are kept.

    Raises:
        RuntimeProblem: ncnn does not load the model, crashes or hangs.
        WrongModel: With weights of float16 it is another.
    """
    import numpy as np

    models: NCNNModels = model.runs
    runs = []
    for each in (models.whole, models.half):
        if each is None:
            continue
        inputs = [(port.tensor, each.inputs[port.tensor]) for port in model.inputs]
        names = [port.tensor for port in model.outputs if port.tensor]
        outputs = [(name, each.outputs[name]) for name in names]
        try:
            found = tools.runner(NCNN).run(each.param, each.weights, inputs, outputs, feeds, _MODEL)
        except RuntimeProblem as problem:
            problem.remedy = problem.remedy or _remedy_of(problem)
            raise
        values = iter(found)
        runs.append(
            [
                _shaped(next(values), port) if port.tensor else models.constants[index]
                for index, port in enumerate(model.outputs)
            ]
        )
    for index, (a, b) in enumerate(zip(runs[0], runs[-1], strict=True)):
        error, largest = float(np.abs(a - b).max(initial=0)), float(np.abs(a).max(initial=0))
        if not error <= _OF_HALF * largest:
            raise WrongModel(
                f"the model was not kept: with weights of float16 its output "
                f"{model.outputs[index].name!r} is off by {error:.3g} of {largest:.3g}",
                f"keep them whole: {param(fp16=False)}",
            )
        before = models.errors.get(index, (0.0, 0.0))
        models.errors[index] = max(before[0], error), max(before[1], largest)
    return runs[0]


#: What helps against a layer that ncnn does not have; pnnx leaves it where it finds no other.
_LAYERS = {
    "F.batch_norm": "freeze the graph for inference: its batch norms are those of training",
    "F.linear": "make the weights of the MatMul constant",
    "Tensor.to": "leave casts out: feed float32, and cut the graph before the others",
    "torch.tile": "write repeats as ResizeNearestNeighbor",
    "torch.gt": "cut the graph before the comparison",
}


def _remedy_of(problem: RuntimeProblem) -> str:
    """What helps where ncnn does not load or run a model."""
    layer = problem.message.partition("layer ")[2].partition(" ")[0]
    cut = f"cut the graph before what became that layer: {param('outputs')}"
    if problem.kind == "crashed":
        return f"convert parts of the graph, to find the node: {param('outputs')}"
    return _LAYERS.get(layer, cut)


def remarks_on_ncnn(model: MadeModel) -> list[str]:
    """The errors of weights of float16, where they are wanted."""
    models: NCNNModels = model.runs
    if models.half is None:
        return []
    return [
        f"weights of float16 add an error of {error:.3g} of {largest:.3g} to "
        f"{model.outputs[index].name!r}"
        for index, (error, largest) in models.errors.items()
    ]


def _constants(asked: ConverterInput, onnx: MadeModel, tools: Tools) -> dict[int, Array]:
    """By index, the outputs that depend on no input, which are no blobs of a model of ncnn."""
    import numpy as np

    fed = {producer(name) for name in asked.inputs}
    indices = [
        i
        for i, name in enumerate(asked.outputs)
        if not fed & needed_nodes(asked.graph, [producer(name)], fed)
    ]
    if not indices:
        return {}
    shapes = [[d or 1 for d in port.shape or ()] for port in onnx.inputs]
    found = run_onnx(onnx, [np.zeros(dims, np.float32) for dims in shapes], tools)
    return {i: found[i] for i in indices}


def _port(port: TargetPort, blob: str, blobs: dict[str, int]) -> TargetPort:
    """An end by its name in ncnn.

    Raises:
        RuntimeProblem: pnnx lost it.
    """
    if blob not in blobs:
        raise RuntimeProblem(
            "refused",
            f"pnnx lost {port.name!r} ({blob}), and said nothing; the model was not kept",
            f"leave it out, or put another node in its place: {param('outputs')}",
        )
    return dataclasses.replace(port, tensor=blob)


def _shaped(array: Array, port: TargetPort) -> Array:
    """An output with the dimensions of size 1 that its blob may lack.

    Values of another shape are left as they are: they are an error that is to be seen.
    """
    dims = port.shape or ()
    same = [d for d in array.shape if d != 1] == [d for d in dims if d != 1]
    return array.reshape([d or 1 for d in dims]) if same and None not in dims else array


def _description(
    inputs: Sequence[TargetPort],
    outputs: Sequence[TargetPort],
    made: PnnxResult,
    options: TargetOptions,
) -> dict[str, object]:
    """What a program has to know that feeds the model."""

    def end(port: TargetPort, blobs: dict[str, int], file: str = "") -> dict[str, object]:
        axis = blobs.get(port.tensor, NO_BATCH)
        told: dict[str, object] = {
            "name": port.name,
            "blob": port.tensor,
            "shape": port.shape,
            "layout": port.layout,
            "batch_index": None if axis == NO_BATCH else axis,
        }
        return told if port.tensor else {**told, "file": file}

    return {
        "inputs": [end(port, made.inputs) for port in inputs],
        "outputs": [end(p, made.outputs, f".out{i}.npy") for i, p in enumerate(outputs)],
        "fp16_weights": options.fp16,
    }


def _layers(path: str) -> tuple[tuple[str, int], ...]:
    """How often each layer occurs, the most frequent first."""
    with open(path, encoding="utf-8") as file:
        kinds = [line.split()[0] for line in file.read().splitlines()[2:] if line.strip()]
    return tuple(Counter(kind for kind in kinds if kind not in ("Input", "Split")).most_common())


def blockers_of_ncnn(asked: ConverterInput) -> list[Blocker]:
    """The nodes that are known not to convert.

    Raises:
        InvalidGraph, InvalidValue: See `prepare_ncnn`.
    """
    try:
        asked = prepare_ncnn(asked, TargetOptions())
    except ConversionBlocked as problem:
        return list(problem.blockers)
    graph, _ = prepared(asked, expand=True)
    return [*onnx_blockers(graph, asked.outputs), *missing_layers(graph)]


TARGET = Target(
    "ncnn",
    "ncnn",
    ".ncnn.param",
    require_ncnn,
    make_ncnn,
    run_ncnn,
    blockers_of_ncnn,
    prepare_ncnn,
    (".ncnn",),
    remarks_on_ncnn,
)
