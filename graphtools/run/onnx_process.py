"""The child process that checks and runs ONNX models; see `graphtools.run.onnx_runtime`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from graphtools.run.answers import CannotImport, Fetched, NoRoom, NotDone, Ready
from graphtools.run.arrays import read_arrays, write_arrays
from graphtools.run.child import open_answers, send, serve
from graphtools.run.onnx_passes import PASSES
from graphtools.run.passing import Message
from graphtools.run.target_requests import (
    InspectONNX,
    ONNXDescription,
    ONNXPort,
    PreparedForNCNN,
    PrepareForNCNN,
    RunONNX,
)

#: It makes float weights between Q and DQ integers, one scale a tensor: the model computes
#: something else then (onnxruntime pull request 24537).
REQUANTIZING = "WeightBiasQuantization"


def main() -> None:
    """Answer requests until the parent ends or ends this process."""
    answers = open_answers()
    try:
        import onnx
        import onnxruntime
    except ImportError as problem:
        send(answers, CannotImport(str(problem)))
        return

    def reply(request: Message) -> Message:
        try:
            if isinstance(request, InspectONNX):
                return _inspected(onnx, onnxruntime, request)
            if isinstance(request, PrepareForNCNN):
                return _prepared(onnx, request)
            assert isinstance(request, RunONNX)
            return _ran(onnxruntime, request)
        except MemoryError as problem:
            return NotDone("memory", str(problem))

    serve(Ready(onnxruntime.__version__), reply, answers)


def _inspected(onnx: Any, runtime: Any, request: InspectONNX) -> Message:
    try:
        onnx.checker.check_model(request.model)
        model = onnx.load(request.model)
    except Exception as problem:  # its checker, protobuf and the file system have their own each
        return NotDone("refused", str(problem) or type(problem).__name__)
    graph = model.graph
    weights = {tensor.name for tensor in graph.initializer}
    operators = Counter(_operators(graph.node))
    for function in model.functions:
        operators.update(_operators(function.node))
    opset = max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=0)
    return ONNXDescription(
        tuple(_port(onnx, value) for value in graph.input if value.name not in weights),
        tuple(_port(onnx, value) for value in graph.output),
        tuple(operators.most_common()),
        opset,
        runtime.__version__,
    )


def _prepared(onnx: Any, request: PrepareForNCNN) -> Message:
    try:
        model = onnx.load(request.model)
        done = [(each.__name__, each(onnx, model)) for each in PASSES]
        onnx.checker.check_model(model)
        onnx.save(model, request.prepared)
    except Exception as problem:  # as above
        return NotDone("refused", str(problem) or type(problem).__name__)
    return PreparedForNCNN(tuple((name, count) for name, count in done if count))


def _operators(nodes: Any) -> Iterator[str]:
    """The operators of nodes, and of the bodies that are their attributes."""
    for node in nodes:
        yield node.op_type
        for attribute in node.attribute:
            for body in (attribute.g, *attribute.graphs):
                yield from _operators(body.node)


def _port(onnx: Any, value: Any) -> ONNXPort:
    kind = value.type.tensor_type
    name = onnx.TensorProto.DataType.Name(kind.elem_type).lower()
    shape = None
    if kind.HasField("shape"):
        shape = tuple(
            dim.dim_value if dim.HasField("dim_value") else None for dim in kind.shape.dim
        )
    return ONNXPort(value.name, name, shape)


def _ran(runtime: Any, request: RunONNX) -> Message:
    import numpy as np

    options = runtime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    kind = "refused"
    try:
        session = runtime.InferenceSession(
            request.model,
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=[REQUANTIZING],
        )
        kind = "failed"
        names = [port.name for port in session.get_inputs()]
        feeds = dict(zip(names, read_arrays(request.arrays), strict=True))
        found = session.run(None, feeds)
        values = [np.asarray(value) for value in found]
    except Exception as problem:  # its errors have no class of their own
        return NotDone(kind, str(problem) or type(problem).__name__)
    try:
        write_arrays(request.values, values)
    except OSError as problem:
        return NoRoom(request.values, problem.strerror or str(problem))
    return Fetched(tuple(value.dtype.name for value in values))
