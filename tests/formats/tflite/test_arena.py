"""The memory that LiteRT plans, held against the addresses that it gives."""

from __future__ import annotations

from typing import Any

import pytest

from graphtools.formats.tflite.arena import plan_arena
from graphtools.formats.tflite.model import TFLiteModel
from tests.lint.tflite_models import Op, Spec, model


def chain(sizes: list[int], ops: list[str] | None = None) -> TFLiteModel:
    names = [f"t{i}" for i in range(len(sizes))]
    tensors = {n: Spec("float32", [1, size]) for n, size in zip(names, sizes, strict=True)}
    kinds = ops or ["FULLY_CONNECTED"] * (len(sizes) - 1)
    steps = []
    for op, a, b in zip(kinds, names, names[1:], strict=False):
        rows, columns = tensors[b].shape[1], tensors[a].shape[1]
        if op == "FULLY_CONNECTED":
            weights = Spec("float32", [rows, columns], data=bytes(4 * rows * columns))
            tensors["w" + b] = weights
            steps.append(Op(op, [a, "w" + b, ""], [b], {"fused_activation_function": 0}))
        else:
            steps.append(Op(op, [a], [b]))
    return model(tensors, steps, inputs=names[:1], outputs=names[-1:])


def test_what_nobody_reads_any_more_is_used_again() -> None:
    # the input lives all the time, beside it what an operator reads and what it gives
    assert plan_arena(chain([16, 16, 16]).subgraphs[0]).bytes == 3 * 64
    assert plan_arena(chain([16, 16, 16, 16, 16]).subgraphs[0]).bytes == 3 * 64


def test_a_reshape_shares_the_memory_of_its_input() -> None:
    plain = plan_arena(chain([16, 64, 64, 16], ["RELU", "RELU", "RELU"]).subgraphs[0])
    shared = plan_arena(chain([16, 64, 64, 16], ["RELU", "RESHAPE", "RELU"]).subgraphs[0])
    assert (plain.bytes, shared.bytes) == (576, 384)


def test_sizes_that_are_not_known_are_counted() -> None:
    open_ = Spec("string", [1])
    made = model({"x": open_, "y": open_}, [Op("RELU", ["x"], ["y"])])
    assert plan_arena(made.subgraphs[0]).unknown == 2
    assert plan_arena(model({"x": open_}, [], outputs=["x"]).subgraphs[0]).busiest == -1


@pytest.mark.litert
@pytest.mark.parametrize("sizes", [[16, 16, 16], [8, 100, 30, 70, 16], [64, 16, 128, 16, 64, 8]])
def test_it_is_what_the_interpreter_takes(sizes: list[int], litert: Any) -> None:
    made = chain(sizes)
    kernels = litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    content = bytes(made.content)
    interpreter = litert.Interpreter(model_content=content, experimental_op_resolver_type=kernels)
    interpreter.allocate_tensors()
    spans = []
    for index in range(len(sizes)):
        array = interpreter.tensor(index)()
        start = array.__array_interface__["data"][0]
        spans.append((start, start + array.nbytes))
    taken = max(stop for _, stop in spans) - min(start for start, _ in spans)
    assert plan_arena(made.subgraphs[0]).bytes == taken
