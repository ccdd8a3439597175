r"""The grammar of the Graph Transform Tool's `--transforms`.

    pipeline  = { step }                     separated by white space, a line's end, or \ before it
    step      = name [ "(" { parameter } ")" ]
    parameter = name "=" value [ "," ]       a repeated name gives several values
    value     = bare [A-Za-z0-9_./-]+ or "quoted", with \" and \\ inside

More than the original: blanks may stand around `=`, `(` and commas, single quotes and those of
printed pages quote, too, as may do nothing around a list of numbers whose quotes a shell has taken;
and the whole may stand in quotes that a shell has left.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from graphtools.errors import InvalidValue

_TOKEN = re.compile(
    r"""(?P<blank>(?:\s|\\(?=\s|$))+)
    |(?P<word>[A-Za-z0-9_./:\-+*?]+)
    |(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'
        |[\u201c\u201d][^\u201c\u201d]*[\u201c\u201d]|[\u2018\u2019][^\u2018\u2019]*[\u2018\u2019])
    |(?P<sign>[(),=])""",
    re.VERBOSE | re.DOTALL,
)
#: A further number of a list that stands in no quotes.
_NUMBER = re.compile(r"-?\d+$")
_NAME = re.compile(r"[A-Za-z0-9_]+$")
_EXAMPLE = 'a pipeline is written as: fold_constants remove_nodes(op=Identity, op="CheckNumerics")'


class Step(NamedTuple):
    """One transform of a pipeline.

    Attributes:
        name: Name of the transform.
        parameters: Values by parameter, in the order in which they stand.
    """

    name: str
    parameters: dict[str, list[str]]

    def __str__(self) -> str:
        if not self.parameters:
            return self.name
        inner = ", ".join(
            f"{key}={_quoted(value)}" for key, values in self.parameters.items() for value in values
        )
        return f"{self.name}({inner})"


def parse_pipeline(text: str) -> list[Step]:
    """Read the transforms of a pipeline.

    Raises:
        InvalidValue: The text does not follow the grammar; the message shows where.
    """
    tokens = _tokens(text)
    if tokens[0].kind == "quoted" and tokens[1].kind == "end":
        # a Windows shell hands single quotes on
        text = tokens[0].text[1:-1]
        tokens = _tokens(text)
    steps: list[Step] = []
    position = 0
    while tokens[position].kind != "end":
        name = _expect(text, tokens[position], "word", "the name of a transform")
        if not _NAME.match(name):
            raise _wrong(text, tokens[position], "the name of a transform")
        position += 1
        step = Step(name, {})
        steps.append(step)
        if tokens[position].text != "(" or tokens[position].kind != "sign":
            continue
        position += 1
        while tokens[position].text != ")" or tokens[position].kind != "sign":
            if tokens[position].kind == "end":
                raise InvalidValue(
                    f"in the transforms, the parenthesis behind {name!r} is not closed", _EXAMPLE
                )
            key = _expect(text, tokens[position], "word", "the name of a parameter")
            _expect(text, tokens[position + 1], "sign", f"`=` behind {key!r}", "=")
            value = tokens[position + 2]
            if value.kind not in ("word", "quoted"):
                raise _wrong(text, value, f"the value of {key!r}")
            position += 3
            numbers = [value.value]
            while _goes_on(tokens[position : position + 3]):
                numbers.append(tokens[position + 1].text)
                position += 2
            step.parameters.setdefault(key, []).append(",".join(numbers))
            if tokens[position].kind == "sign" and tokens[position].text == ",":
                position += 1
        position += 1
    return steps


class _Token(NamedTuple):
    kind: str
    text: str
    start: int

    @property
    def value(self) -> str:
        """The text without quotes and escapes."""
        if self.kind != "quoted":
            return self.text
        return re.sub(r"\\(.)", r"\1", self.text[1:-1], flags=re.DOTALL)


def _goes_on(following: list[_Token]) -> bool:
    """Whether a list of numbers goes on: a comma, and what is no name of a parameter."""
    comma, number, equals = following
    return comma.text == "," and bool(_NUMBER.match(number.text)) and equals.text != "="


def _tokens(text: str) -> list[_Token]:
    found = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _wrong(text, _Token("", text[position], position), "a transform")
        if match.lastgroup != "blank":
            found.append(_Token(match.lastgroup or "", match.group(), position))
        position = match.end()
    # two behind the end, so that looking ahead needs no care
    return [*found, *[_Token("end", "", len(text))] * 3]


def _expect(text: str, token: _Token, kind: str, what: str, sign: str = "") -> str:
    if token.kind != kind or (sign and token.text != sign):
        raise _wrong(text, token, what)
    return token.text


def _wrong(text: str, token: _Token, expected: str) -> InvalidValue:
    before = " ".join(text[max(0, token.start - 30) : token.start].split())
    here = f"{token.text!r}" if token.text else "the end"
    where = f" behind `{before}`" if before else ""
    return InvalidValue(
        f"in the transforms, {expected} was expected{where}, not {here}",
        _EXAMPLE,
    )


def _quoted(value: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_./-]+", value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
