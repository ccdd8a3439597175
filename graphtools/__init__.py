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

    from graphtools.analysis.graph_diff import diff_graphs as diff_graphs
    from graphtools.analysis.graph_summary import summarize_graph as summarize_graph
    from graphtools.analysis.inputs_outputs import inputs_and_outputs as inputs_and_outputs
    from graphtools.analysis.model_costs import model_costs as model_costs
    from graphtools.analysis.node_detail import node_detail as node_detail
    from graphtools.analysis.node_list import count_ops as count_ops
    from graphtools.analysis.node_list import select_nodes as select_nodes
    from graphtools.analysis.paths import ancestors as ancestors
    from graphtools.analysis.paths import descendants as descendants
    from graphtools.analysis.paths import shortest_path as shortest_path
    from graphtools.analysis.signatures import list_signatures as list_signatures
    from graphtools.analysis.statistics import compute_statistics as compute_statistics
    from graphtools.analysis.summary import summarize as summarize
    from graphtools.analysis.variable_diff import diff_variables as diff_variables
    from graphtools.analysis.variables import list_variables as list_variables
    from graphtools.compat.prediction import predict_conversion as predict_conversion
    from graphtools.convert.conversion.converter import Converter as Converter
    from graphtools.convert.conversion.converter import convert
    from graphtools.convert.conversion.options import ConversionOptions as ConversionOptions
    from graphtools.declared import Declared
    from graphtools.errors import GraphtoolsError as GraphtoolsError
    from graphtools.formats import load as load
    from graphtools.formats import open_model as open_model
    from graphtools.formats import save as save
    from graphtools.formats.checkpoint_path import find_checkpoint
    from graphtools.graph import DType as DType
    from graphtools.graph import Graph as Graph
    from graphtools.graph import Node as Node
    from graphtools.graph import Ref as Ref
    from graphtools.graph import Shape as Shape
    from graphtools.graph import Tensor as Tensor
    from graphtools.graph import dtype as dtype
    from graphtools.lint.engine import check_config as check_config
    from graphtools.lint.engine import lint_graph as lint_graph
    from graphtools.lint.running import lint_files as lint_files
    from graphtools.lint.settings import LintSettings as LintSettings
    from graphtools.model.loading import load_model as load_model
    from graphtools.model.options import ModelOptions as ModelOptions
    from graphtools.ops.defects.find import find_defects as find_defects
    from graphtools.ops.definitions import op_definition as op_definition
    from graphtools.ops.inference import infer_shapes as infer_shapes
    from graphtools.ops.value import evaluate as evaluate
    from graphtools.report.drawing.draw import draw as draw
    from graphtools.restore.sources import plan_for_pipeline as plan_for_pipeline
    from graphtools.restore.sources import plan_for_slim as plan_for_slim
    from graphtools.run.bench import bench as bench
    from graphtools.samples.options import SampleOptions as SampleOptions
    from graphtools.transforms.export_ssd import export_ssd as export_ssd
    from graphtools.transforms.freeze import freeze as freeze
    from graphtools.transforms.pipeline import transform as transform
    from graphtools.verify.accuracy import compare_accuracy as compare_accuracy
    from graphtools.verify.model_run import run_model as run_model
    from graphtools.verify.verify_models import verify_models as verify_models
    from graphtools.verify.verify_rewrite import bisect, verify

    # what has another name here is assigned: an import under another name is not exported
    bisect_rewrite = bisect
    convert_to_tflite = convert
    open_checkpoint = find_checkpoint
    verify_rewrite = verify

#: Public name -> module, and the name there where it is another one.
_PUBLIC = {
    "DType": "graph",
    "dtype": "graph",
    "Graph": "graph",
    "GraphtoolsError": "errors",
    "Node": "graph",
    "Ref": "graph",
    "Shape": "graph",
    "Tensor": "graph",
    "ancestors": "analysis.paths",
    "check_config": "lint.engine",
    "bench": "run.bench",
    "ConversionOptions": "convert.conversion.options",
    "Converter": "convert.conversion.converter",
    "convert_to_tflite": "convert.conversion.converter:convert",
    "verify_models": "verify.verify_models",
    "compare_accuracy": "verify.accuracy",
    "compute_statistics": "analysis.statistics",
    "count_ops": "analysis.node_list",
    "descendants": "analysis.paths",
    "diff_graphs": "analysis.graph_diff",
    "diff_variables": "analysis.variable_diff",
    "draw": "report.drawing.draw",
    "evaluate": "ops.value",
    "export_ssd": "transforms.export_ssd",
    "find_defects": "ops.defects.find",
    "infer_shapes": "ops.inference",
    "inputs_and_outputs": "analysis.inputs_outputs",
    "LintSettings": "lint.settings",
    "lint_files": "lint.running",
    "lint_graph": "lint.engine",
    "list_signatures": "analysis.signatures",
    "list_variables": "analysis.variables",
    "load": "formats",
    "load_model": "model.loading",
    "model_costs": "analysis.model_costs",
    "ModelOptions": "model.options",
    "node_detail": "analysis.node_detail",
    "op_definition": "ops.definitions",
    "open_checkpoint": "formats.checkpoint_path:find_checkpoint",
    "open_model": "formats",
    "plan_for_pipeline": "restore.sources",
    "plan_for_slim": "restore.sources",
    "predict_conversion": "compat.prediction",
    "run_model": "verify.model_run",
    "SampleOptions": "samples.options",
    "save": "formats",
    "select_nodes": "analysis.node_list",
    "shortest_path": "analysis.paths",
    "freeze": "transforms.freeze",
    "summarize": "analysis.summary",
    "summarize_graph": "analysis.graph_summary",
    "transform": "transforms.pipeline",
    "bisect_rewrite": "verify.verify_rewrite:bisect",
    "verify_rewrite": "verify.verify_rewrite:verify",
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


Displayed.html_of = staticmethod(_html_of)
declare_by(_declared)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
