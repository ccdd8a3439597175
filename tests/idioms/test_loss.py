from __future__ import annotations

import pytest

from graphtools.graph import Node
from graphtools.graph.ref import Ref
from graphtools.idioms.loss import behind_labels, differentiated, find_training, is_auto_named
from tests.analysis.graphs import graph, variable

MODEL = ("x Placeholder", "y Placeholder", variable("w", [4, 2]), "w/read Identity w",
         "fc/MatMul MatMul x w/read")  # fmt: skip


def trained(*lines: str | Node) -> list[str | Node]:
    """A model and its loss, with a gradient of each node of the loss and of the layer."""
    ops = [line.split(" ")[0] for line in lines if isinstance(line, str)]
    gradients = [f"gradients/{name}_grad/Mul Mul {name}" for name in ("fc/MatMul", *ops)]
    return [*MODEL, *lines, *gradients]


def predicted(*lines: str | Node) -> list[str]:
    return [str(p) for p in find_training(graph(*trained(*lines))).predictions]


@pytest.mark.parametrize(
    ("lines", "prediction"),
    [
        (["sub Sub fc/MatMul y", "Square Square sub", "Mean Mean Square"], "fc/MatMul"),
        (["Sigmoid Sigmoid fc/MatMul", "sub Sub y Sigmoid", "Mean Mean sub"], "Sigmoid"),
        (["Softmax Softmax fc/MatMul", "Log Log Softmax", "mul Mul y Log", "Sum Sum mul"],
         "Softmax"),
        (["ce/Reshape Reshape fc/MatMul s",
          "ce SoftmaxCrossEntropyWithLogits ce/Reshape y", "Mean Mean ce"], "fc/MatMul"),
        (["ce SoftmaxCrossEntropyWithLogits fc/MatMul fixed", "Mean Mean ce"], "fc/MatMul"),
        (["loss/Maximum Maximum fc/MatMul least", "loss/Sub Sub loss/Maximum y",
          "loss/Mean Mean loss/Sub"], "fc/MatMul"),
        # an autoencoder compares with its input
        (["Tanh Tanh fc/MatMul", "sub Sub Tanh x", "Mean Mean sub"], "Tanh"),
        # each of a person's names and each activation is a result of its own
        (["distance Sqrt fc/MatMul", "mul Mul distance y", "Square Square distance",
          "add Add mul Square"], "distance"),
        # nothing is compared
        (["Square Square fc/MatMul", "Mean Mean Square"], "fc/MatMul"),
    ],
)  # fmt: skip
def test_the_prediction_is_what_the_loss_compares(lines: list[str], prediction: str) -> None:
    assert predicted(*lines) == [prediction]


def test_pieces_of_one_tensor_stand_for_it() -> None:
    assert predicted(
        "strided_slice StridedSlice fc/MatMul a b c",
        "strided_slice_1 StridedSlice fc/MatMul d e f",
        "sub Sub strided_slice y", "sub_1 Sub strided_slice_1 y", "add Add sub sub_1",
    ) == ["fc/MatMul"]  # fmt: skip


def test_two_heads_are_two_predictions() -> None:
    assert predicted(
        variable("v", [4, 1]), "fc_1/MatMul MatMul x v", "sub Sub fc/MatMul y",
        "sub_1 Sub fc_1/MatMul y", "add Add sub sub_1",
    ) == ["fc/MatMul", "fc_1/MatMul"]  # fmt: skip


def test_a_weighted_loss_compares_the_prediction_and_not_the_loss() -> None:
    found = find_training(
        graph(*trained("weights Placeholder", "sub Sub fc/MatMul y", "mul Mul sub weights",
                       "Mean Mean mul"))
    )  # fmt: skip
    assert found.predictions == (Ref("fc/MatMul"),)
    assert found.labels == {Ref("y"), Ref("weights")}
    assert found.losses == ("Mean",)
    assert found.loss_nodes == {"sub", "mul", "Mean"}


def test_labels_of_a_pipeline_are_told_from_its_inputs_by_output() -> None:
    made = graph(
        "it IteratorGetNext iterator", variable("w", [4, 2]), "fc/MatMul MatMul it w",
        "sub Sub fc/MatMul it:1", "Mean Mean sub", "gradients/Mean_grad/Mul Mul Mean",
        "Equal Equal it:1 fc/MatMul", "Cast Cast Equal",
    )  # fmt: skip
    labels = find_training(made).labels
    assert labels == {Ref("it", 1)}
    assert behind_labels(made, labels) >= {"sub", "Mean", "Equal", "Cast"}
    assert "fc/MatMul" not in behind_labels(made, labels)


def test_a_graph_without_gradients_is_trained_for_nothing() -> None:
    assert find_training(graph(*MODEL, "sub Sub fc/MatMul y", "loss Mean sub")) == find_training(
        graph()
    )


def test_gradients_in_a_scope_and_of_gradients_are_known() -> None:
    names = ["a", "b", "training/Adam/gradients/a_grad/Mul", "gradients_1/b_grad/tuple/g",
             "gradients_2/gradients_1/b_grad/tuple/g_grad/Mul", "gradients/gone_grad/Mul",
    ]  # fmt: skip
    assert list(differentiated(graph(*(f"{name} Mul" for name in names)))) == ["a", "b"]


@pytest.mark.parametrize(
    "lines",
    [
        ["fc/MatMul MatMul fc/MatMul fc/MatMul", "gradients/fc/MatMul_grad/Mul Mul x"],
        ["a Add b x", "b Add a w", "gradients/a_grad/Mul Mul a", "gradients/b_grad/Mul Mul b"],
        ["a Add nowhere x", "gradients/a_grad/Mul Mul a"],
        ["a Mean ", "gradients/a_grad/Mul Mul a"],
    ],
)
def test_no_graph_is_too_odd(lines: list[str]) -> None:
    assert find_training(graph("x Placeholder", variable("w", [2]), *lines)).labels == frozenset()


def test_names_that_tensorflow_gives() -> None:
    def named(name: str, op: str) -> bool:
        return is_auto_named(Node(name, op))

    assert named("a/MatMul_3", "MatMul")
    assert named("truediv", "RealDiv")
    assert not named("logits", "MatMul")
