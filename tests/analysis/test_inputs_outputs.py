from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import graphtools
from graphtools.analysis.inputs_outputs import LIKELY, InputsOutputs, inputs_and_outputs
from graphtools.formats.metagraph import Signature, TensorInfo
from graphtools.graph import Node
from graphtools.graph.dtypes import dtype
from graphtools.graph.shape import Shape
from tests.analysis.graphs import const, function, graph, nodes, variable
from tests.support import FIXTURES, MANIFEST, shared_models


def canonical(name: str) -> str:
    return name.removesuffix(":0")


def names_in(tensors: list[Any]) -> list[str]:
    return [canonical(t["name"] if isinstance(t, dict) else t) for t in tensors]


def ranked_first(io: InputsOutputs, inputs: list[str], outputs: list[str]) -> bool:
    """Whether the true inputs and outputs stand before anything else."""
    got_inputs = [canonical(c.name) for c in io.inputs]
    got_outputs = [canonical(c.name) for c in io.outputs]
    assert set(inputs) <= set(got_inputs), f"not listed: {set(inputs) - set(got_inputs)}"
    assert set(outputs) <= set(got_outputs), f"not listed: {set(outputs) - set(got_outputs)}"
    return set(got_inputs[: len(inputs)]) == set(inputs) and (
        set(got_outputs[: len(outputs)]) == set(outputs)
    )


def test_names_that_name_no_tensor_are_no_ends() -> None:
    damaged = graph(Node("::error file=x::boo", "Relu", (), {"T": dtype("float32")}))
    assert inputs_and_outputs(damaged).outputs == ()


def check_all(root: Path, entries: Iterator[tuple[str, list[str], list[str]]]) -> None:
    """True inputs and outputs are all listed, and rank first in 95 % of the graphs."""
    checked, exceptions = 0, []
    for file, inputs, outputs in entries:
        checked += 1
        found = inputs_and_outputs(graphtools.load(root / file))
        if not ranked_first(found, inputs, outputs):
            exceptions.append(file)
    print(f"{len(exceptions)} of {checked} graphs rank something else first: {exceptions}")
    assert checked
    assert len(exceptions) <= 0.05 * checked


def test_true_inputs_and_outputs_of_the_fixtures_rank_first() -> None:
    check_all(
        FIXTURES,
        (
            (e["graph"], names_in(e["inputs"]), names_in(e["outputs"]))
            for e in MANIFEST["graphs"]
            if e["inputs"] and e["outputs"]
        ),
    )


