"""Which document shows a result."""

from __future__ import annotations

import importlib
from typing import Any

from graphtools.report.document import Document

#: By type of the result, the module of this room and the function that makes its document.
DOCUMENTS = {
    "AccuracyComparison": "accuracies.accuracy_document",
    "Bench": "bench.bench_document",
    "Bisection": "verification.bisection_document",
    "CheckpointEdit": "checkpoint_edits.checkpoint_edit_document",
    "CheckpointCosts": "sizes.checkpoint_size_document",
    "Diagnosis": "explanations.diagnosis_document",
    "EditedTFLite": "tflite_summaries.edited_document",
    "EvalReport": "quantization.eval_document",
    "EventFile": "viewing.event_file_document",
    "ExportReport": "ssd_export.ssd_export_document",
    "FreezeReport": "transforms.freeze_document",
    "InputsOutputs": "inputs_outputs.io_document",
    "JoinReport": "joins.join_document",
    "ModelCosts": "sizes.size_document",
    "ModelDiff": "diffs.diff_document",
    "ModelRun": "model_runs.model_run_document",
    "ModelVerification": "model_verification.model_verification_document",
    "NodeDetail": "node_details.node_document",
    "OpCounts": "nodes.ops_document",
    "OpManual": "op_manual.op_document",
    "OpRules": "compatibility.op_rules_document",
    "PathResult": "node_details.path_document",
    "Placement": "compatibility.placement_document",
    "RangesReport": "quantization.ranges_document",
    "Reach": "node_details.reach_document",
    "RestorePlan": "restore_plans.restore_plan_document",
    "SavedModelExport": "saved_model_exports.saved_model_document",
    "ShapeList": "shapes.shapes_document",
    "SignatureList": "signatures.signatures_document",
    "TrainingReport": "quantization.training_document",
    "Verdict": "compatibility.verdict_document",
}


def document_of(result: object, **how: Any) -> Document:
    """The document that shows a result.

    Args:
        result: What a function of the library gave, of a type in `DOCUMENTS`.
        how: What else the document's function takes.
    """
    module, function = DOCUMENTS[type(result).__name__].split(".")
    found: Document = getattr(importlib.import_module(f"graphtools.report.{module}"), function)(
        result, **how
    )
    return found
