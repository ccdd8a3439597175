"""TFLite models: real files, each corner of the schema, and damage."""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtools.errors import Damaged, GraphtoolsError, InvalidValue
from graphtools.formats.source import Source, open_source
from graphtools.formats.tflite import FORMAT
from graphtools.formats.tflite import names as tflite_names
from graphtools.formats.tflite.flatbuffer_writer import Scalar, Table, Vector, write
from graphtools.formats.tflite.model import (
    Blockwise,
    BufferInfo,
    Metadata,
    OperatorCode,
    Quantization,
    TFLiteModel,
    TFLiteSignature,
)
from graphtools.graph.shape import UNKNOWN_SHAPE, Shape
from tests.builders import tflite_names as builder

FIXTURES = Path(__file__).parents[3] / "fixtures"
MANIFEST = json.loads((FIXTURES / "MANIFEST.json").read_text())["tflite"]
FILES = [FIXTURES / entry["tflite"] for entry in MANIFEST]
QUANTIZED = FIXTURES / "quant" / "model.tflite"
DETECTOR = FIXTURES / "ssd" / "detect.tflite"

TYPES = {name: number for number, name in tflite_names.names().types.items()}


def read(path: Path) -> TFLiteModel:
    model = FORMAT.read(open_source(path))
    assert isinstance(model, TFLiteModel)
    return model


def read_bytes(raw: bytes) -> TFLiteModel:
    model = FORMAT.read(Source("file", raw))
    assert isinstance(model, TFLiteModel)
    return model


# Parts of the schema, by slot


def code(number: int = 0, *, byte: int = 0, custom: str = "", version: int | None = None) -> Table:
    fields: dict[int, Any] = {0: Scalar("b", byte), 3: Scalar("i", number)}
    if custom:
        fields[1] = custom
    if version is not None:
        fields[2] = Scalar("i", version)
    return fields


def tensor(dtype: str | int = "float32", shape: tuple[int, ...] = (), **more: Any) -> Table:
    """A tensor; `more` is its fields by slot, as `slot2`."""
    number = TYPES[dtype] if isinstance(dtype, str) else dtype
    fields: dict[int, Any] = {0: Vector("i", shape), 1: Scalar("b", number), 3: "x"}
    return fields | {int(key.removeprefix("slot")): value for key, value in more.items()}


def operator(index: int, inputs: tuple[int, ...], outputs: tuple[int, ...]) -> Table:
    return {0: Scalar("I", index), 1: Vector("i", inputs), 2: Vector("i", outputs)}


def subgraph(
    tensors: list[Table],
    operators: list[Table] | None = None,
    inputs: tuple[int, ...] = (),
    outputs: tuple[int, ...] = (),
) -> Table:
    return {0: tensors, 1: Vector("i", inputs), 2: Vector("i", outputs), 3: operators or []}


def model(
    *subgraphs: Table,
    codes: list[Table] | None = None,
    buffers: tuple[bytes | Table, ...] = (),
    **more: Any,
) -> bytes:
    """A model; its buffer 0 is the empty one that every model begins with."""
    stored = [{0: b} if isinstance(b, bytes) else b for b in buffers]
    fields: dict[int, Any] = {
        0: Scalar("I", 3),
        1: codes or [],
        2: list(subgraphs),
        4: [{}, *stored],
    }
    return write(fields | {int(key.removeprefix("slot")): value for key, value in more.items()})


def constant(dtype: str | int, shape: tuple[int, ...], raw: bytes, **more: Any) -> Any:
    """The values that are read of a constant."""
    fields = tensor(dtype, shape, slot2=Scalar("I", 1), **more)
    found = read_bytes(model(subgraph([fields]), buffers=(raw,)))
    return found.tensor_data(found.subgraphs[0].tensors[0])


# Real files


def test_what_is_recognised() -> None:
    for path in FILES:
        assert FORMAT.recognises(open_source(path))
    for path in sorted(FIXTURES.rglob("*")):
        if path.is_file() and path.stat().st_size and path.suffix != ".tflite":
            assert not FORMAT.recognises(open_source(path)), path


