"""What child processes are asked and answer that convert to ONNX and ncnn, and run both.

It is imported by interpreters that have nothing but the standard library, too.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphtools.run.passing import Message


@dataclass(frozen=True)
class ConvertToONNX(Message):
    """Convert a graph to ONNX with tf2onnx.

    Attributes:
        graph: The file of the graph.
        model: The file for the model.
        inputs: Names of the input tensors, as `input:0`.
        outputs: Names of the output tensors.
        opset: Version of ONNX's operators.
        inputs_as_nchw: Inputs that are to take images channels first.
        outputs_as_nchw: Outputs that are to give them so.
    """

    graph: str
    model: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    opset: int
    inputs_as_nchw: tuple[str, ...] = ()
    outputs_as_nchw: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConvertedToONNX(Message):
    """The model is in the file, which says little: tf2onnx writes what it could not convert, too.

    Attributes:
        version: Version of tf2onnx.
        unsupported: Nodes that it has not converted, with their ops.
        errors: What else it has logged as an error.
    """

    version: str
    unsupported: tuple[tuple[str, str], ...]
    errors: tuple[str, ...]


@dataclass(frozen=True)
class InspectONNX(Message):
    """Check a model with onnx's checker, and say what is in it."""

    model: str


@dataclass(frozen=True)
class ONNXPort(Message):
    """An input or output: name, element type by ONNX's name, and dimensions; None for open ones."""

    name: str
    dtype: str
    shape: tuple[int | None, ...] | None


@dataclass(frozen=True)
class ONNXDescription(Message):
    """What is in a model.

    Attributes:
        inputs: Its inputs, without weights.
        outputs: Its outputs.
        operators: How often each operator occurs, those of bodies included.
        opset: Version of ONNX's operators.
        version: Version of ONNX Runtime.
    """

    inputs: tuple[ONNXPort, ...]
    outputs: tuple[ONNXPort, ...]
    operators: tuple[tuple[str, int], ...]
    opset: int
    version: str


@dataclass(frozen=True)
class RunONNX(Message):
    """Run a model in ONNX Runtime, without the optimizer that quantizes weights anew.

    Attributes:
        model: The file.
        arrays: The file with the values of the inputs, in their order.
        values: The file for those of the outputs.
    """

    model: str
    arrays: str
    values: str


@dataclass(frozen=True)
class PrepareForNCNN(Message):
    """Apply the passes of `graphtools.run.onnx_passes` to a model, and write it to another file."""

    model: str
    prepared: str


@dataclass(frozen=True)
class PreparedForNCNN(Message):
    """What the passes have done, by name; those that had nothing to do are left out."""

    passes: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class RunNCNN(Message):
    """Run a model in ncnn, with all arithmetic in float32.

    Attributes:
        param: The file of its layers.
        weights: The file of its weights.
        inputs: Its input blobs, with the axis that is the batch; 233 for none.
        outputs: Its output blobs, likewise.
        arrays: The file with the values of the inputs, in their order.
        values: The file for those of the outputs.
    """

    param: str
    weights: str
    inputs: tuple[tuple[str, int], ...]
    outputs: tuple[tuple[str, int], ...]
    arrays: str
    values: str
