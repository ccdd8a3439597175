"""GT506, GT508, GT509: what TensorFlow does not run on a CPU, or runs slowly there."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.findings.finding import ERROR, INFO, WARNING
from graphtools.findings.rule import Found
from graphtools.graph.node import Node
from graphtools.idioms.fake_quant import FAKE_QUANTS
from graphtools.lint.rules._guarded import rule
from graphtools.lint.rules._wording import listed
from graphtools.lint.subject import Subject
from graphtools.ops.definitions import attribute_value
from graphtools.transforms.to_nhwc import LAYOUT_OPS
from graphtools.wording import counted

_CPU = ("tensorflow-cpu",)
_REBUILD = "build the graph with the channels last: no transform changes the layout of this op"
_QUANTIZED = ("QuantizedConv", "QuantizedMatMul", "QuantizedRelu", "Requant")


@rule("GT506", "nchw-on-cpu", ERROR, targets=_CPU, cure="to_nhwc")
def nchw_on_cpu(subject: Subject) -> Iterator[Found]:
    """Ops in NCHW, in a graph that is to run on a CPU.

    Why:
        TensorFlow's CPU kernels take NHWC: "Default MaxPoolingOp only supports NHWC on device type
        CPU", "The Conv2D op currently only supports the NHWC tensor format on the CPU". Builds with
        oneDNN run some of them.

    Example:
        A graph that was trained on a GPU with data_format="channels_first".

    Remedy:
        Let them work in NHWC, with Transposes where images enter and leave: graphtools transform
        FILE -o OUT --transforms to_nhwc
    """
    by_op: dict[str, list[Node]] = {}
    for node in subject.nodes_of(*sorted(LAYOUT_OPS), "Conv3D", "MaxPool3D", "AvgPool3D", "LRN"):
        value = attribute_value(node, "data_format")
        if value in (b"NCHW", b"NCDHW") and not _is_open_bias(subject, node):
            by_op.setdefault(node.op, []).append(node)
    for op, nodes in by_op.items():
        names = listed(n.name for n in nodes)
        known = op in LAYOUT_OPS and attribute_value(nodes[0], "data_format") == b"NCHW"
        message = f"{counted(len(nodes), op)} in {_layout(nodes[0])}: {names}"
        yield Found(nodes[0], message, "" if known else _REBUILD, cure=None if known else "")


def _is_open_bias(subject: Subject, node: Node) -> bool:
    """Whether it is a BiasAdd of a rank that images do not have: layouts make no difference."""
    if node.op != "BiasAdd" or not node.data_inputs:
        return False
    dims = subject.dims(node.data_inputs[0])
    return dims is not None and len(dims) < 3


def _layout(node: Node) -> str:
    value = attribute_value(node, "data_format")
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


@rule("GT508", "quantized-on-x86", INFO, targets=_CPU)
def quantized_on_x86(subject: Subject) -> Iterator[Found]:
    """Quantized ops or FakeQuants, in a graph that TensorFlow is to run on a CPU.

    Why:
        FakeQuants compute in float and round, so that the graph is slower than without them. The
        quantized kernels of TensorFlow, and uint8 models in TFLite, are made for ARM: on x86 the
        float model is mostly faster.

    Example:
        A quantization-aware SSD served from an Intel machine.

    Remedy:
        Serve the float model; keep the quantized one for the phone.
    """
    ops = sorted(op for op in subject.ops if op.startswith(_QUANTIZED))
    for what, nodes in (
        ("FakeQuant", list(subject.nodes_of(*sorted(FAKE_QUANTS)))),
        ("quantized op", list(subject.nodes_of(*ops))),
    ):
        if nodes:
            names = listed(n.name for n in nodes)
            yield Found(nodes[0], f"{counted(len(nodes), what)} cost time on x86: {names}")


@rule("GT509", "device-placement", WARNING, targets=_CPU, cure="remove_device")
def device_placement(subject: Subject) -> Iterator[Found]:
    """Nodes are placed on a GPU or TPU, in a graph that is to run on a CPU.

    Why:
        Without soft placement TensorFlow refuses to run it: "Cannot assign a device for operation
        ...: Make sure the device specification refers to a valid device".

    Example:
        `device: "/device:GPU:0"` on all nodes of a graph that was exported from a multi-GPU
        training.

    Remedy:
        Let TensorFlow choose: graphtools transform FILE -o OUT --transforms remove_device
    """
    found = [
        n for n in subject.live_nodes
        if n.device and ("gpu" in n.device.lower() or "tpu" in n.device.lower())
    ]  # fmt: skip
    if found:
        devices = listed(dict.fromkeys(n.device for n in found))
        yield Found(found[0], f"{counted(len(found), 'node')} placed on {devices}")
