"""graphtools: what is inside TensorFlow graphs, checkpoints and models, without TensorFlow.

Everything public is importable from here; modules are loaded when one of their names is used.
"""

from __future__ import annotations

from graphtools.declared import declare_by
from graphtools.display import Displayed

TYPE_CHECKING = False  # type checkers take it for true; importing typing takes its time
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from graphtools.analysis.graph_diff import GraphDiff as GraphDiff
    from graphtools.analysis.graph_diff import diff_graphs as diff_graphs
    from graphtools.analysis.graph_summary import GraphSummary as GraphSummary
    from graphtools.analysis.graph_summary import summarize_graph as summarize_graph
    from graphtools.analysis.inputs_outputs import InputsOutputs as InputsOutputs
    from graphtools.analysis.inputs_outputs import inputs_and_outputs as inputs_and_outputs
    from graphtools.analysis.model_costs import ModelCosts as ModelCosts
    from graphtools.analysis.model_costs import model_costs as model_costs
    from graphtools.analysis.node_detail import NodeDetail as NodeDetail
    from graphtools.analysis.node_detail import node_detail as node_detail
    from graphtools.analysis.node_list import OpCounts as OpCounts
    from graphtools.analysis.node_list import count_ops as count_ops
    from graphtools.analysis.node_list import select_nodes as select_nodes
    from graphtools.analysis.paths import PathResult as PathResult
    from graphtools.analysis.paths import Reach as Reach
    from graphtools.analysis.paths import ancestors as ancestors
    from graphtools.analysis.paths import descendants as descendants
    from graphtools.analysis.paths import shortest_path as shortest_path
    from graphtools.analysis.signatures import SignatureList as SignatureList
    from graphtools.analysis.signatures import list_signatures as list_signatures
    from graphtools.analysis.statistics import Statistics as Statistics
    from graphtools.analysis.statistics import compute_statistics as compute_statistics
    from graphtools.analysis.summary import Summary as Summary
    from graphtools.analysis.summary import summarize as summarize
    from graphtools.analysis.variable_diff import VariableDiff as VariableDiff
    from graphtools.analysis.variable_diff import diff_variables as diff_variables
    from graphtools.analysis.variables import VariableList as VariableList
    from graphtools.analysis.variables import list_variables as list_variables
    from graphtools.compat.prediction import predict_conversion as predict_conversion
    from graphtools.compat.verdict import Verdict as Verdict
    from graphtools.convert.calibration.calibrating import calibration_for as calibration_for
    from graphtools.convert.calibration.calibration import Calibration as Calibration
    from graphtools.convert.conversion.converter import Converter as Converter
    from graphtools.convert.conversion.converter import convert
    from graphtools.convert.conversion.options import ConversionOptions as ConversionOptions
    from graphtools.convert.conversion.report import Conversion as Conversion
    from graphtools.convert.editing.edit_tflite import EditedTFLite as EditedTFLite
    from graphtools.convert.editing.edit_tflite import TFLiteEdits as TFLiteEdits
    from graphtools.convert.editing.edit_tflite import edit_tflite as edit_tflite
    from graphtools.declared import Declared
    from graphtools.errors import Damaged as Damaged
    from graphtools.errors import FileProblem as FileProblem
    from graphtools.errors import GraphtoolsError as GraphtoolsError
    from graphtools.errors import InvalidGraph as InvalidGraph
    from graphtools.errors import InvalidValue as InvalidValue
    from graphtools.errors import MissingExtra as MissingExtra
    from graphtools.errors import NothingFound as NothingFound
    from graphtools.errors import ReadOnly as ReadOnly
    from graphtools.errors import UnknownFormat as UnknownFormat
    from graphtools.errors import UnknownName as UnknownName
    from graphtools.explain.explain import Diagnosis as Diagnosis
    from graphtools.explain.explain import explain_file as explain_file
    from graphtools.explain.explain import explain_text as explain_text
    from graphtools.findings.finding import Finding as Finding
    from graphtools.findings.rule import Rule as Rule
    from graphtools.formats import load as load
    from graphtools.formats import open_model as open_model
    from graphtools.formats import save as save
    from graphtools.formats.checkpoint import Checkpoint as Checkpoint
    from graphtools.formats.checkpoint_path import find_checkpoint
    from graphtools.formats.format import HasGraph as HasGraph
    from graphtools.formats.format import Model as Model
    from graphtools.formats.graphdef import GraphFile as GraphFile
    from graphtools.formats.metagraph import MetaGraph as MetaGraph
    from graphtools.formats.metagraph import Signature as Signature
    from graphtools.formats.metagraph_writing import MetaChanges as MetaChanges
    from graphtools.formats.saved_model import SavedModel as SavedModel
    from graphtools.formats.source import Given as Given
    from graphtools.formats.tflite.model import TFLiteModel as TFLiteModel
    from graphtools.graph import Attr as Attr
    from graphtools.graph import DType as DType
    from graphtools.graph import Function as Function
    from graphtools.graph import FunctionRef as FunctionRef
    from graphtools.graph import Graph as Graph
    from graphtools.graph import Node as Node
    from graphtools.graph import Placeholder as Placeholder
    from graphtools.graph import Ref as Ref
    from graphtools.graph import Shape as Shape
    from graphtools.graph import Tensor as Tensor
    from graphtools.graph import Versions as Versions
    from graphtools.graph import dtype as dtype
    from graphtools.lint.engine import check_config as check_config
    from graphtools.lint.engine import lint_graph as lint_graph
    from graphtools.lint.file_report import FileReport as FileReport
    from graphtools.lint.running import LintReport as LintReport
    from graphtools.lint.running import lint_files as lint_files
    from graphtools.lint.settings import LintSettings as LintSettings
    from graphtools.lint.tables import all_rules as all_rules
    from graphtools.model.loading import LoadedModel as LoadedModel
    from graphtools.model.loading import ModelGraph as ModelGraph
    from graphtools.model.loading import load_model as load_model
    from graphtools.model.options import ModelOptions as ModelOptions
    from graphtools.model.saved_model_export import SavedModelExport as SavedModelExport
    from graphtools.model.saved_model_export import export_saved_model as export_saved_model
    from graphtools.model.signature_edits import edit_signatures as edit_signatures
    from graphtools.ops.bodies import edit_function as edit_function
    from graphtools.ops.defects.defect import Defect as Defect
    from graphtools.ops.defects.find import find_defects as find_defects
    from graphtools.ops.definitions import OpDefinition as OpDefinition
    from graphtools.ops.definitions import op_definition as op_definition
    from graphtools.ops.inference import Inference as Inference
    from graphtools.ops.inference import infer_shapes as infer_shapes
    from graphtools.ops.value import evaluate as evaluate
    from graphtools.report.drawing.draw import Picture as Picture
    from graphtools.report.drawing.draw import PicturePart as PicturePart
    from graphtools.report.drawing.draw import draw as draw
    from graphtools.report.json import to_json as to_json
    from graphtools.report.reporting import diff_report as diff_report
    from graphtools.report.reporting import models_report as models_report
    from graphtools.restore.checkpoint_editor import CheckpointEdit as CheckpointEdit
    from graphtools.restore.checkpoint_editor import CheckpointEditor as CheckpointEditor
    from graphtools.restore.checkpoint_editor import edit_checkpoint as edit_checkpoint
    from graphtools.restore.plan import RestorePlan as RestorePlan
    from graphtools.restore.slim_plan import SlimSettings as SlimSettings
    from graphtools.restore.sources import plan_for_pipeline as plan_for_pipeline
    from graphtools.restore.sources import plan_for_slim as plan_for_slim
    from graphtools.rewrite.grammar import Step as Step
    from graphtools.rewrite.transform import Job as Job
    from graphtools.rewrite.transform import Transform as Transform
    from graphtools.run.bench import Bench as Bench
    from graphtools.run.bench import bench as bench
    from graphtools.samples.options import SampleOptions as SampleOptions
    from graphtools.transforms._quantized_graph import QuantizationOptions as QuantizationOptions
    from graphtools.transforms._quantized_graph import QuantizedGraph as QuantizedGraph
    from graphtools.transforms._ssd.settings import DetectorSettings as DetectorSettings
    from graphtools.transforms._ssd.settings import ExportOptions as ExportOptions
    from graphtools.transforms._ssd.settings import read_settings
    from graphtools.transforms.export_ssd import Exported as Exported
    from graphtools.transforms.export_ssd import export_ssd as export_ssd
    from graphtools.transforms.freeze import Frozen as Frozen
    from graphtools.transforms.freeze import freeze as freeze
    from graphtools.transforms.input_heads import put_head as put_head
    from graphtools.transforms.join import JoinedGraph as JoinedGraph
    from graphtools.transforms.join import join as join
    from graphtools.transforms.pipeline import Transformed as Transformed
    from graphtools.transforms.pipeline import all_transforms as all_transforms
    from graphtools.transforms.pipeline import transform as transform
    from graphtools.transforms.preparing import optimize as optimize
    from graphtools.transforms.preparing import strip as strip
    from graphtools.transforms.quantize_eval import with_trained_ranges as with_trained_ranges
    from graphtools.transforms.quantize_training import TrainingReport as TrainingReport
    from graphtools.transforms.quantize_training import quantize_training as quantize_training
    from graphtools.verify.accuracy import AccuracyComparison as AccuracyComparison
    from graphtools.verify.accuracy import compare_accuracy as compare_accuracy
    from graphtools.verify.feeds import Feeds as Feeds
    from graphtools.verify.feeds import make_feeds as make_feeds
    from graphtools.verify.model_run import ModelRun as ModelRun
    from graphtools.verify.model_run import run_model as run_model
    from graphtools.verify.verify_models import ModelVerification as ModelVerification
    from graphtools.verify.verify_models import verify_models as verify_models
    from graphtools.verify.verify_rewrite import Bisection as Bisection
    from graphtools.verify.verify_rewrite import Verification as Verification
    from graphtools.verify.verify_rewrite import bisect, verify

    # what has another name here is assigned: an import under another name is not exported
    bisect_rewrite = bisect
    convert_to_tflite = convert
    open_checkpoint = find_checkpoint
    read_detector_settings = read_settings
    verify_rewrite = verify

