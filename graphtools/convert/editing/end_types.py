"""Other types for the inputs and outputs of a quantized model.

The rules are the converter's own (`modify_model_io_type` of its Python side), so that the result is
bit by bit what it makes for that type: QUANTIZE and DEQUANTIZE at the ends are taken out or put in;
between int8 and uint8 a QUANTIZE moves the zero point by 128.
"""

from __future__ import annotations

from graphtools.convert.editing.editor import Editor
from graphtools.errors import InvalidValue
from graphtools.formats.tflite.names import names
from graphtools.formats.tflite.tree import Tree

#: The types that there are for ends.
END_TYPES = ("float32", "int8", "uint8")
#: By how much the zero point of uint8 is above that of int8.
_SHIFT = 128


def set_input_type(editor: Editor, wanted: str) -> None:
    """Let all inputs that are real numbers be fed as another type.

    Inputs of integers that are no quantized numbers, as indices, stay.

    Args:
        editor: The model.
        wanted: One of `END_TYPES`.

    Raises:
        InvalidValue: An input is no quantized number behind its end, so that it has no range.
    """
    _set_type(editor, editor.inputs, wanted)


def set_output_type(editor: Editor, wanted: str) -> None:
    """Let all outputs that are real numbers be given as another type; else as `set_input_type`."""
    _set_type(editor, editor.outputs, wanted)


def _set_type(editor: Editor, ends: list[int], wanted: str) -> None:
    for index in list(dict.fromkeys(ends)):
        kind = editor.dtype(index)
        quantized = bool(editor.tensors[index].get("quantization", {}).get("scale"))
        if kind != wanted and (kind == "float32" or (quantized and kind in END_TYPES)):
            before = editor.name(index)
            _set_end(editor, ends, index, wanted)
            editor.changes.append(f"{before} is {wanted} (was {kind})")


def _set_end(editor: Editor, ends: list[int], index: int, wanted: str) -> None:
    inner = _behind(editor, ends, index)
    if inner is None:
        if editor.dtype(index) == "float32":
            what = "input" if ends is editor.inputs else "output"
            turns = "QUANTIZE reads" if ends is editor.inputs else "DEQUANTIZE gives"
            raise InvalidValue(
                f"the {what} {editor.name(index)!r} is float32, and no {turns} it alone: it has "
                f"no range, so it cannot become {wanted}",
                "convert the model with full integer quantization",
            )
        inner = index
    else:
        _take_out(editor, ends, index, inner)
    if editor.dtype(inner) != wanted:
        _put_in(editor, ends, inner, wanted)


def _behind(editor: Editor, ends: list[int], index: int) -> int | None:
    """The tensor at the other side of the operator that only turns the type of an end."""
    if ends is editor.inputs:
        readers = editor.readers(index)
        is_turned = len(readers) == 1 and editor.op(readers[0]) == "QUANTIZE"
        return readers[0]["outputs"][0] if is_turned and index not in editor.outputs else None
    operator = editor.producer(index)
    if operator is None or editor.op(operator) not in ("DEQUANTIZE", "QUANTIZE"):
        return None
    source: int = operator["inputs"][0]
    is_free = not editor.readers(index) and not editor.content(source)
    return source if is_free and source not in editor.inputs else None


def _take_out(editor: Editor, ends: list[int], index: int, inner: int) -> None:
    """Take the operator out that stands between an end and the tensor behind it."""
    is_input = ends is editor.inputs
    operator = editor.readers(index)[0] if is_input else editor.producer(index)
    editor.operators[:] = [o for o in editor.operators if o is not operator]
    _swap_names(editor, index, inner)
    editor.replace_end(ends, index, inner)


def _put_in(editor: Editor, ends: list[int], inner: int, wanted: str) -> None:
    """Put an operator between a quantized tensor and an end of another type."""
    is_input = ends is editor.inputs
    number = next(n for n, name in names().types.items() if name == wanted)
    tensor = editor.tensors[inner]
    fields: Tree = {"type": number, "buffer": 0}
    if wanted == "float32":
        outer = editor.add_tensor(
            {k: v for k, v in tensor.items() if k != "quantization"}, **fields
        )
    else:
        shift = _SHIFT if wanted == "uint8" else -_SHIFT
        quantization = dict(tensor["quantization"])
        zero_points = quantization.get("zero_point") or [0]
        quantization["zero_point"] = [z + shift for z in zero_points]
        outer = editor.add_tensor(tensor, quantization=quantization, **fields)
    editor.tensors[inner]["name"] = f"{editor.name(inner)}_{editor.dtype(inner)}"
    if is_input:
        editor.operators.insert(0, editor.new_operator("QUANTIZE", 1, outer, inner))
    elif wanted == "float32":
        editor.operators.append(editor.new_operator("DEQUANTIZE", 2, inner, outer))
    else:
        editor.operators.append(editor.new_operator("QUANTIZE", 1, inner, outer))
    editor.replace_end(ends, inner, outer)


def _swap_names(editor: Editor, a: int, b: int) -> None:
    """Let the tensor that is an end now have the end's name."""
    first, second = editor.tensors[a], editor.tensors[b]
    first["name"], second["name"] = second.get("name", ""), first.get("name", "")
