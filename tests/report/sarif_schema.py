"""What SARIF 2.1.0 requires of the parts of a log that are written here, as a JSON schema.

Facts of the standard's schema (OASIS, errata 01): which properties there are, which are required,
their types and limits. A property that is not listed here is refused, also where the standard has
it: then it has to be added.
"""

from __future__ import annotations

from typing import Any

LEVEL = {"enum": ["none", "note", "warning", "error"]}
TEXT = {"type": "string"}
INDEX = {"type": "integer", "minimum": -1}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


def _list(items: dict[str, Any], *, unique: bool = False) -> dict[str, Any]:
    return {"type": "array", "items": items, "uniqueItems": unique}


MESSAGE = {
    **_object([], text=TEXT, markdown=TEXT, id=TEXT, arguments=_list(TEXT)),
    "anyOf": [{"required": ["text"]}, {"required": ["id"]}],
}
#: A text that a viewer shows, also in Markdown.
MULTIFORMAT = _object(["text"], text=TEXT, markdown=TEXT)
ARTIFACT_LOCATION = _object(
    [],
    uri={"type": "string", "format": "uri-reference"},
    uriBaseId=TEXT,
    index=INDEX,
    description=MESSAGE,
)
REGION = {
    **_object(
        [],
        **{
            name: {"type": "integer", "minimum": 1}
            for name in ("startLine", "startColumn", "endLine", "endColumn")
        },
    ),
    "anyOf": [{"required": ["startLine"]}],
}
PHYSICAL_LOCATION = _object(["artifactLocation"], artifactLocation=ARTIFACT_LOCATION, region=REGION)
LOGICAL_LOCATION = _object(
    [], name=TEXT, index=INDEX, fullyQualifiedName=TEXT, decoratedName=TEXT, kind=TEXT
)
LOCATION = _object(
    [],
    id=INDEX,
    physicalLocation=PHYSICAL_LOCATION,
    logicalLocations=_list(LOGICAL_LOCATION, unique=True),
    message=MESSAGE,
)
DESCRIPTOR = _object(
    ["id"],
    id=TEXT,
    name=TEXT,
    shortDescription=MULTIFORMAT,
    fullDescription=MULTIFORMAT,
    help=MULTIFORMAT,
    helpUri={"type": "string", "format": "uri"},
    defaultConfiguration=_object([], enabled={"type": "boolean"}, level=LEVEL),
)
NOTIFICATION = _object(
    ["message"], message=MESSAGE, level=LEVEL, locations=_list(LOCATION, unique=True)
)
INVOCATION = _object(
    ["executionSuccessful"],
    executionSuccessful={"type": "boolean"},
    exitCode={"type": "integer"},
    toolExecutionNotifications=_list(NOTIFICATION),
)
RESULT = _object(
    ["message"],
    ruleId=TEXT,
    ruleIndex=INDEX,
    level=LEVEL,
    message=MESSAGE,
    locations=_list(LOCATION),
    partialFingerprints={"type": "object", "additionalProperties": TEXT},
)
DRIVER = _object(
    ["name"],
    name=TEXT,
    version=TEXT,
    semanticVersion=TEXT,
    informationUri={"type": "string", "format": "uri"},
    rules=_list(DESCRIPTOR, unique=True),
)
RUN = _object(
    ["tool"],
    tool=_object(["driver"], driver=DRIVER),
    invocations=_list(INVOCATION),
    results=_list(RESULT),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
)
LOG = _object(
    ["version", "runs"],
    version={"enum": ["2.1.0"]},
    runs={"type": "array", "items": RUN},
    **{"$schema": {"type": "string", "format": "uri"}},
)
