"""What the rules say of real graphs: no error where the converter has none, and few warnings."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from graphtools import load
from graphtools.findings.finding import Finding
from graphtools.lint.subject import Subject
from graphtools.lint.tables import GRAPH_RULES
from tests.support import FIXTURES, shared_models

#: Frozen graphs that TensorFlow 2.21 converts with builtin operators, and the warnings they get.
OWN: dict[str, set[str]] = {
    "checkpoints/partitioned/frozen.pb": set(),
    "classifier/frozen.pb": set(),
    "classifier/frozen_fused_batch_norm_v1.pb": set(),
    "classifier/frozen_unfused_batch_norm.pb": set(),
    "control_flow/functional/frozen.pb": set(),
    "control_flow/v1/frozen.pb": set(),
    "misc/variables/frozen.pb": set(),
    "quant/frozen.pb": set(),
    "ssd/tflite_graph.pb": set(),
}
SHARED: dict[str, set[str]] = {
    "misc/defun_function/frozen.pb": set(),
    "misc/ema_adam_training/frozen.pb": set(),
    "misc/nested_while/frozen.pb": set(),
    "misc/partitioned_variable/frozen.pb": set(),
    "misc/ref_and_resource_variables/frozen.pb": set(),
    "misc/ref_variables_small/frozen.pb": set(),
    "misc/resource_variables_small/frozen.pb": set(),
    "misc/saved_model_multi/frozen.pb": set(),
    "misc/static_rnn_gru/frozen.pb": set(),
    "misc/while_loop/frozen.pb": {"GT306"},  # the shape [] of `n` counts as unknown: version 0
    "od/ssd_mobilenet_v1_quantized_small/tflite_graph.pb": set(),
    "od/ssd_mobilenet_v1_quantized_small/tflite_graph_nopostproc.pb": set(),
    "od/ssd_mobilenet_v1_small/tflite_graph.pb": set(),
    "od/ssd_mobilenet_v1_small/tflite_graph_nopostproc.pb": set(),
    "quantize/smallnet/frozen_eval.pb": {"GT401"},  # nothing quantizes the logits
    "quantize/smallnet/frozen_float.pb": set(),
    "slim/mobilenet_v1_0.25_128/frozen.pb": set(),
    "slim/mobilenet_v1_0.25_128/frozen_fbnv1.pb": set(),
    "slim/mobilenet_v1_0.25_128/frozen_unfused.pb": set(),
}
#: Graphs that do not convert, and the rules that say why.
REFUSED = {
    "ssd/frozen_inference_graph.pb": "GT307",
    "lstm/frozen.pb": "GT307",
    "misc/embedding/frozen.pb": "GT302",
    "classifier/train.pb": "GT201",
}


def found_in(path: Path, target: str = "tflite", *, skip: Sequence[str] = ()) -> list[Finding]:
    subject = Subject(load(path), target)
    return [
        finding
        for code, rule in GRAPH_RULES.rules().items()
        if target in rule.targets and not code.startswith(tuple(skip))
        for finding in rule.run(subject)
    ]


def _check(path: Path, warnings: set[str]) -> None:
    found = found_in(path)
    assert not [f for f in found if f.severity == "error"]
    assert {f.code for f in found if f.severity == "warning"} == warnings


@pytest.mark.parametrize("name", OWN)
def test_fixtures_that_convert_have_no_errors(name: str) -> None:
    _check(FIXTURES / name, OWN[name])


@pytest.mark.parametrize("name", SHARED)
def test_models_that_convert_have_no_errors(name: str) -> None:
    _check(shared_models() / name, SHARED[name])


@pytest.mark.parametrize("name", REFUSED)
def test_graphs_that_do_not_convert_have_an_error(name: str) -> None:
    found = found_in(FIXTURES / name)
    assert REFUSED[name] in {f.code for f in found if f.severity == "error"}


@pytest.mark.parametrize("name", [n for n in OWN if "quant" not in n and "ssd" not in n])
def test_float_graphs_hear_nothing_of_quantization(name: str) -> None:
    assert not [f for f in found_in(FIXTURES / name) if f.code.startswith("GT4")]


@pytest.mark.parametrize("name", ["quant/frozen.pb", "ssd/tflite_graph.pb"])
@pytest.mark.parametrize("target", ["edgetpu", "gpu"])
def test_what_is_made_for_a_device_has_no_warning(name: str, target: str) -> None:
    assert not [f for f in found_in(FIXTURES / name, target) if f.severity != "info"]


def test_a_large_graph_takes_little_time() -> None:
    path = shared_models() / "od/ssd_mobilenet_v1_small/frozen_inference_graph.pb"
    subject = Subject(load(path))
    subject.inference, subject.verdict, subject.live_nodes, GRAPH_RULES.rules()
    start = time.perf_counter()
    for rule in GRAPH_RULES.rules().values():
        if "tflite" in rule.targets:
            list(rule.run(subject))
    assert time.perf_counter() - start < 1.5  # 0.1 s on a machine that does nothing else
