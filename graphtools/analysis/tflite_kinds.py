"""Which kind of conversion a TFLite model went through, by the types of its tensors."""

from __future__ import annotations

from collections import Counter

from graphtools.formats.tflite.model import Subgraph, TFLiteModel

#: Operators that only turn one type into another.
TURNS = frozenset({"QUANTIZE", "DEQUANTIZE", "CAST"})
_NARROW = frozenset({"int8", "uint8", "int4", "uint4", "int2"})


def conversion_kind(model: TFLiteModel) -> str:
    """The kind: `float`, `float16`, `dynamic`, `int8`, `int16x8` or `uint8`.

    That of most of its operators which compute with quantized tensors counts; a model with any is
    not `float`, as what comes after carries their error.
    """
    kinds = Counter(kind for graph in model.subgraphs for kind in _operator_kinds(graph))
    for kind in ("int16x8", "uint8", "int8", "dynamic", "float16"):
        if kinds[kind]:
            return kind
    return "float"


def _operator_kinds(graph: Subgraph) -> list[str]:
    tensors = {t.index: t for t in graph.tensors}
    found = []
    for operator in graph.operators:
        inputs = [tensors[i] for i in operator.inputs if i in tensors]
        outputs = [tensors[i] for i in operator.outputs if i in tensors]
        if operator.op in TURNS:
            if any(t.dtype == "float16" and t.is_constant for t in inputs):
                found.append("float16")
            continue
        computed = [t for t in (*inputs, *outputs) if not t.is_constant]
        quantized = {t.dtype for t in computed if t.quantization and t.quantization.scale}
        if "int16" in quantized:
            found.append("int16x8")
        found += [kind for kind in ("uint8", "int8") if kind in quantized]
        stored = [t for t in inputs if t.is_constant]
        is_float = any(t.dtype == "float32" for t in outputs)
        if not quantized and is_float:
            if any(t.dtype in _NARROW and t.quantization for t in stored):
                found.append("dynamic")
            elif any(t.dtype == "float16" for t in stored):
                found.append("float16")
    return found