def test_a_file_without_buffers_is_read() -> None:
    found = read_bytes(model(subgraph([tensor(shape=(1,))]), slot4=[]))
    assert found.subgraphs[0].tensors[0].buffer_bytes == 0


def test_a_graph_whose_first_node_has_the_identifier_as_its_name() -> None:
    assert not FORMAT.recognises(Source("file", b"\x0a\x10\x0a\x06TFL3_1\x12\x04Noop"))


def test_other_content_is_not_recognised() -> None:
    assert not FORMAT.recognises(open_source(FIXTURES / "classifier" / "frozen.pb"))
    assert not FORMAT.recognises(Source("short", b"TFL"))


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["tflite"])
def test_inputs_and_outputs_as_the_interpreter_gave_them(entry: dict[str, Any]) -> None:
    found = read(FIXTURES / entry["tflite"])
    main = found.subgraphs[0]
    for indices, expected in ((main.inputs, entry["inputs"]), (main.outputs, entry["outputs"])):
        assert len(indices) == len(expected)
        for index, wanted in zip(indices, expected, strict=True):
            got = main.tensors[index]
            assert (got.index, got.name, got.dtype) == (index, wanted["name"], wanted["dtype"])
            # the interpreter knows what custom operators make only when it runs them
            assert got.shape == (Shape(wanted["shape"]) if wanted["shape"] else UNKNOWN_SHAPE)
            if wanted["scale"]:
                assert got.quantization
                assert got.quantization.scale == (wanted["scale"],)
                assert got.quantization.zero_point == (wanted["zero_point"],)
            else:
                assert got.quantization is None


def test_a_quantized_model() -> None:
    found = read(QUANTIZED)
    assert (found.kind, found.path, found.version) == ("TFLite model", str(QUANTIZED), 3)
    assert found.description == "MLIR Converted."
    main = found.subgraphs[0]
    assert [op.op for op in main.operators] == [
        "CONV_2D",
        "DEPTHWISE_CONV_2D",
        "CONV_2D",
        "AVERAGE_POOL_2D",
        "FULLY_CONNECTED",
    ]
    assert [op.index for op in main.operators] == [0, 1, 2, 3, 4]
    first = main.operators[0]
    image, weights, bias = (main.tensors[i] for i in first.inputs)
    assert (image.dtype, weights.dtype, bias.dtype) == ("uint8", "uint8", "int32")
    assert weights.shape == weights.shape_signature == Shape((8, 3, 3, 3))
    assert weights.is_constant
    assert weights.buffer_bytes == 8 * 3 * 3 * 3
    assert not image.is_constant
    assert image.buffer_bytes == 0
    # a bias is stored in the product of the scales of its operands
    scales = [t.quantization.scale[0] for t in (image, weights, bias) if t.quantization]
    assert math.isclose(scales[2], scales[0] * scales[1], rel_tol=1e-6)
    values = found.tensor_data(weights)
    assert values.shape == (8, 3, 3, 3)
    assert values.dtype == np.uint8
    assert {m.name for m in found.metadata} >= {"min_runtime_version"}


def test_a_custom_operator() -> None:
    found = read(DETECTOR)
    last = found.subgraphs[0].operators[-1]
    assert (last.op, last.is_custom, last.is_flex) == ("TFLite_Detection_PostProcess", True, False)
    assert OperatorCode("TFLite_Detection_PostProcess", 1, True, False) in found.operator_codes
    anchors = found.subgraphs[0].tensors[last.inputs[2]]
    assert found.tensor_data(anchors).shape == (288, 4)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.slow
def test_agrees_with_tensorflow(path: Path) -> None:
    tensorflow = pytest.importorskip("tensorflow")
    interpreter = tensorflow.lite.Interpreter(str(path))
    found = read(path)
    main = found.subgraphs[0]
    details = {d["index"]: d for d in interpreter.get_tensor_details()}
    for got in main.tensors:
        wanted = details[got.index]
        assert (got.name, got.dtype) == (wanted["name"], np.dtype(wanted["dtype"]).name)
        assert got.shape.dims is None or list(got.shape.dims) == wanted["shape"].tolist()
        quantization = got.quantization or Quantization((), (), (), (), 0)
        parameters = wanted["quantization_parameters"]
        assert list(quantization.scale) == parameters["scales"].tolist()
        assert list(quantization.zero_point) == parameters["zero_points"].tolist()
        if got.is_constant:
            np.testing.assert_array_equal(found.tensor_data(got), interpreter.get_tensor(got.index))


