"""Frozen graphs of any size, made for measuring: `python tests/benchmarks/generate.py OUT ...`."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from pathlib import Path

from graphtools.formats.source import write_file
from graphtools.graph import Graph, Node, Shape, Tensor, Versions, dtype
from graphtools.schema.wire import encode_field, encode_varint

#: Nodes of a layer: weights, read, MatMul, Relu.
_PER_LAYER = 4


def _field(number: int, size: int) -> bytes:
    """Key and length of a field whose payload follows."""
    return encode_varint(number << 3 | 2) + encode_varint(size)


def _weights(name: str, size: int) -> Iterator[bytes]:
    """A Const of float32 with a value of `size` bytes, in pieces."""
    side = size // 4
    shape = encode_field(2, b"\x08" + encode_varint(side))
    head = b"\x08\x01" + encode_field(2, shape)
    tensor_size = len(head) + len(_field(4, size)) + size
    value = _field(8, tensor_size)
    entry_head = encode_field(1, b"value") + _field(2, len(value) + tensor_size)
    entry_size = len(entry_head) + len(value) + tensor_size
    dtype_entry = encode_field(1, b"dtype") + encode_field(2, b"\x30\x01")
    start = encode_field(1, name.encode()) + encode_field(2, b"Const")
    start += encode_field(5, dtype_entry) + _field(5, entry_size)
    yield _field(1, len(start) + entry_size) + start + entry_head + value + head + _field(4, size)
    block = bytes(range(256)) * 4096
    for _ in range(size // len(block)):
        yield block
    yield block[: size % len(block)]


def _node(name: str, op: str, *inputs: str) -> bytes:
    node = Node(name, op, inputs, {"T": dtype("float32")})
    return encode_field(1, node.to_bytes())


def write_large(path: Path, layers: int, weight_bytes: int) -> None:
    """Write a frozen graph of layers with weights of a given size.

    Args:
        path: The target.
        layers: Number of layers, of four nodes each.
        weight_bytes: Bytes of the weights of a layer.
    """

    def pieces() -> Iterator[bytes]:
        placeholder = Node(
            "input", "Placeholder", (), {"dtype": dtype("float32"), "shape": Shape((None, 8))}
        )
        yield encode_field(1, placeholder.to_bytes())
        before = "input"
        for number in range(layers):
            scope = f"net/block_{number // 16}/layer_{number}"
            yield from _weights(f"{scope}/weights", weight_bytes)
            yield _node(f"{scope}/weights/read", "Identity", f"{scope}/weights")
            yield _node(f"{scope}/MatMul", "MatMul", before, f"{scope}/weights/read")
            before = f"{scope}/Relu"
            yield _node(before, "Relu", f"{scope}/MatMul")
        yield encode_field(4, b"\x08\x86\x01")

    write_file(path, pieces())


def frozen_chain(nodes: int) -> Graph:
    """A frozen graph of a given number of nodes with small weights."""
    import numpy as np

    weights = Tensor.from_array(np.linspace(-1, 1, 16, dtype=np.float32))
    made = [Node("input", "Placeholder", (), {"dtype": dtype("float32")})]
    before = "input"
    for number in range(math.ceil((nodes - 1) / _PER_LAYER)):
        scope = f"net/block_{number // 16}/layer_{number}"
        made += [
            Node(f"{scope}/weights", "Const", (), {"dtype": dtype("float32"), "value": weights}),
            Node(f"{scope}/weights/read", "Identity", (f"{scope}/weights",)),
            Node(f"{scope}/MatMul", "MatMul", (before, f"{scope}/weights/read")),
            Node(f"{scope}/Relu", "Relu", (f"{scope}/MatMul",)),
        ]
        before = f"{scope}/Relu"
    return Graph(made[:nodes], Versions(134))


def main() -> None:
    """Write a graph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--layers", type=int, default=256)
    parser.add_argument("--weight-bytes", type=int, default=4096)
    options = parser.parse_args()
    write_large(options.out, options.layers, options.weight_bytes)


if __name__ == "__main__":
    main()
