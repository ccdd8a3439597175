"""What commands print with --json, held against the schemas in docs/."""

from __future__ import annotations

import functools
import json
from typing import Any

import jsonschema

from tests.support import ROOT

FOLDER = ROOT / "docs" / "schemas"


def _closed(schema: Any) -> Any:
    """A schema that allows no keys that it does not name: those are told as missing in it."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _closed(value) for key, value in schema.items()}
    if "properties" in made and "required" in made:
        made["additionalProperties"] = False
    return made


@functools.cache
def _validator(command: str) -> Any:
    schema = json.loads((FOLDER / f"{command}.json").read_text())
    body = _closed(schema["allOf"][1]) | {"$defs": _closed(schema["$defs"])}
    return jsonschema.Draft202012Validator(body)


def check_document(command: str, document: dict[str, Any]) -> None:
    """Hold a document against the schema of its command.

    Raises:
        jsonschema.ValidationError: It is another, or has keys that the schema does not name.
    """
    body = {key: value for key, value in document.items() if key != "schema_version"}
    assert document["schema_version"] == 1
    errors = sorted(_validator(command).iter_errors(body), key=jsonschema.exceptions.relevance)
    if errors:
        raise jsonschema.exceptions.best_match(errors)