class Watched(bytes):
    """Bytes that count what is taken from them."""

    taken = 0

    def __getitem__(self, key: Any) -> Any:
        part = super().__getitem__(key)
        Watched.taken += len(part) if isinstance(part, bytes) else 1
        return part


def test_weights_are_not_read() -> None:
    raw = model(
        subgraph([tensor("uint8", (1 << 20,), slot2=Scalar("I", 1))]), buffers=(bytes(1 << 20),)
    )
    Watched.taken = 0
    found = FORMAT.read(Source("file", Watched(raw)))
    assert isinstance(found, TFLiteModel)
    assert found.subgraphs[0].tensors[0].buffer_bytes == 1 << 20
    assert Watched.taken < 10_000


def test_nothing_heavy_is_imported() -> None:
    program = (
        "import sys, graphtools.formats.tflite\n"
        "heavy = {'numpy', 'google.protobuf', 'tensorflow', 'flatbuffers'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[3])


@pytest.mark.tensorflow
def test_the_names_are_those_of_tensorflow(tf: Any) -> None:
    if tf.__version__ not in tflite_names.FILE.read_text().splitlines()[0]:
        pytest.skip("the names are another release's")
    assert builder.text() == tflite_names.FILE.read_text()


def test_a_model_can_be_turned_into_a_dictionary() -> None:
    found = dataclasses.asdict(read(QUANTIZED))
    assert found["kind"] == "TFLite model"
    assert "content" not in found


# Corners of the schema


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (code(byte=3), OperatorCode("CONV_2D", 1, False, False)),  # before schema 3a
        (code(3, byte=3, version=5), OperatorCode("CONV_2D", 5, False, False)),
        (code(150, byte=127, version=2), OperatorCode("GELU", 2, False, False)),
        (code(), OperatorCode("ADD", 1, False, False)),
        ({}, OperatorCode("ADD", 1, False, False)),
        (code(byte=32, custom="Mine"), OperatorCode("Mine", 1, True, False)),
        (code(32, byte=32, custom="FlexErf"), OperatorCode("FlexErf", 1, True, True)),
        (code(32), OperatorCode("CUSTOM", 1, True, False)),
        (code(3, custom="FlexErf"), OperatorCode("CONV_2D", 1, False, False)),
        (code(9999, byte=127), OperatorCode("UNKNOWN_9999", 1, False, False)),
    ],
)
def test_operator_codes(fields: Table, expected: OperatorCode) -> None:
    raw = model(subgraph([tensor()], [operator(0, (0,), (0,))]), codes=[fields])
    found = read_bytes(raw)
    assert found.operator_codes == (expected,)
    op = found.subgraphs[0].operators[0]
    assert (op.op, op.version) == (expected.name, expected.version)
    assert (op.is_custom, op.is_flex) == (expected.is_custom, expected.is_flex)


def test_an_empty_model() -> None:
    found = read_bytes(write({}))
    assert (found.version, found.description, found.subgraphs) == (0, "", ())


def test_optional_inputs() -> None:
    raw = model(subgraph([tensor()], [operator(0, (0, -1, 0), (-1,))]), codes=[code()])
    op = read_bytes(raw).subgraphs[0].operators[0]
    assert (op.inputs, op.outputs) == ((0, -1, 0), (-1,))


def test_unknown_dimensions() -> None:
    fields = tensor("float32", (1, 1, 3), slot7=Vector("i", (-1, 1, 3)))
    found = read_bytes(model(subgraph([fields]))).subgraphs[0].tensors[0]
    assert (found.shape, found.shape_signature) == (Shape((1, 1, 3)), Shape((None, 1, 3)))


