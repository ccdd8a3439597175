"""Which operators of a `.tflite` run where: on the accelerator, on the CPU, or nowhere.

A model is cut as TFLite cuts it for a delegate (`graph_info.cc`): what can run is taken as long as
nothing that it reads comes from behind an operator that is left out. The Edge TPU compiler maps the
first such piece, the GPU delegate takes the largest.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from graphtools.compat import edge_tpu, gpu_delegate
from graphtools.compat.tflite_step import OperatorStep, is_quantized
from graphtools.display import Displayed
from graphtools.errors import InvalidValue
from graphtools.formats.tflite.macs import operator_macs
from graphtools.formats.tflite.model import Subgraph, TFLiteModel, TFLiteTensor
from graphtools.formats.tflite.runtimes import EDGE_TPU_OP, first_runtime, kernels, missing_kernel
from graphtools.ops.dims import show
from graphtools.wording import did_you_mean

#: What a `.tflite` can be meant for.
TARGETS = ("tflite", "edgetpu", "gpu", "micro")
CPU, NOWHERE = "cpu", "nowhere"
#: Why an operator that the compiler has is not mapped: what it says itself.
BEHIND = "it is behind the first subgraph"
OUTSIDE = "it is outside the largest piece, and the delegate takes one"
#: Runtime of which the newest Edge TPU compiler, 16.0, knows the operators.
_COMPILER = (2, 5)
#: Operators that TFLite Micro has for int8, int16 and float32, not for uint8 or mixed types.
_WEIGHTED = frozenset({"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV"})
#: Custom operators that TFLite Micro has.
_MICRO_CUSTOM = frozenset({"CIRCULAR_BUFFER", "TFLite_Detection_PostProcess", "ethos-u"})


@dataclasses.dataclass(frozen=True)
class OperatorPlace:
    """Where an operator runs.

    Attributes:
        index: Place in the first subgraph.
        op: Its name, as `CONV_2D`.
        tensor: Name of its first output.
        runs_on: `edgetpu`, `gpu`, `cpu`, or `nowhere` where the interpreter has no kernel for it.
        reason: Why not on what the model is meant for; empty where it is.
        macs: Multiply-accumulates of one run.
    """

    index: int
    op: str
    tensor: str
    runs_on: str
    reason: str
    macs: int


@dataclasses.dataclass(frozen=True)
class Placement(Displayed):
    """Which operators of a model's first subgraph run where.

    Attributes:
        path: The model.
        target: What it is meant for.
        operators: Its operators, in the order of execution.
        pieces: Number of pieces that could run on the accelerator, of which one does.
        first_left: Index of the first operator behind that piece which is refused; -1 where none
            is.
    """

    path: str
    target: str
    operators: tuple[OperatorPlace, ...]
    pieces: int
    first_left: int

    @property
    def is_whole(self) -> bool:
        """Whether all of it runs where it is meant to."""
        return all(not place.reason for place in self.operators)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one run."""
        return sum(place.macs for place in self.operators)

    @property
    def left_macs(self) -> int:
        """Those of operators that do not run where they are meant to."""
        return sum(place.macs for place in self.operators if place.reason)

    @property
    def left(self) -> int:
        """Number of operators that do not run where they are meant to."""
        return sum(bool(place.reason) for place in self.operators)


def place_operators(model: TFLiteModel, target: str = "tflite") -> Placement:
    """Tell which operators of a model run where.

    Args:
        model: The model; a compiled one, with an `edgetpu-custom-op`, is taken as it is.
        target: One of `TARGETS`.

    Raises:
        InvalidValue: The target is none, or the model has no subgraph.

    Example:
        >>> placement = place_operators(open_model("fixtures/quant/model.tflite"), "edgetpu")
        >>> {place.runs_on for place in placement.operators}
        {'edgetpu'}
    """
    if target not in TARGETS:
        hint = did_you_mean(target, TARGETS, f"targets: {', '.join(TARGETS)}")
        raise InvalidValue(f"{target!r} is no target of a TFLite model", hint)
    if not model.subgraphs:
        raise InvalidValue(f"{model.path} has no subgraph, so that nothing runs")
    main = model.subgraphs[0]
    refused = [refusal(OperatorStep(model, main, o), target) for o in main.operators]
    if target not in ("edgetpu", "gpu"):
        runs_on = [NOWHERE if reason else CPU for reason in refused]
        return _placement(model, target, main, runs_on, refused, 1)
    pieces = _pieces(main, [not reason for reason in refused])
    taken: Sequence[int] = ()
    if pieces:
        taken = pieces[0] if target == "edgetpu" else max(pieces, key=len)
    chosen = set(taken)
    other = BEHIND if target == "edgetpu" else OUTSIDE
    reasons = ["" if index in chosen else reason or other for index, reason in enumerate(refused)]
    runs_on = [
        target if i in chosen else NOWHERE if missing_kernel(o) and o.is_custom else CPU
        for i, o in enumerate(main.operators)
    ]
    return _placement(model, target, main, runs_on, reasons, len(pieces))


