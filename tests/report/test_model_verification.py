from __future__ import annotations

import dataclasses

import numpy as np

from graphtools.report.json import to_json
from graphtools.report.model_verification import model_verification_document
from graphtools.report.text import render_text
from graphtools.verify.compared_outputs import ComparedOutput
from graphtools.verify.detections import (
    DetectionComparison,
    DetectionTolerance,
    LostDetection,
)
from graphtools.verify.layers import Layer, LayerComparison
from graphtools.verify.metrics import TOLERANCES, measure
from graphtools.verify.paired_feeds import FedPair
from graphtools.verify.verify_models import ModelVerification

METRICS = measure(np.array([[1.0, 2.0, 4.0]]), np.array([[1.0, 2.0, 3.0]]), 0.5)
OUTPUT = ComparedOutput("a", "b", False, "float32", "uint8", (1, 3), (1, 3), METRICS)
FOUND = ModelVerification(
    False,
    "a.pb",
    "b.tflite",
    "TensorFlow graph",
    "TFLite model",
    "float",
    "uint8",
    TOLERANCES["uint8"],
    (FedPair("x", "y", "float32", "uint8", (1, 3)),),
    "random, seed 0",
    (OUTPUT,),
    None,
    None,
    ("a note",),
)


def shown(found: ModelVerification) -> str:
    return render_text(model_verification_document(found), colour=False)


def test_an_output_that_differs() -> None:
    text = shown(FOUND)
    assert "x float32 [1,3] as uint8 (random, seed 0)" in text
    assert "DIFFERENT (66.67 % within a quantization step)" in text
    assert "different: 1 output ('b')" in text
    assert "b.tflite (TFLite model, uint8)" in text
    assert "- a note" in text


def test_shapes_that_differ() -> None:
    other = dataclasses.replace(OUTPUT, metrics=None, problem="the shapes differ: [1] and [2]")
    assert "DIFFERENT (the shapes differ: [1] and [2])" in shown(
        dataclasses.replace(FOUND, outputs=(other,))
    )


def test_elements_that_are_not_finite() -> None:
    metrics = measure(np.array([1.0, 2.0]), np.array([np.nan, 2.0]))
    text = shown(
        dataclasses.replace(FOUND, outputs=(dataclasses.replace(OUTPUT, metrics=metrics),))
    )
    assert "1 element NaN or infinite in one alone" in text


def test_detections() -> None:
    lost = tuple(LostDetection("A", i, 0.9, (0.0, 0.1, 0.2, 0.3)) for i in range(12))
    tolerance = DetectionTolerance(0.1, 0.85)
    found = DetectionComparison(False, 13, 1, 1, 2, lost, 0.9, 0.9, 0.05, tolerance)
    text = shown(dataclasses.replace(FOUND, outputs=(), detections=found))
    assert "1 (of 13 in A, 1 in B)" in text
    assert "0.000, 0.100, 0.200, 0.300" in text
    assert "and 2 more" in text
    assert "different: the detections (uint8" in text
    assert to_json(found)["tolerance"]["mean_iou"] == 0.85


def test_layers() -> None:
    layer = Layer("conv", "conv;x", "CONV_2D", "float32", "uint8", (1, 3), False, METRICS, 12.0)
    found = LayerComparison((layer,), "conv;x", "conv;x", 3)
    text = shown(dataclasses.replace(FOUND, layers=found))
    assert "FIRST DRIFT, LARGEST DROP" in text
    assert "conv (12.0 dB)" in text
    assert "3 tensors of B, whose names A lacks" in text
    none = shown(dataclasses.replace(FOUND, layers=LayerComparison((), "", "", 0)))
    assert "No tensor within has the same name in both." in none


def test_equal_models() -> None:
    equal = measure(np.ones(3), np.ones(3))
    output = dataclasses.replace(OUTPUT, equal=True, metrics=equal)
    text = shown(dataclasses.replace(FOUND, equal=True, outputs=(output,), notes=()))
    assert "compute the same, bit by bit" in text
