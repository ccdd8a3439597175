from __future__ import annotations

import pytest

from graphtools.formats.tflite.schema import FILE, FieldOfTable, schema
from tests.builders import tflite_schema


def test_fields_have_their_slots_types_and_defaults() -> None:
    fields = {f.name: f for f in schema().tables["Conv2DOptions"]}
    assert fields["stride_h"] == FieldOfTable("stride_h", 2, "int32", 0.0)
    assert fields["dilation_w_factor"].default == 1
    assert fields["padding"].enum == "Padding"
    assert schema().tables["Model"][4] == FieldOfTable("buffers", 4, "[Buffer]", 0.0)


def test_every_table_that_a_field_names_is_there() -> None:
    known = schema().tables
    named = {f.type.strip("[]") for fields in known.values() for f in fields}
    assert {name for name in named if name[0].isupper()} <= known.keys()
    enums = {f.enum for fields in known.values() for f in fields} - {""}
    assert enums <= schema().enums.keys()


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_the_file_is_what_the_installed_tensorflow_gives() -> None:
    assert tflite_schema.text().splitlines()[1:] == FILE.read_text("ascii").splitlines()[1:]
