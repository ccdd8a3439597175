"""Converts and runs graphs for `conversion_truth`, in an interpreter that has TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import graphtools.run.probing_process as process
from graphtools.run.passing import Message


@dataclass(frozen=True)
class RunOnce(Message):
    """Run the graph of a file once, after some nodes."""

    graph: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    first: tuple[str, ...]


@dataclass(frozen=True)
class RanOnce(Message):
    """What TensorFlow says, `ok` if nothing, and the name, shape and type of each output."""

    said: str
    outputs: tuple[dict[str, Any], ...] = ()


def run(tf: Any, request: RunOnce) -> RanOnce:
    """Run a graph once with made-up values."""
    v1 = tf.compat.v1
    definition = v1.GraphDef()
    with open(request.graph, "rb") as file:
        definition.ParseFromString(file.read())
    try:
        with tf.Graph().as_default() as graph, v1.Session(graph=graph) as session:
            tf.graph_util.import_graph_def(definition, name="")
            tensors = [graph.get_tensor_by_name(_full(n)) for n in request.inputs]
            fetches = [graph.get_tensor_by_name(_full(n)) for n in request.outputs]
            session.run(request.first)
            session.run([f.op for f in fetches], {t: _value(t) for t in tensors})
            ends = tuple(
                {"name": n, "shape": f.shape.as_list() if f.shape.rank is not None else None,
                 "dtype": f.dtype.base_dtype.name}
                for n, f in zip(request.outputs, fetches, strict=True)
            )  # fmt: skip
    except (tf.errors.OpError, ValueError, TypeError, KeyError, RuntimeError) as problem:
        return RanOnce(f"{type(problem).__name__}: {problem}"[:300])
    return RanOnce("ok", ends)


def _full(name: str) -> str:
    return name if ":" in name else f"{name}:0"


def _value(tensor: Any) -> Any:
    """Ones and twos; 2 stands for unknown dimensions, a matrix for an unknown rank."""
    import numpy as np

    rank = tensor.shape.rank
    dims = [2, 2] if rank is None else [2 if d is None else d for d in tensor.shape.as_list()]
    kind = tensor.dtype.base_dtype
    if kind.name == "string":
        return np.full(dims, b"a", object)
    if kind.name == "bool":
        return np.ones(dims, bool)
    count = int(np.prod(dims))
    return (np.arange(count) % 2 + (0 if kind.is_integer else 1)).reshape(dims).astype(
        kind.as_numpy_dtype
    )  # fmt: skip


def main() -> None:
    """Answer requests: those of `probing_process`, and `RunOnce`."""
    process.main({RunOnce: run})


if __name__ == "__main__":
    main()