def test_empty_shapes() -> None:
    ranked: dict[str, Any] = {"slot8": Scalar("?", True)}
    stored: dict[str, Any] = {"slot2": Scalar("I", 1)}
    newer = model(subgraph([tensor(**ranked), tensor(), tensor(**stored)]), buffers=(b"\0\0\x80?",))
    older = model(
        subgraph(
            [tensor(), tensor(), tensor()], [operator(0, (0,), (1,)), operator(1, (0,), (2,))]
        ),
        codes=[code(1), code(32, custom="Mine")],
    )
    scalar = Shape(())
    for raw, expected in (
        (newer, [scalar, UNKNOWN_SHAPE, scalar]),
        (older, [scalar, scalar, UNKNOWN_SHAPE]),
    ):
        assert [t.shape for t in read_bytes(raw).subgraphs[0].tensors] == expected
    found = read_bytes(newer)
    assert found.tensor_data(found.subgraphs[0].tensors[2]) == np.float32(1)


def test_quantization() -> None:
    per_channel = {
        0: Vector("f", [-1, -2]),
        1: Vector("f", [1, 2]),
        2: Vector("f", [0.5, 0.25]),
        3: Vector("q", [0, -1]),
        6: Scalar("i", 3),
    }
    blocks = {
        4: Scalar("B", 2),
        5: {0: Scalar("i", 1), 1: Scalar("i", -1), 2: Scalar("i", 32)},
    }
    other = {4: Scalar("B", 1), 5: {0: b"custom"}}
    raw = model(subgraph([tensor(slot4=q) for q in (per_channel, blocks, other, {})]))
    assert [t.quantization for t in read_bytes(raw).subgraphs[0].tensors] == [
        Quantization((0.5, 0.25), (0, -1), (-1, -2), (1, 2), 3),
        Quantization((), (), (), (), 0, Blockwise(1, -1, 32)),
        None,
        None,
    ]


def test_signatures_and_metadata() -> None:
    raw = model(
        subgraph([]),
        subgraph([tensor(), tensor()]),
        buffers=(b"1.14.0",),
        slot3="by hand",
        slot6=[{0: "min_runtime_version", 1: Scalar("I", 1)}],
        slot7=[
            {
                0: [{0: "a", 1: Scalar("I", 0)}],
                1: [{0: "b", 1: Scalar("I", 1)}],
                2: "serving_default",
                4: Scalar("I", 1),
            },
        ],
    )
    found = read_bytes(raw)
    assert found.description == "by hand"
    assert found.signatures == (TFLiteSignature("serving_default", {"a": 0}, {"b": 1}, 1),)
    assert found.metadata == (Metadata("min_runtime_version", 1, 6),)
    assert bytes(found.buffer_data(1)) == b"1.14.0"


def test_variables() -> None:
    fields = tensor("resource", slot5=Scalar("?", True))
    assert read_bytes(model(subgraph([fields]))).subgraphs[0].tensors[0].is_variable


def test_buffers_behind_the_flatbuffer(tmp_path: Path) -> None:
    values = np.arange(4, dtype="<f4")
    offset = 3 << 30  # above 2 GB; the file is sparse
    placed = {1: Scalar("Q", offset), 2: Scalar("Q", 16)}
    not_placed_yet = {1: Scalar("Q", 1), 2: Scalar("Q", 1)}
    raw = model(
        subgraph([tensor("float32", (2, 2), slot2=Scalar("I", 1))]),
        buffers=(placed, not_placed_yet),
    )
    path = tmp_path / "large.tflite"
    with path.open("wb") as file:
        file.write(raw)
        file.seek(offset)
        file.write(values.tobytes())
    found = read(path)
    assert found.buffers == (BufferInfo(0, 0), BufferInfo(offset, 16), BufferInfo(0, 0))
    data = found.tensor_data(found.subgraphs[0].tensors[0])
    np.testing.assert_array_equal(data, values.reshape(2, 2))
    with pytest.raises(Damaged, match="file: a buffer wants the bytes 3,221,225,472 to"):
        read_bytes(raw)


