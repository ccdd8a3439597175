"""Small TFLite models, written as a list of tensors and operators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from graphtools.findings.finding import Finding
from graphtools.formats import open_model
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.formats.tflite.names import names
from graphtools.formats.tflite.schema import schema
from graphtools.formats.tflite.tree import Tree, write_tree
from graphtools.lint.tables import TFLITE_RULES
from graphtools.lint.tflite_subject import TFLiteSubject


class Spec(NamedTuple):
    """A tensor: `-1` in a shape is a dimension that may change; of quantized ones the scales."""

    dtype: str
    shape: Sequence[int]
    scale: Sequence[float] = ()
    zero_point: Sequence[int] = ()
    data: bytes | None = None
    dimension: int = 0


class Op(NamedTuple):
    """An operator by the names of its tensors; a custom one has another name than TFLite's."""

    op: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    options: Mapping[str, Any] = {}
    version: int = 1


def model(
    tensors: Mapping[str, Spec],
    operators: Sequence[Op],
    inputs: Sequence[str] = ("x",),
    outputs: Sequence[str] = ("y",),
    extra: Sequence[bytes] = (),
) -> TFLiteModel:
    """A model; `extra` are buffers that no tensor has."""
    order = {name: index for index, name in enumerate(tensors)}
    buffers: list[Tree] = [{}]
    listed = [_tensor(name, spec, buffers) for name, spec in tensors.items()]
    buffers += [{"data": raw} for raw in extra]
    codes: list[Tree] = []
    steps = [_operator(operator, order, codes) for operator in operators]
    graph = {
        "tensors": listed,
        "inputs": [order[name] for name in inputs],
        "outputs": [order[name] for name in outputs],
        "operators": steps,
    }
    tree = {"version": 3, "operator_codes": codes, "subgraphs": [graph], "buffers": buffers}
    made = open_model(write_tree(tree))
    assert isinstance(made, TFLiteModel)
    return made


def _tensor(name: str, spec: Spec, buffers: list[Tree]) -> Tree:
    numbers = {text.lower(): number for number, text in schema().enums["TensorType"].items()}
    made: Tree = {
        "shape": [abs(d) for d in spec.shape],
        "type": numbers[spec.dtype],
        "buffer": 0,
        "name": name,
        "shape_signature": list(spec.shape),
        "has_rank": True,
    }
    if spec.data is not None:
        made["buffer"] = len(buffers)
        buffers.append({"data": spec.data})
    if spec.scale:
        zero_points = list(spec.zero_point) or [0] * len(spec.scale)
        made["quantization"] = {
            "scale": list(spec.scale),
            "zero_point": zero_points,
            "quantized_dimension": spec.dimension,
        }
    return made


def _operator(operator: Op, order: Mapping[str, int], codes: list[Tree]) -> Tree:
    known = {text: number for number, text in names().operators.items()}
    number = known.get(operator.op, 32)
    code: Tree = {"deprecated_builtin_code": min(number, 127), "builtin_code": number}
    code["version"] = operator.version
    if operator.op not in known:
        code["custom_code"] = operator.op
    codes.append(code)
    made: Tree = {
        "opcode_index": len(codes) - 1,
        "inputs": [order[name] if name else -1 for name in operator.inputs],
        "outputs": [order[name] for name in operator.outputs],
    }
    if operator.options:
        kind = "".join(part.capitalize() for part in operator.op.split("_")) + "Options"
        kind = kind.replace("2d", "2D").replace("AveragePool2D", "Pool2D")
        numbers = {text: n for n, text in schema().enums["BuiltinOptions"].items()}
        made["builtin_options_type"] = numbers[kind]
        made["builtin_options"] = dict(operator.options)
    return made


class TFLiteCase(NamedTuple):
    """A rule with a model in which it finds something, and one in which it does not."""

    code: str
    bad: TFLiteModel
    good: TFLiteModel
    node: str
    target: str = ""
    says: str = ""
    severity: str = ""

    def __str__(self) -> str:
        return f"{self.code} {self.says}"

    def findings(self, made: TFLiteModel, runtime: str = "") -> list[Finding]:
        """What the rule says of a model."""
        rule = TFLITE_RULES.rules()[self.code]
        target = self.target or ("tflite" if "tflite" in rule.targets else min(rule.targets))
        return list(rule.run(TFLiteSubject(made, target, runtime)))
