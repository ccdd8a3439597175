"""The schema: as compiled, as TensorFlow has it, and beside TensorFlow in one process."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import descriptor_pb2

from graphtools import schema
from graphtools.schema import message_class

FOLDER = Path(schema.__file__).parent
PROTOS = sorted(FOLDER.glob("*.proto"))


def file_descriptor(stem: str) -> Any:
    raw = (FOLDER / f"{stem}.binpb").read_bytes()
    return descriptor_pb2.FileDescriptorProto.FromString(raw)


def messages(stem: str) -> dict[str, Any]:
    """All messages of a file by their name in TensorFlow, nested ones with dots."""

    def walk(message: Any, prefix: str) -> Any:
        name = f"{prefix}{message.name}"
        if not message.options.map_entry:
            yield name, message
        for nested in message.nested_type:
            yield from walk(nested, f"{name}.")

    return {k: v for m in file_descriptor(stem).message_type for k, v in walk(m, "")}


def enums(stem: str) -> dict[str, dict[str, int]]:
    descriptor = file_descriptor(stem)
    found = {e.name: e for e in descriptor.enum_type}
    for name, message in messages(stem).items():
        found |= {f"{name}.{e.name}": e for e in message.enum_type}
    return {name: {v.name: v.number for v in e.value} for name, e in found.items()}


@pytest.mark.parametrize("proto", PROTOS, ids=lambda p: p.stem)
def test_compiled_descriptors_are_not_stale(proto: Path) -> None:
    pytest.importorskip("grpc_tools")
    from tests.builders.schema import compiled

    fresh = descriptor_pb2.FileDescriptorProto.FromString(compiled(proto))
    assert fresh == file_descriptor(proto.stem), "run: python -m tests.builders.schema"


def test_every_proto_is_loaded() -> None:
    assert {p.stem for p in PROTOS} == set(schema.FILES)


def test_unknown_messages_are_refused() -> None:
    with pytest.raises(KeyError, match="NoSuchMessage"):
        message_class("NoSuchMessage")


def test_nested_messages_are_found() -> None:
    assert message_class("AttrValue.ListValue")(i=[1]).i == [1]


def _tensorflow_messages() -> dict[str, Any]:
    """TensorFlow's message and enum descriptors by name without package."""
    from google.protobuf import descriptor_pool

    for module in (
        "core.framework.graph_pb2",
        "core.protobuf.meta_graph_pb2",
        "core.protobuf.saved_model_pb2",
        "core.protobuf.tensor_bundle_pb2",
        "core.protobuf.trackable_object_graph_pb2",
        "core.util.saved_tensor_slice_pb2",
        "core.framework.variable_pb2",
        "python.training.checkpoint_state_pb2",
    ):
        importlib.import_module(f"tensorflow.{module}")
    pool = descriptor_pool.Default()
    found = {}
    names = [n for stem in schema.FILES for n in messages(stem)]
    for name in names:
        try:
            found[name] = pool.FindMessageTypeByName(f"tensorflow.{name}")
        except KeyError:
            continue
    return found


def _kind(field: Any) -> tuple[Any, ...]:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        entry = field.message_type.fields_by_name
        return ("map", _kind(entry["key"]), _kind(entry["value"]))
    other = field.message_type or field.enum_type
    name = other.full_name.split(".", 1)[1] if other is not None else ""
    name = name.removeprefix("schema.")
    oneof = field.containing_oneof.name if field.containing_oneof else ""
    if oneof == f"_{field.name}":  # an optional field: TensorFlow's is one of proto2
        oneof = ""
    repeated = field.is_repeated if hasattr(field, "is_repeated") else field.label == 3
    return (field.number, field.type, repeated, field.is_packed, name, oneof)


@pytest.mark.tensorflow
@pytest.mark.parametrize("stem", schema.FILES)
@pytest.mark.usefixtures("tf")
def test_fields_have_tensorflows_names_numbers_and_types(stem: str) -> None:
    theirs = _tensorflow_messages()
    assert set(messages(stem)) <= set(theirs)
    for name in messages(stem):
        ours = message_class(name).DESCRIPTOR
        here = {f.name: _kind(f) for f in ours.fields}
        there = {f.name: _kind(f) for f in theirs[name].fields}
        assert here == there, name


@pytest.mark.tensorflow
@pytest.mark.parametrize("stem", schema.FILES)
@pytest.mark.usefixtures("tf")
def test_enums_have_tensorflows_values(stem: str) -> None:
    from google.protobuf import descriptor_pool

    _tensorflow_messages()
    for name, values in enums(stem).items():
        theirs = descriptor_pool.Default().FindEnumTypeByName(f"tensorflow.{name}")
        assert values == {v.name: v.number for v in theirs.values}, name


@pytest.mark.tensorflow
@pytest.mark.parametrize("order", ["tensorflow graphtools.schema", "graphtools.schema tensorflow"])
@pytest.mark.usefixtures("tf")
def test_tensorflow_may_be_imported_in_the_same_process(order: str) -> None:
    code = "\n".join(f"import {name}" for name in order.split())
    code += "\nfrom graphtools.schema import message_class as m"
    code += "\nfor n in ('GraphDef', 'SavedModel', 'BundleEntryProto'): m(n)()"
    code += "\nprint(tensorflow.compat.v1.GraphDef().ByteSize())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("0")