def test_values_in_another_file() -> None:
    raw = model(
        subgraph([tensor("uint8", (9,), slot10=Scalar("I", 77))]),
        slot8=[{0: "weights.bin"}],
        slot9=[{0: Scalar("I", 77), 2: Scalar("Q", 1 << 33), 3: Scalar("Q", 9)}],
    )
    found = read_bytes(raw)
    weights = found.subgraphs[0].tensors[0]
    assert (weights.external_file, weights.buffer_bytes) == ("weights.bin", 9)
    with pytest.raises(InvalidValue, match=r"has its values in another file, 'weights\.bin'"):
        found.tensor_data(weights)


# Values


@pytest.mark.parametrize(
    ("dtype", "raw", "expected"),
    [
        ("float32", np.array([1.5, -2], "<f4").tobytes(), np.array([1.5, -2], np.float32)),
        ("float16", np.array([1.5, -2], "<f2").tobytes(), np.array([1.5, -2], np.float16)),
        ("float64", np.array([1.5, -2], "<f8").tobytes(), np.array([1.5, -2], np.float64)),
        ("bfloat16", b"\xc0\x3f\x00\xc0", np.array([1.5, -2], np.float32)),
        ("complex64", np.array([1j, 2], "<c8").tobytes(), np.array([1j, 2], np.complex64)),
        ("int8", b"\x7f\x80", np.array([127, -128], np.int8)),
        ("uint8", b"\x7f\x80", np.array([127, 128], np.uint8)),
        ("int16", b"\1\0\0\x80", np.array([1, -32768], np.int16)),
        ("int64", np.array([1 << 40, -1], "<i8").tobytes(), np.array([1 << 40, -1], np.int64)),
        ("bool", b"\1\0", np.array([True, False])),
        # several elements a byte, the first in the lowest bits
        ("int4", b"\x8f\x07", np.array([-1, -8, 7], np.int8)),
        ("uint4", b"\x8f\x07", np.array([15, 8, 7], np.uint8)),
        ("int2", b"\xe4\x02", np.array([0, 1, -2, -1, -2], np.int8)),
        (
            "string",
            b"\2\0\0\0\x10\0\0\0\x12\0\0\0\x13\0\0\0\xc3\xa9x",
            np.array([b"\xc3\xa9", b"x"], object),
        ),
    ],
)
def test_values_of_each_type(dtype: str, raw: bytes, expected: Any) -> None:
    found = constant(dtype, expected.shape, raw)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("dtype", ["float32", "int4", "string"])
def test_constants_without_elements(dtype: str) -> None:
    assert constant(dtype, (0, 3), b"").shape == (0, 3)


@pytest.mark.parametrize(
    ("dtype", "shape", "raw", "message"),
    [
        ("float32", (3,), bytes(8), r"file: tensor 0 'x' has 8 bytes of values, float32 \[3\]"),
        ("float32", (2,), bytes(9), "takes 8"),
        ("int4", (3,), bytes(3), "takes 2"),
        ("uint8", (-2,), bytes(2), "is a constant with the shape"),
        ("uint8", (1 << 30, 1 << 30, 1 << 30), bytes(2), "takes 1,237,940,039,285,380"),
        ("string", (1,), b"\0", "has 0 strings in 1 bytes, not 1"),
        ("string", (2,), b"\1\0\0\0\x0c\0\0\0\x0c\0\0\0", "has 1 strings in 12 bytes, not 2"),
        ("string", (1 << 30,), b"\0\0\0\x40\x0c\0\0\0", "has 1,073,741,824 strings in 8 bytes"),
        ("string", (1,), b"\1\0\0\0\x0c\0\0\0\x0d\0\0\0", "strings that leave their buffer"),
        ("string", (1,), b"\1\0\0\0\x0d\0\0\0\x0c\0\0\0z", "strings that leave their buffer"),
    ],
)
def test_values_that_do_not_fit(
    dtype: str, shape: tuple[int, ...], raw: bytes, message: str
) -> None:
    with pytest.raises(Damaged, match=message):
        constant(dtype, shape, raw)


