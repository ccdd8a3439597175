"""Results of analysis as JSON: the dataclasses as they are, with a schema version."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

from graphtools.graph.dtypes import DType
from graphtools.graph.shape import Shape

#: Raised when a key is renamed, removed or given another meaning; new keys do not raise it.
SCHEMA_VERSION = 1


def to_json(value: object) -> Any:
    """A value as JSON's types: dataclasses as objects, dtypes by name, shapes as lists.

    Example:
        >>> graph = graphtools.load("fixtures/classifier/frozen.pb")
        >>> graphtools.to_json(graphtools.inputs_and_outputs(graph))["inputs"][0]["name"]
        'input'
    """
    if isinstance(value, str | bool | int) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: to_json(getattr(value, name)) for name in value._fields}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, DType):
        return value.name
    if isinstance(value, Shape):
        return value.to_json()
    if dataclasses.is_dataclass(value):
        # a field that would be a word of Python, as `from_`, has an underscore at its end
        return {
            f.name.rstrip("_"): to_json(getattr(value, f.name)) for f in dataclasses.fields(value)
        }
    raise TypeError(f"{type(value).__name__} has no JSON form")


def render_json(result: object) -> str:
    """A result, a dataclass or a dictionary, as a JSON document.

    It is ASCII, so that no terminal and no encoding can be hurt by what stands in a file.
    """
    body = to_json(result)
    return json.dumps({"schema_version": SCHEMA_VERSION, **body}, indent=2, allow_nan=False)
