"""What is no SSD that can be exported, and what it is instead."""

from __future__ import annotations

from graphtools.errors import InvalidGraph
from graphtools.front_end import step
from graphtools.graph.functions import CALLS
from graphtools.graph.graph import Graph
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.transforms._ssd.network import DETECTIONS, POSTPROCESS


def refuse_others(graph: Graph) -> None:
    """Refuse what is not the frozen graph of an SSD.

    Raises:
        InvalidGraph: It is something else; the message says what.
    """
    ops: dict[str, str] = {}
    for node in graph:
        ops.setdefault(node.op, node.name)
    if POSTPROCESS in ops:
        raise InvalidGraph(
            f"the graph has {ops[POSTPROCESS]!r} already: it is exported for TFLite",
            "convert it as it is",
        )
    variable = next((op for op in ops if op in VARIABLE_OPS), None)
    if variable:
        raise InvalidGraph(
            f"the graph is not frozen: {ops[variable]!r} is a variable",
            "freeze it first: "
            + step(
                "freeze",
                "model.ckpt.meta",
                outputs=DETECTIONS,
                output="frozen_inference_graph.pb",
            ),
        )
    if "CropAndResize" in ops:
        raise InvalidGraph(
            f"the graph crops features for a second stage ({ops['CropAndResize']!r}): it is a "
            "Faster R-CNN, R-FCN or Mask R-CNN",
            "TFLite_Detection_PostProcess stands for the postprocessing of an SSD alone; train an "
            "SSD, or convert this graph with TensorFlow's ops in TFLite",
        )
    if not any(op.startswith("NonMaxSuppression") for op in ops):
        calls = next((op for op in ops if op in CALLS), "")
        raise InvalidGraph(
            "the graph has no NonMaxSuppression, with which the postprocessing of every detector "
            "of the Object Detection API ends"
            + (f"; its nodes are in functions ({ops[calls]!r})" if calls else ""),
            "models of TensorFlow 2 are exported with export_tflite_graph_tf2.py"
            if calls
            else "give the frozen_inference_graph.pb of an SSD",
        )
