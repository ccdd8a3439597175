"""Makes the schemas of what commands print with --json, from the types that they print.

    python -m tests.builders.json_schemas

writes them to docs/schemas, one file a command, and nothing else there.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import functools
import importlib
import inspect
import json
import pkgutil
import types
import typing
from typing import Any, Union

import graphtools
from graphtools.graph import DType, Shape
from graphtools.report.json import SCHEMA_VERSION
from tests.support import ROOT

FOLDER = ROOT / "docs" / "schemas"
#: What a document is of: a type by module and name; a dict of keys; a list of one; several in turn.
Form = Union[str, dict[str, Any], list[Any], tuple[Any, ...]]

_FINDING: Form = {
    "code": "str",
    "name": "str",
    "severity": "str",
    "message": "str",
    "remedy": "str",
    "field": "str",
    "line": "int | None",
}
_RULE: Form = {
    "code": "str",
    "name": "str",
    "family": "str",
    "severity": "str",
    "targets": ["str"],
    "is_default": "bool",
    "cure": "str",
    "is_safe_cure": "bool",
    "manual": "findings.rule:Manual",
}
_FREEZE: Form = "transforms.freeze:FreezeReport"
_TRANSFORM: Form = {
    "transformation": "transforms.pipeline:PipelineReport",
    "verification": ("verify.verify_rewrite:Verification", "None"),
}
_CHANGED: Form = {"changed": ["formats.format_change:FormatChange"]}
_CONVERSION: Form = (
    "convert.conversion.report:Conversion",
    "convert.conversion.report:Conversions",
    "convert.conversion.report:ConversionFailure",
)
_LINT_SUMMARY: Form = {
    "target": "str",
    "files": "int",
    "findings": "dict[str, int]",
    "unread": "int",
    "ignored": "int",
    "known": "int",
    "rules": "object",
}
_SSD: Form = "transforms.export_ssd:ExportReport"
#: What every command prints.
DOCUMENTS: dict[str, Form] = {
    "bench": "run.bench:Bench",
    "bisect": "verify.verify_rewrite:Bisection",
    "check-config": {
        "path": "str",
        "checkpoint": "str",
        "label_map": "str",
        "findings": [_FINDING],
    },
    "compat": (
        "compat.verdict:Verdict",
        "compat.op_rules:OpRules",
        "compat.placement:Placement",
        "convert.target:TargetVerdict",
    ),
    "convert": (
        *_CONVERSION,
        _CHANGED,
        "convert.target:TargetConversion",
        "convert.target:TargetConversions",
    ),
    "diff": "analysis.model_diff:ModelDiff",
    "draw": "report.drawing.draw:WrittenPicture",
    "edit-checkpoint": "restore.checkpoint_editor:CheckpointEdit",
    "edit-tflite": "convert.editing.edit_tflite:EditedTFLite",
    "explain": (
        "explain.explain:Diagnosis",
        {"entries": [{"area": "str", "...": "explain.known_errors._entry:KnownError"}]},
    ),
    "export-ssd": _SSD,
    "export_tflite_ssd_graph": _SSD,
    "extract": _TRANSFORM,
    "freeze": _FREEZE,
    "freeze_graph": _FREEZE,
    "help": {"task": "str", "found": ["commands._tasks:Task"]},
    "import_pb_to_tensorboard": "report.viewing:EventFile",
    "inspect_checkpoint": "analysis.variables:VariableList",
    "io": "analysis.inputs_outputs:InputsOutputs",
    "join": "transforms.join:JoinReport",
    "lint": (
        {"summary": _LINT_SUMMARY, "files": ["lint.file_report:FileReport"], "notes": ["str"]},
        {"summary": _LINT_SUMMARY},
        {"settings": "lint.settings:LintSettings", "rules": ["str"]},
    ),
    "node": "analysis.node_detail:NodeDetail",
    "nodes": ("analysis.node_list:NodeList", {"scopes": [{"scope": "str", "nodes": "int"}]}),
    "op": "analysis.op_manual:OpManual",
    "ops": "analysis.node_list:OpCounts",
    "optimize": _TRANSFORM,
    "optimize_for_inference": _TRANSFORM,
    "path": ("analysis.paths:PathResult", "analysis.paths:Reach"),
    "probe-converter": "probe.probe:ProbedTable",
    "quantize-eval": "transforms.quantize_eval:EvalReport",
    "quantize-ranges": "convert.calibration.range_calibration:RangesReport",
    "quantize-training": "transforms.quantize_training:TrainingReport",
    "report": (
        {"files": ["report.model_report:ModelReport"]},
        "analysis.model_diff:ModelDiff",
    ),
    "restore-plan": "restore.plan:RestorePlan",
    "rule": (_RULE, {"rules": [_RULE]}),
    "run": "verify.model_run:ModelRun",
    "saved-model": "model.saved_model_export:SavedModelExport",
    "saved_model_cli": (
        "analysis.signatures:SignatureList",
        "verify.model_run:ModelRun",
        {"meta_graphs": [{"tags": ["str"], "ops": ["str"]}]},
    ),
    "shapes": "analysis.shape_list:ShapeList",
    "signatures": "analysis.signatures:SignatureList",
    "size": (
        "analysis.model_costs:ModelCosts",
        "analysis.checkpoint_costs:CheckpointCosts",
    ),
    "strip": _TRANSFORM,
    "strip_unused": _TRANSFORM,
    "summarize_graph": "analysis.graph_summary:GraphSummary",
    "summary": {"files": ["analysis.summary:Summary"]},
    "tensorboard": "report.viewing:EventFile",
    "tflite_convert": _CONVERSION,
    "toco": _CONVERSION,
    "transform": _TRANSFORM,
    "transform_graph": _TRANSFORM,
    "transforms": {
        "transforms": [
            {
                "name": "str",
                "manual": "str",
                "aliases": ["str"],
                "keeps_meaning": "bool",
                "example": "str",
                "parameters": ["rewrite.transform:Parameter"],
            }
        ]
    },
    "variables": (
        "analysis.variables:VariableList",
        "analysis.saved_arrays:SavedArrays",
        {"name": "str", "dtype": "str", "shape": "list[int | None] | None", "value": "object"},
    ),
    "verify": ("verify.verify_models:ModelVerification", "verify.accuracy:AccuracyComparison"),
    "view": "report.netron_view:Served",
}


@functools.cache
def _known() -> dict[str, Any]:
    """All classes of the package by name, each of which occurs once; for annotations."""
    found: dict[str, Any] = {}
    for module in pkgutil.walk_packages(graphtools.__path__, "graphtools."):
        if "__main__" in module.name or module.name.startswith("graphtools.run."):
            continue
        loaded = importlib.import_module(module.name)
        found |= {
            name: value
            for name, value in vars(loaded).items()
            if not name.startswith("_") and getattr(value, "__module__", "") == module.name
        }
    return found


class Schemas:
    """Makes schemas; classes stand once, under `$defs`."""

    def __init__(self) -> None:
        self.definitions: dict[str, Any] = {}

    def of(self, form: Form) -> dict[str, Any]:
        """The schema of a form."""
        if isinstance(form, tuple):
            return {"anyOf": [self.of(one) for one in form]}
        if isinstance(form, list):
            return {"type": "array", "items": self.of(form[0])}
        if isinstance(form, dict):
            return self._keys(form)
        module, colon, name = form.partition(":")
        if colon:
            return self.of_type(getattr(importlib.import_module(f"graphtools.{module}"), name))
        return self.of_type(eval(form))

    def _keys(self, form: dict[str, Any]) -> dict[str, Any]:
        own = {key: self.of(inner) for key, inner in form.items() if key != "..."}
        if "..." in form:  # the keys of a type beside them
            name = self.of(form["..."])["$ref"].rpartition("/")[2]
            own |= self.definitions[name]["properties"]
        return {"type": "object", "properties": own, "required": list(own)}

    def of_type(self, kind: Any) -> dict[str, Any]:
        """The schema of what `to_json` makes of a type."""
        simple: dict[Any, str] = {str: "string", bytes: "string", bool: "boolean", int: "integer"}
        simple |= {type(None): "null", None: "null", DType: "string"}
        if kind in simple:
            return {"type": simple[kind]}
        if kind is float:
            return {"anyOf": [{"type": "number"}, {"enum": ["inf", "-inf", "nan"]}]}
        if kind in (Any, object):
            return {}
        if kind is Shape:
            return self.of_type(list[int | None] | None)
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if origin is typing.Literal:
            return {"enum": list(arguments)}
        if origin in (Union, types.UnionType):
            return {"anyOf": [self.of_type(a) for a in arguments]}
        if origin is tuple and arguments[-1:] != (...,):
            return {
                "type": "array",
                "prefixItems": [self.of_type(a) for a in arguments],
                "minItems": len(arguments),
                "maxItems": len(arguments),
            }
        if origin in (tuple, list, collections.abc.Sequence):
            return {"type": "array", "items": self.of_type(arguments[0])}
        if origin in (dict, collections.abc.Mapping):
            return {"type": "object", "additionalProperties": self.of_type(arguments[1])}
        if dataclasses.is_dataclass(kind) or hasattr(kind, "_fields"):
            return self._of_class(kind)
        raise TypeError(f"{kind} has no schema")

    def _of_class(self, kind: Any) -> dict[str, Any]:
        reference = {"$ref": f"#/$defs/{kind.__name__}"}
        if kind.__name__ in self.definitions:
            return reference
        self.definitions[kind.__name__] = made = dict[str, Any]()
        hints = typing.get_type_hints(kind, localns={**_known(), **vars(typing)})
        names = (
            [f.name for f in dataclasses.fields(kind)]
            if dataclasses.is_dataclass(kind)
            else list(kind._fields)
        )
        names = [name for name in names if "Callable" not in str(hints[name])]  # no data
        told = _attributes(inspect.getdoc(kind) or "")
        is_plain = dataclasses.is_dataclass(kind)
        properties = {}
        for name in names:
            if "Callable" in str(hints[name]):  # a function is not printed
                continue
            properties[name.rstrip("_") if is_plain else name] = {
                **self.of_type(hints[name]),
                **({"description": told[name]} if name in told else {}),
            }
        made |= {
            "type": "object",
            "description": (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " "),
            "properties": properties,
            "required": list(properties),
        }
        return reference


def _attributes(doc: str) -> dict[str, str]:
    """What a docstring says of attributes."""
    found: dict[str, str] = {}
    name = ""
    for line in doc.partition("Attributes:\n")[2].split("\n"):
        if not line.strip():
            break
        indented = len(line) - len(line.lstrip())
        if indented == 4:
            name, _, text = line.strip().partition(": ")
            found[name] = text
        elif name:
            found[name] += " " + line.strip()
    return found


def schema_of(command: str) -> dict[str, Any]:
    """The schema of what a command prints."""
    schemas = Schemas()
    body = schemas.of(DOCUMENTS[command])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"graphtools {command} --json",
        "allOf": [
            {
                "type": "object",
                "properties": {"schema_version": {"const": SCHEMA_VERSION}},
                "required": ["schema_version"],
            },
            body,
        ],
        "$defs": dict(sorted(schemas.definitions.items())),
    }


def texts() -> dict[str, str]:
    """The schemas by the names of their files."""
    return {f"{c}.json": json.dumps(schema_of(c), indent=1) + "\n" for c in sorted(DOCUMENTS)}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    made = texts()
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text)
    print(f"{FOLDER}: {len(DOCUMENTS)} schemas")
