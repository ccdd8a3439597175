"""One spelling for what programs say of one error in many.

TensorFlow has written `Data loss:`, `DATA_LOSS:` and `DataLossError` of one thing, has put class
paths, `(see above for traceback)` and `{{function_node}}` around it, and names a node in three
ways. Known errors are looked for in what is left, so that they spell the core of a message alone.
"""

from __future__ import annotations

import re
from typing import NamedTuple

#: The status codes of TensorFlow, by the words that stand before a message.
CODES = {
    "Cancelled": "CancelledError",
    "Unknown": "UnknownError",
    "Invalid argument": "InvalidArgumentError",
    "Deadline exceeded": "DeadlineExceededError",
    "Not found": "NotFoundError",
    "Already exists": "AlreadyExistsError",
    "Permission denied": "PermissionDeniedError",
    "Unauthenticated": "UnauthenticatedError",
    "Resource exhausted": "ResourceExhaustedError",
    "Failed precondition": "FailedPreconditionError",
    "Aborted": "AbortedError",
    "Out of range": "OutOfRangeError",
    "Unimplemented": "UnimplementedError",
    "Internal": "InternalError",
    "Unavailable": "UnavailableError",
    "Data loss": "DataLossError",
}
_SPELT = {s: e for w, e in CODES.items() for s in (w, w.upper().replace(" ", "_"))}
_CODE = re.compile(rf"(?<!13\] )\b({'|'.join(_SPELT)}):[ \t]*(?!/)")
_TRACEBACK = " (see above for traceback)"
_FUNCTION_NODE = re.compile(r"\{\{function_node [^}\n]{0,300}\}\}[ \t]*")
_CLASS_PATH = re.compile(
    r"\b(?:tensorflow|google\.protobuf|java|kotlin|com|org|keras|tf_keras|tflite_runtime|builtins"
    r"|absl)\.[\w.$]{0,120}?(?=[A-Z]\w{0,80}(?:Error|Exception|Warning)\b)"
)
_NODE = re.compile(r"\[\[(?:\{\{)?[Nn]ode:? ([^\s}\]]+)(?:\}\})?")
_SMART = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")

_LOG_PREFIX = re.compile(
    r"^\s*(?:\d{4}-\d\d-\d\d[ T][\d:.,]+:? )?(?:[IWEF]\d{4} [\d:.]+\s+\d+ )?(?:\[?[IWEF]\]? )?"
    r"[\w./+\\-]{1,200}\.(?:cc|cpp|h|py):\d+\]?:? "
)
_EXCEPTION = re.compile(r"\b([A-Z]\w{0,60}(?:Error|Exception|Warning))\b")
_AT = re.compile(r"\[\[Node: ([^\s\]]+)(?: = (\w+))?|\{\{node ([^\s}]+)\}\}")
_OP = re.compile(r"\(op: '(\w+)'\)|\b[Oo]p<name=(\w+)|\}\} = (\w+)\[")
_CALL = re.compile(r"^\s*File \".*?\", line \d+, in (\w+)|\bin (\w+)\([^)\n]*\)$", re.MULTILINE)
#: Words by which a program is known.
_TOOLS = (
    ("Edge TPU compiler", "Edge TPU Compiler"),
    ("TOCO", "lite/toco/"),
    ("OpenCV", "OpenCV"),
    ("OpenCV", "tf_importer.cpp"),
    ("tf2onnx", "tf2onnx"),
    ("TFLite Micro", "lite/micro"),
    ("TFLite for Android", "org.tensorflow.lite"),
    ("TFLite", "tensorflow/lite/"),
    ("the Object Detection API", "object_detection"),
    ("Keras", "keras"),
)


class ErrorMessage(NamedTuple):
    """What a text says of an error.

    Attributes:
        code: Status code as a class name, `DataLossError`; empty if there is none.
        core: The message without what stands around it.
        node: Node that it is about; empty if it names none.
        op: The node's op; empty if it does not say.
        scope: First name scope of the node: `save`, `gradients`.
        exception: Class of the exception without its path.
        tool: The program that it is from, in words; empty if that is not seen.
        calls: Functions of the traceback, the innermost one last.
    """

    code: str
    core: str
    node: str
    op: str
    scope: str
    exception: str
    tool: str
    calls: tuple[str, ...]


def normal(text: str) -> str:
    """A text in one spelling, line by line.

    Example:
        >>> normal("errors_impl.DataLossError (see above for traceback): Data loss: bad")
        'errors_impl.DataLossError: bad'
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", " ")
    if not text.isascii():
        text = text.translate(_SMART)
    if _TRACEBACK in text:
        text = text.replace(_TRACEBACK, "")
    if "{{function_node" in text:
        text = _FUNCTION_NODE.sub("", text)
    if "[[" in text:
        text = _NODE.sub(r"[[Node: \1", text)
    if any(f"{spelt}:" in text for spelt in _SPELT):
        text = _CODE.sub("", text)
    if "Error" in text or "Exception" in text or "Warning" in text:
        text = _CLASS_PATH.sub("", text)
    return text


def message_of(text: str) -> ErrorMessage:
    """What a text says of an error: that of its last exception, or of its last line."""
    told = [line for line in normal(text).splitlines() if line.strip()]
    with_class = [n for n, line in enumerate(told) if _EXCEPTION.match(line.strip())]
    at = with_class[-1] if with_class else len(told) - 1
    line = told[at].strip() if told else ""
    found = _EXCEPTION.match(line)
    core = line[found.end() :].lstrip(": ") if found else _LOG_PREFIX.sub("", line)
    coded = _CODE.search(text)
    exception = found[1] if found else ""
    code = _SPELT[coded[1]] if coded else ""
    around = "\n".join(told[at:])
    place = _AT.search(around)
    op = _OP.search(around)
    node = (place[1] or place[3]) if place else ""
    return ErrorMessage(
        code or (exception if exception in _SPELT.values() else ""),
        core,
        node,
        next((o for o in ((place and place[2]), *(op.groups() if op else ())) if o), ""),
        node.partition("/")[0] if "/" in node else "",
        exception,
        next((tool for tool, sign in _TOOLS if sign in text), ""),
        tuple(a or b for a, b in _CALL.findall(text)),
    )