def shared_graphs(root: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Every graph of the shared manifest whose inputs and outputs it states, where it is there."""
    for entry in json.loads((root / "MANIFEST.json").read_text())["graphs"].values():
        files = []
        if "inputs" in entry:
            names = [entry.get(k) for k in ("graph", "frozen", "frozen_float")]
            names += [v for v in entry.get("variants", []) if "tflite" not in v]
            files += [(f, entry["inputs"], entry["outputs"]) for f in names if f]
        if "tflite_inputs" in entry:
            files.append((entry["tflite_graph"], entry["tflite_inputs"], entry["tflite_outputs"]))
        if isinstance(entry.get("graphs"), dict):
            files += [
                (g["graph"], g["inputs"], g["outputs"])
                for g in entry["graphs"].values()
                if g.get("inputs") and g.get("outputs")
            ]
        for file, inputs, outputs in files:
            path = Path(entry["dir"], file)
            if (root / path).exists():
                yield str(path), names_in(inputs), names_in(outputs)


def test_true_inputs_and_outputs_of_the_shared_models_rank_first() -> None:
    root = shared_models()
    check_all(root, shared_graphs(root))


def scores(io: InputsOutputs) -> tuple[dict[str, float], dict[str, float]]:
    return {c.name: c.score for c in io.inputs}, {c.name: c.score for c in io.outputs}


def test_the_likely_ones_of_a_plain_graph() -> None:
    io = inputs_and_outputs(graph("x Placeholder", "hidden Relu x", "out Softmax hidden"))
    assert [c.name for c in io.likely_inputs] == ["x"]
    assert [c.name for c in io.likely_outputs] == ["out"]
    assert io.outputs[0].dtype == "float32"


def test_logits_and_the_last_layer_are_listed_behind_the_output() -> None:
    lines = ["x Placeholder", "conv Conv2D x w", "bias BiasAdd conv b", "flat Reshape bias s"]
    io = inputs_and_outputs(graph(*lines, "out Softmax flat"))
    assert [c.name for c in io.outputs] == ["out", "bias", "conv"]
    assert [c.name for c in io.likely_outputs] == ["out"]
    assert io.outputs[1].reason == "the logits before 'out'"


@pytest.mark.parametrize(
    ("lines", "unlikely"),
    [
        (["file Placeholder", "save SaveV2 file"], "file"),
        (["unused Placeholder"], "unused"),
        (["is_training Placeholder", "drop Select is_training x x"], "is_training"),
        (["labels Placeholder", "loss/xent L2Loss labels"], "labels"),
    ],
)
def test_placeholders_that_no_one_feeds_to_run_a_model_stay_down(
    lines: list[str], unlikely: str
) -> None:
    io = inputs_and_outputs(graph("x Placeholder", "out Relu x", *lines))
    inputs, _ = scores(io)
    assert inputs["x"] >= LIKELY > inputs[unlikely]
    assert io.inputs[0].name == "x"


@pytest.mark.parametrize(
    "loose",
    [
        "check Assert x",
        "watch ScalarSummary x",
        "init NoOp ^x",
        "save/SaveV2 SaveV2 x",
        "update AssignAdd x x",
        "shape Shape x",
        "gradients/x_grad/mul Mul x x",
        "data/Map MapDataset x",
        "leftover/switch_t Identity x",
        "while/Exit_1 Exit x",
        "bn FusedBatchNormV3 x",
    ],
)
def test_loose_ends_that_nobody_fetches_stay_down(loose: str) -> None:
    io = inputs_and_outputs(graph("x Placeholder", "out Relu x", loose))
    _, outputs = scores(io)
    assert [c.name for c in io.likely_outputs] == ["out"]
    assert outputs.get(loose.split()[0], 0) < LIKELY


def test_thousands_of_loose_ends_rank_behind_the_output() -> None:
    loose = [f"scope_{i}/read Identity weights" for i in range(3000)]
    io = inputs_and_outputs(graph("x Placeholder", variable("weights", [2]), *loose, "out Relu x"))
    assert [c.name for c in io.likely_outputs] == ["out"]


def test_a_handle_is_no_likely_output() -> None:
    handle = Node("loop/Identity", "Identity", ("x",), {"T": dtype("resource")})
    io = inputs_and_outputs(graph("x Placeholder", "out Relu x", handle))
    assert [c.name for c in io.likely_outputs] == ["out"]


def test_an_output_named_as_outputs_are_ranks_before_another() -> None:
    io = inputs_and_outputs(graph("x Placeholder", "Relu Relu x", "detection_boxes Relu x"))
    assert io.outputs[0].name == "detection_boxes"
    assert "named as outputs are" in io.outputs[0].reason


def test_an_input_pipeline_is_the_input_where_there_is_no_placeholder() -> None:
    queue = ["files Placeholder", "save SaveV2 files"]
    io = inputs_and_outputs(graph(*queue, "next IteratorGetNext it", "out Relu next:1"))
    assert [c.name for c in io.likely_inputs] == ["next:1"]


def test_every_result_of_a_node_that_nothing_reads_is_listed() -> None:
    io = inputs_and_outputs(graph("x Placeholder", "best TopKV2 x k", const("k", 2)))
    assert [c.name for c in io.outputs[:2]] == ["best", "best:1"]
    assert [c.dtype for c in io.outputs[:2]] == ["float32", "int32"]


def test_a_called_function_gives_as_many_outputs_as_it_has() -> None:
    library = [function("F", ["a"], "y:y:0", "y Relu a")]
    io = inputs_and_outputs(graph("x Placeholder", "y F x", functions=library))
    assert [c.name for c in io.outputs] == ["y"]


def test_what_a_fake_quantization_node_passes_on_ranks_before_it() -> None:
    io = inputs_and_outputs(
        graph("x Placeholder", "logits BiasAdd x", "act_quant FakeQuantWithMinMaxVars logits")
    )
    assert [c.name for c in io.outputs[:2]] == ["logits", "act_quant"]


def test_signatures_decide() -> None:
    def info(key: str, name: str) -> TensorInfo:
        return TensorInfo(key, name, dtype("float32"), Shape([None, 3]))

    made = graph("x Placeholder", "y Placeholder", "hidden Relu x", "out Softmax hidden")
    signature = Signature(
        "serving_default", "predict", (info("a", "x:0"),), (info("h", "hidden:0"),)
    )
    internal = Signature("__saved_model_init_op", "", (), (info("init", "y:0"),))
    io = inputs_and_outputs(made, (signature, internal))
    assert [(c.name, c.score) for c in io.inputs if c.score >= LIKELY] == [("x", 1.0)]
    assert [c.name for c in io.likely_outputs] == ["hidden"]
    assert io.outputs[0].shape == [None, 3]
    assert "serving_default" in io.outputs[0].reason


@pytest.mark.parametrize(
    "lines",
    [[], ["x Placeholder"], ["a Relu "], ["a Relu ^"], ["a Relu a"], ["a Relu b", "b Relu a"],
     ["a Relu nowhere:7"]],
)  # fmt: skip
def test_no_graph_is_too_odd(lines: list[str]) -> None:
    io = inputs_and_outputs(graph(*lines))
    assert all(0 < c.score < 1 for c in (*io.inputs, *io.outputs))


def test_scores_fall_and_every_candidate_has_a_reason() -> None:
    io = inputs_and_outputs(graphtools.load(FIXTURES / "classifier" / "train.pb"))
    for side in (io.inputs, io.outputs):
        assert [c.score for c in side] == sorted((c.score for c in side), reverse=True)
        assert all(c.reason for c in side)


def test_names_are_unique() -> None:
    for entry in MANIFEST["graphs"]:
        io = inputs_and_outputs(graphtools.load(FIXTURES / entry["graph"]))
        for side in (io.inputs, io.outputs):
            assert len({c.name for c in side}) == len(side)


def test_duplicates_do_no_harm() -> None:
    io = inputs_and_outputs(graph(*nodes("x Placeholder", "x Placeholder", "y Relu x")))
    assert "y" in [c.name for c in io.outputs]