#: Public name -> module, and the name there where it is another one.
_PUBLIC = {
    "AccuracyComparison": "verify.accuracy",
    "all_rules": "lint.tables",
    "all_transforms": "transforms.pipeline",
    "ancestors": "analysis.paths",
    "Attr": "graph",
    "Bench": "run.bench",
    "bench": "run.bench",
    "bisect_rewrite": "verify.verify_rewrite:bisect",
    "Bisection": "verify.verify_rewrite",
    "Calibration": "convert.calibration.calibration",
    "calibration_for": "convert.calibration.calibrating",
    "check_config": "lint.engine",
    "Checkpoint": "formats.checkpoint",
    "CheckpointEdit": "restore.checkpoint_editor",
    "CheckpointEditor": "restore.checkpoint_editor",
    "compare_accuracy": "verify.accuracy",
    "compute_statistics": "analysis.statistics",
    "Conversion": "convert.conversion.report",
    "ConversionOptions": "convert.conversion.options",
    "convert_to_tflite": "convert.conversion.converter:convert",
    "Converter": "convert.conversion.converter",
    "count_ops": "analysis.node_list",
    "Damaged": "errors",
    "Defect": "ops.defects.defect",
    "descendants": "analysis.paths",
    "DetectorSettings": "transforms._ssd.settings",
    "Diagnosis": "explain.explain",
    "diff_graphs": "analysis.graph_diff",
    "diff_report": "report.reporting",
    "diff_variables": "analysis.variable_diff",
    "draw": "report.drawing.draw",
    "DType": "graph",
    "dtype": "graph",
    "edit_checkpoint": "restore.checkpoint_editor",
    "edit_function": "ops.bodies",
    "edit_signatures": "model.signature_edits",
    "edit_tflite": "convert.editing.edit_tflite",
    "EditedTFLite": "convert.editing.edit_tflite",
    "evaluate": "ops.value",
    "explain_file": "explain.explain",
    "explain_text": "explain.explain",
    "export_saved_model": "model.saved_model_export",
    "export_ssd": "transforms.export_ssd",
    "Exported": "transforms.export_ssd",
    "ExportOptions": "transforms._ssd.settings",
    "Feeds": "verify.feeds",
    "FileProblem": "errors",
    "FileReport": "lint.file_report",
    "find_defects": "ops.defects.find",
    "Finding": "findings.finding",
    "freeze": "transforms.freeze",
    "Frozen": "transforms.freeze",
    "Function": "graph",
    "FunctionRef": "graph",
    "Given": "formats.source",
    "Graph": "graph",
    "GraphDiff": "analysis.graph_diff",
    "GraphFile": "formats.graphdef",
    "GraphSummary": "analysis.graph_summary",
    "GraphtoolsError": "errors",
    "HasGraph": "formats.format",
    "infer_shapes": "ops.inference",
    "Inference": "ops.inference",
    "inputs_and_outputs": "analysis.inputs_outputs",
    "InputsOutputs": "analysis.inputs_outputs",
    "InvalidGraph": "errors",
    "InvalidValue": "errors",
    "Job": "rewrite.transform",
    "join": "transforms.join",
    "JoinedGraph": "transforms.join",
    "lint_files": "lint.running",
    "lint_graph": "lint.engine",
    "LintReport": "lint.running",
    "LintSettings": "lint.settings",
    "list_signatures": "analysis.signatures",
    "list_variables": "analysis.variables",
    "load": "formats",
    "load_model": "model.loading",
    "LoadedModel": "model.loading",
    "make_feeds": "verify.feeds",
    "MetaChanges": "formats.metagraph_writing",
    "MetaGraph": "formats.metagraph",
    "MissingExtra": "errors",
    "Model": "formats.format",
    "model_costs": "analysis.model_costs",
    "ModelCosts": "analysis.model_costs",
    "ModelGraph": "model.loading",
    "ModelOptions": "model.options",
    "ModelRun": "verify.model_run",
    "models_report": "report.reporting",
    "ModelVerification": "verify.verify_models",
    "Node": "graph",
    "node_detail": "analysis.node_detail",
    "NodeDetail": "analysis.node_detail",
    "NothingFound": "errors",
    "op_definition": "ops.definitions",
    "OpCounts": "analysis.node_list",
    "OpDefinition": "ops.definitions",
    "open_checkpoint": "formats.checkpoint_path:find_checkpoint",
    "open_model": "formats",
    "optimize": "transforms.preparing",
    "PathResult": "analysis.paths",
    "Picture": "report.drawing.draw",
    "PicturePart": "report.drawing.draw",
    "Placeholder": "graph",
    "plan_for_pipeline": "restore.sources",
    "plan_for_slim": "restore.sources",
    "predict_conversion": "compat.prediction",
    "QuantizationOptions": "transforms._quantized_graph",
    "quantize_training": "transforms.quantize_training",
    "QuantizedGraph": "transforms._quantized_graph",
    "Reach": "analysis.paths",
    "read_detector_settings": "transforms._ssd.settings:read_settings",
    "ReadOnly": "errors",
    "put_head": "transforms.input_heads",
    "Ref": "graph",
    "RestorePlan": "restore.plan",
    "Rule": "findings.rule",
    "run_model": "verify.model_run",
    "SampleOptions": "samples.options",
    "save": "formats",
    "SavedModel": "formats.saved_model",
    "SavedModelExport": "model.saved_model_export",
    "select_nodes": "analysis.node_list",
    "Shape": "graph",
    "shortest_path": "analysis.paths",
    "Signature": "formats.metagraph",
    "SignatureList": "analysis.signatures",
    "SlimSettings": "restore.slim_plan",
    "Statistics": "analysis.statistics",
    "Step": "rewrite.grammar",
    "strip": "transforms.preparing",
    "summarize": "analysis.summary",
    "summarize_graph": "analysis.graph_summary",
    "Summary": "analysis.summary",
    "Tensor": "graph",
    "TFLiteEdits": "convert.editing.edit_tflite",
    "TFLiteModel": "formats.tflite.model",
    "to_json": "report.json",
    "TrainingReport": "transforms.quantize_training",
    "Transform": "rewrite.transform",
    "transform": "transforms.pipeline",
    "Transformed": "transforms.pipeline",
    "UnknownFormat": "errors",
    "UnknownName": "errors",
    "VariableDiff": "analysis.variable_diff",
    "VariableList": "analysis.variables",
    "Verdict": "compat.verdict",
    "Verification": "verify.verify_rewrite",
    "verify_models": "verify.verify_models",
    "verify_rewrite": "verify.verify_rewrite:verify",
    "Versions": "graph",
    "with_trained_ranges": "transforms.quantize_eval",
}

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("tf-graphtools")
    if name not in _PUBLIC:
        raise AttributeError(f"module 'graphtools' has no attribute {name!r}")
    import importlib

    module, _, other = _PUBLIC[name].partition(":")
    value = getattr(importlib.import_module(f"graphtools.{module}"), other or name)
    globals()[name] = value
    return value


def _html_of(shown: object) -> str:
    from graphtools.report.notebook import html_of

    return html_of(shown)


def _declared(op: str) -> Mapping[str, Declared]:
    from graphtools.ops.definitions import declared_attributes_of

    return declared_attributes_of(op)


def _text_of(shown: object) -> str:
    from graphtools.report.notebook import text_of

    return text_of(shown)


Displayed.html_of = staticmethod(_html_of)
Displayed.text_of = staticmethod(_text_of)
declare_by(_declared)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