def _placement(
    model: TFLiteModel,
    target: str,
    main: Subgraph,
    runs_on: Sequence[str],
    reasons: Sequence[str],
    pieces: int,
) -> Placement:
    found = []
    for operator, where, reason in zip(main.operators, runs_on, reasons, strict=True):
        outputs = (main.tensors[i].plain_name for i in operator.outputs if i >= 0)
        macs = operator_macs(main, operator)
        name = next(outputs, f"{operator.op}_{operator.index}")
        found.append(OperatorPlace(operator.index, operator.op, name, where, reason, macs))
    begins = next((p.index for p in found if p.runs_on == target), len(found))
    other = (BEHIND, OUTSIDE)
    left = (p.index for p in found if p.reason and p.reason not in other and p.index > begins)
    return Placement(model.path, target, tuple(found), pieces, next(left, -1))


def _pieces(main: Subgraph, fits: Sequence[bool]) -> list[list[int]]:
    """The pieces that fit, in the order in which TFLite finds them."""
    ready = {t.index for t in main.tensors}
    ready -= {i for o in main.operators for i in o.outputs}
    waiting = list(main.operators)
    found: list[list[int]] = []
    while waiting:
        piece: list[int] = []
        kind: bool | None = None
        moved = True
        while moved:
            moved, left = False, []
            for operator in waiting:
                is_ready = all(i < 0 or i in ready for i in operator.inputs)
                if is_ready and kind in (None, fits[operator.index]):
                    kind = fits[operator.index]
                    piece.append(operator.index)
                    ready.update(operator.outputs)
                    moved = True
                else:
                    left.append(operator)
            waiting = left
        if not piece:
            break  # they read what nothing gives
        if kind:
            found.append(piece)
    return found


def refusal(step: OperatorStep, target: str) -> str:
    """Why a target does not take an operator; empty if it does, as far as is known."""
    return _REFUSALS[target](step)


def _of_interpreter(step: OperatorStep) -> str:
    return missing_kernel(step.operator)


def _of_edge_tpu(step: OperatorStep) -> str:
    operator = step.operator
    if operator.op == EDGE_TPU_OP:
        return ""
    if operator.op not in edge_tpu.SUPPORTED:
        return f"the Edge TPU has no {operator.op}"
    for tensor in _moving(step):
        if tensor.dtype not in edge_tpu.DTYPES or not is_quantized(tensor):
            return f"its values are {_kind(tensor)}, not eight bits"
        dims = step.dims(tensor)
        if dims is None or None in dims:
            return f"it has a tensor of no fixed size: {show(dims)}"
        if edge_tpu.exceeds_dimensions(dims):
            return f"it has a tensor of more than 3 dimensions: {show(dims)}"
    since = first_runtime(operator)
    if since is not None and since > _COMPILER:
        return f"version {operator.version} is newer than the compiler ({since[0]}.{since[1]})"
    weights = [t for t in step.tensors if t is not None and t.is_constant]
    if any(t.dtype in ("float32", "float16") for t in weights):
        return "its weights are floats"
    return edge_tpu.limit(step)


def _of_gpu(step: OperatorStep) -> str:
    if step.op not in gpu_delegate.SUPPORTED:
        return f"the GPU delegate has no {step.op}"
    return _open_size(step) or gpu_delegate.limit(step)


def _of_micro(step: OperatorStep) -> str:
    operator = step.operator
    if operator.is_custom:
        known = operator.op in _MICRO_CUSTOM
        return "" if known else "it is a custom operator, for which TFLite Micro has no kernel"
    known_op = kernels().get(operator.op)
    if known_op is None or not known_op.is_micro:
        return f"TFLite Micro has no {operator.op}"
    return _open_size(step) or (_mixed_types(step) if operator.op in _WEIGHTED else "")


def _mixed_types(step: OperatorStep) -> str:
    """Why TFLite Micro's kernels with weights do not take some types."""
    moving, stored = _moving(step), [t for t in step.tensors if t is not None and t.is_constant]
    if any(t.dtype == "uint8" for t in moving):
        return "it is uint8, and TFLite Micro's kernels are for int8"
    if any(t.dtype == "float32" for t in moving) and any(t.dtype == "int8" for t in stored):
        return "floats with int8 weights (dynamic range quantization) are not computed there"
    return ""


def _moving(step: OperatorStep) -> list[TFLiteTensor]:
    """The tensors that hold other values in each run."""
    inputs = [t for t in step.tensors if t is not None and not t.is_constant and not t.is_variable]
    return [*inputs, *step.results]


def _open_size(step: OperatorStep) -> str:
    for dims in map(step.dims, _moving(step)):
        if dims is None or None in dims:
            return f"it has a tensor of no fixed size: {show(dims)}"
    return ""


def _kind(tensor: TFLiteTensor) -> str:
    is_bare = tensor.dtype in edge_tpu.DTYPES
    return f"{tensor.dtype} without a scale" if is_bare else tensor.dtype


_REFUSALS: dict[str, Callable[[OperatorStep], str]] = {
    "tflite": _of_interpreter,
    "edgetpu": _of_edge_tpu,
    "gpu": _of_gpu,
    "micro": _of_micro,
}
