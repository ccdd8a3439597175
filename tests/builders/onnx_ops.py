"""Collects the ops that tf2onnx has a handler for, with the opset from which it has one.

    python -m tests.builders.onnx_ops

writes them to graphtools/compat/onnx_ops.txt; it needs tf2onnx and TensorFlow. Handlers that write
operators of other domains than ONNX's own are left out: no runtime has them without additions.
"""

from __future__ import annotations

from tests.support import ROOT

FILE = ROOT / "graphtools" / "compat" / "onnx_ops.txt"


def collect() -> str:
    """The text of the file."""
    import tf2onnx
    import tf2onnx.tfonnx  # whose import registers the handlers
    from tf2onnx.handler import tf_op

    found: dict[str, int] = {}
    for version, table in enumerate(tf_op.get_opsets()[""]):
        for op in table:
            found.setdefault(op, version)
    lines = [f"{op} {version}" for op, version in sorted(found.items())]
    return "\n".join([f"# tf2onnx {tf2onnx.__version__}", *lines, ""])


if __name__ == "__main__":
    FILE.write_text(collect())
    print(FILE)
