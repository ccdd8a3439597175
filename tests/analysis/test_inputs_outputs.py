from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import graphtools
from graphtools.analysis.inputs_outputs import InputsOutputs, inputs_and_outputs
from graphtools.analysis.output_ranking import LIKELY
from graphtools.formats.metagraph import Signature, TensorInfo
from graphtools.graph import Node
from graphtools.graph.attributes import FunctionRef
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


def boolean(name: str) -> Node:
    return Node(name, "Placeholder", (), {"dtype": dtype("bool"), "shape": Shape([])})


@pytest.mark.parametrize(
    ("lines", "unlikely"),
    [
        (["file Placeholder", "save SaveV2 file"], "file"),
        (["unused Placeholder"], "unused"),
        ([boolean("is_training"), "drop Select is_training x x"], "is_training"),
        (["keep_prob Placeholder", "drop Div x keep_prob"], "keep_prob"),
        (["labels Placeholder", "loss/xent L2Loss labels"], "labels"),
    ],
)
def test_placeholders_that_no_one_feeds_to_run_a_model_stay_down(
    lines: list[str | Node], unlikely: str
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
        "check/Assert/AssertGuard/Assert/Switch Switch x x",
        "dnn/zero_fraction/fraction Mean x",
        "x/read Identity x",
    ],
)
def test_loose_ends_that_nobody_fetches_stay_down(loose: str) -> None:
    io = inputs_and_outputs(graph("x Placeholder", "out Relu x", loose))
    _, outputs = scores(io)
    assert [c.name for c in io.likely_outputs] == ["out"]
    assert outputs.get(loose.split()[0], 0) < LIKELY


@pytest.mark.parametrize(
    "lines",
    [
        ["net/Relu_1 Relu x", "watch ScalarSummary net/Relu_1"],
        ["net/Relu_1 Relu x", "check Assert net/Relu_1"],
        ["net/strided_slice_10 StridedSlice x a b c", "net/Shape Shape net/strided_slice_10"],
        ["net/Min Min x axis"],
    ],
)
def test_operands_of_what_watches_and_dead_ends_stay_down(lines: list[str]) -> None:
    main = ["x Placeholder", "a Relu x", "b MatMul a w", "c Relu b", "out Relu c"]
    io = inputs_and_outputs(graph(*main, *lines))
    assert [c.name for c in io.likely_outputs] == ["out"]


def test_what_is_watched_is_the_output_where_nothing_else_is() -> None:
    io = inputs_and_outputs(graph("x Placeholder", "Relu Relu x", "watch ScalarSummary Relu"))
    assert [c.name for c in io.likely_outputs] == ["Relu"]


@pytest.mark.parametrize(
    ("lines", "output"),
    [
        (["while/Exit_1 Exit x"], "while/Exit_1"),
        (["zeros_like ZerosLike x"], "zeros_like"),
        (["bn FusedBatchNormV3 x"], "bn"),
        (["y Placeholder", "loss/Sub Sub x y", "loss/value Mean loss/Sub axis"], "loss/value"),
    ],
)
def test_the_last_thing_that_is_computed_is_the_output_where_nothing_else_is(
    lines: list[str], output: str
) -> None:
    io = inputs_and_outputs(graph("x Placeholder", *lines))
    assert [c.name for c in io.likely_outputs] == [output]


def test_what_a_branch_gives_depends_on_the_predicate() -> None:
    branches = [
        "cond/Switch Switch p p", "cond/switch_t Identity cond/Switch:1",
        "cond/switch_f Identity cond/Switch", "cond/a Const ^cond/switch_t",
        "cond/b Const ^cond/switch_f", "cond/Merge Merge cond/b cond/a",
    ]  # fmt: skip
    io = inputs_and_outputs(graph(boolean("p"), *branches))
    assert [c.name for c in io.likely_outputs] == ["cond/Merge"]


def test_functions_that_save_are_no_ends() -> None:
    def call(name: str, body: str) -> Node:
        return Node(name, "StatefulPartitionedCall", ("f",), {"f": FunctionRef(body, {})})

    library = [
        function("save", ["f"], "s:s:0", "s SaveV2 f"),
        function("restore", ["f"], "r:r:0", "r RestoreV2 f"),
    ]
    made = graph(
        "x Placeholder", "out Relu x", "f Placeholder",
        call("call", "save"), call("call_1", "restore"), functions=library,
    )  # fmt: skip
    io = inputs_and_outputs(made)
    assert [c.name for c in io.likely_inputs] == ["x"]
    assert [c.name for c in io.outputs] == ["out"]


#: A model with weights, of which a loss reads the logits, and the gradients of that loss.
TRAINED = (
    "x Placeholder", "y Placeholder", variable("w", [4, 2]), "w/read Identity w",
    "dense/MatMul MatMul x w/read", "sub Sub dense/MatMul y", "Square Square sub",
    "Mean Mean Square axis", "gradients/Mean_grad/Tile Tile Mean axis",
    "gradients/Square_grad/Mul Mul gradients/Mean_grad/Tile sub",
    "gradients/sub_grad/Neg Neg gradients/Square_grad/Mul",
    "gradients/dense/MatMul_grad/MatMul MatMul gradients/sub_grad/Neg x",
    "update ApplyGradientDescent w rate gradients/dense/MatMul_grad/MatMul",
)  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "outputs"),
    [
        ([], ["dense/MatMul"]),
        (["Sigmoid Sigmoid dense/MatMul"], ["Sigmoid"]),
        (["Reshape Reshape dense/MatMul s", "Softmax Softmax Reshape"], ["Softmax"]),
        (["classes ArgMax dense/MatMul a", "Equal Equal classes y"], ["classes"]),
        (["ArgMax ArgMax dense/MatMul a", "Equal Equal ArgMax y"], ["dense/MatMul"]),
        (["ArgMax ArgMax dense/MatMul a", "Cast Cast ArgMax", "s ImageSummary Cast"],
         ["dense/MatMul"]),
        (["Sqrt Sqrt Mean"], ["dense/MatMul"]),
        (["lstm/transpose_1 Transpose x p"], ["dense/MatMul"]),
        (["L2Loss L2Loss w/read", "add Add Mean L2Loss"], ["dense/MatMul"]),
    ],
)  # fmt: skip
def test_the_output_is_what_the_loss_compares_with_the_labels_or_what_is_made_of_it(
    lines: list[str], outputs: list[str]
) -> None:
    io = inputs_and_outputs(graph(*TRAINED, *lines))
    assert [c.name for c in io.likely_outputs] == outputs
    assert [c.name for c in io.likely_inputs] == ["x"]


def test_the_outputs_of_a_keras_model_are_what_its_predict_function_waits_for() -> None:
    io = inputs_and_outputs(
        graph(
            "x Placeholder", "lstm/transpose_1 Relu x", "dense/BiasAdd BiasAdd x b",
            "predict/group_deps NoOp ^dense/BiasAdd",
        )
    )  # fmt: skip
    assert [c.name for c in io.likely_outputs] == ["dense/BiasAdd"]


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