@pytest.mark.parametrize(
    ("dtype", "shape", "more", "message"),
    [
        ("variant", (1,), {}, "values of type variant, which cannot be shown"),
        (77, (1,), {}, "unknown_77"),
        ("uint8", (1,), {"slot6": {}}, "is stored sparse"),
        ("uint8", (1,) * 200, {}, "which no array can have"),
    ],
)
def test_values_that_cannot_be_shown(
    dtype: str | int, shape: tuple[int, ...], more: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidValue, match=message):
        constant(dtype, shape, b"\0", **more)


def test_values_that_are_computed() -> None:
    found = read(QUANTIZED)
    main = found.subgraphs[0]
    with pytest.raises(InvalidValue, match="'input' has no values in the file"):
        found.tensor_data(main.tensors[main.inputs[0]])


# Damage


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            model(subgraph([tensor(slot2=Scalar("I", 1))])),
            "tensor 0 of subgraph 0 points to buffer 1, there are 1",
        ),
        (
            model(subgraph([tensor(slot10=Scalar("I", 5))])),
            "tensor 0 of subgraph 0 points to no external buffer: 5",
        ),
        (
            model(subgraph([tensor()], [operator(2, (0,), (0,))]), codes=[code()]),
            "operator 0 of subgraph 0 points to operator code 2, there are 1",
        ),
        (
            model(subgraph([tensor()], [operator(0, (0, 1), ())]), codes=[code()]),
            "an input of operator 0 of subgraph 0 points to tensor 1, there are 1",
        ),
        (
            model(subgraph([tensor()], [operator(0, (), (-2,))]), codes=[code()]),
            "an output of operator 0 of subgraph 0 points to tensor -2",
        ),
        (
            model(subgraph([tensor()]), subgraph([], inputs=(0,))),
            "an input of subgraph 1 points to tensor 0, there are 0",
        ),
        (model(subgraph([tensor()], outputs=(-1,))), "an output of subgraph 0 points to tensor -1"),
        (
            model(slot7=[{2: "s", 4: Scalar("I", 3)}]),
            "signature 's' points to subgraph 3, there are 0",
        ),
        (
            model(subgraph([]), slot7=[{0: [{}], 2: "s"}]),
            "signature 's' points to tensor 0, there are 0",
        ),
        (model(slot6=[{0: "m", 1: Scalar("I", 9)}]), "metadata 'm' points to buffer 9"),
        (model(slot9=[{1: Scalar("I", 1)}]), "an external buffer points to group 1"),
        (
            model(subgraph([tensor("float32", (1,) * 255)])),
            "tensor 0 of subgraph 0 has 255 dimensions",
        ),
    ],
)
def test_indices_that_point_nowhere(raw: bytes, message: str) -> None:
    with pytest.raises(Damaged, match=f"^file: {message}") as caught:
        read_bytes(raw)
    assert "altered" in caught.value.remedy


def read_all(raw: bytes) -> None:
    """Read a model and all its constants; nothing but our own errors may come of it."""
    try:
        found = read_bytes(raw)
    except GraphtoolsError as error:
        assert error.message.startswith("file")
        assert "\n" not in error.message
        return
    for graph in found.subgraphs:
        for each in graph.tensors:
            try:
                found.tensor_data(each)
            except GraphtoolsError as error:
                assert error.message.startswith("file: tensor ")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_truncations(path: Path) -> None:
    raw = path.read_bytes()
    for size in sorted({*range(0, min(len(raw), 600), 7), *range(0, len(raw), 997)}):
        with pytest.raises(GraphtoolsError):
            read_bytes(raw[:size])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_alterations(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(FILES)).read_bytes())
    places = st.integers(0, len(raw) - 1)
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(places)] = data.draw(st.sampled_from([0, 1, 4, 127, 128, 254, 255]))
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(places) // 4 * 4
        raw[place : place + 4] = data.draw(st.integers(0, len(raw))).to_bytes(4, "little")
    read_all(bytes(raw))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_bit_flips(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(FILES)).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    read_all(bytes(raw))
