"""The values that flags of toco were given, as people and their shells write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphtools.errors import InvalidValue
from graphtools.graph.ref import Ref
from graphtools.graph.shape import Shape

FLOAT, UINT8, INT8 = "float32", "uint8", "int8"
#: Types as the flags name them.
_TYPES = {
    "FLOAT": FLOAT,
    "FLOAT32": FLOAT,
    "QUANTIZED_UINT8": UINT8,
    "UINT8": UINT8,
    "QUANTIZED_INT8": INT8,
    "INT8": INT8,
}
_QUOTES = "'\"`\u2018\u2019\u201c\u201d"


def _bare(text: str) -> str:
    """A text without the quotes and blanks that some shells leave around it."""
    return text.strip().strip(_QUOTES).strip()


class GivenFlags:
    """Values of flags, by the keys of `legacy_flags.FLAGS`."""

    def __init__(self, flags: Mapping[str, Any]) -> None:
        """Values; None where a flag was not given."""
        self._values = {key: value for key, value in flags.items() if value is not None}

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def get(self, key: str) -> Any:
        """A value as it was given, None where it was not."""
        return self._values.get(key)

    def is_set(self, key: str) -> bool:
        """Whether a flag is true."""
        return bool(self._values.get(key))

    def text(self, key: str) -> str:
        """A text; empty where there is none."""
        return _bare(str(self._values.get(key, "")))

    def parts(self, key: str, separator: str = ",") -> list[str]:
        """The parts of a list."""
        return [text for part in self.text(key).split(separator) if (text := _bare(part))]

    def names(self, key: str) -> tuple[str, ...] | None:
        """Names of tensors; None where there are none."""
        return tuple(str(Ref.from_user(part)) for part in self.parts(key)) or None

    def numbers(self, key: str) -> list[float]:
        """A list of numbers.

        Raises:
            InvalidValue: They are none.
        """
        try:
            return [float(part) for part in self.parts(key)]
        except ValueError:
            raise InvalidValue(
                f"--{key}={self.text(key)} are no numbers", "give one for each input, as 128,0"
            ) from None

    def one_of(self, key: str, known: Sequence[str]) -> str:
        """One of several words; the first where none was given.

        Raises:
            InvalidValue: It is another.
        """
        found = self.text(key).upper() or known[0]
        if found not in known:
            raise InvalidValue(f"--{key}={found} is none", f"there are {', '.join(known)}")
        return found

    def type(self, key: str) -> str:
        """An element type; empty where none was given.

        Raises:
            InvalidValue: It is none that a model is converted to.
        """
        name = self.text(key).upper()
        if not name:
            return ""
        if name in ("QUANTIZED_INT16", "INT16"):
            raise InvalidValue(
                f"--{key}={name}: values of 16 bits need ranges that are measured on data",
                "graphtools convert FILE -o OUT --quantize int16x8 --calibrate DATA",
            )
        if name not in _TYPES:
            raise InvalidValue(
                f"--{key}={name} is no type that a model has",
                "there are FLOAT, QUANTIZED_UINT8, INT8",
            )
        return _TYPES[name]

    def shapes(self, key: str, *, open_batch: bool) -> list[str]:
        """Shapes, separated by colons, as `1,300,300,3`; ? for what is open.

        Args:
            key: The flag.
            open_batch: Whether the first dimension of each is open.

        Raises:
            InvalidValue: They are none.
        """
        return [_shape(text, open_batch) for text in self.parts(key, ":")]


def _shape(text: str, open_batch: bool) -> str:
    dims = [_bare(part) for part in text.strip("[]() ").split(",")]
    dims = ["?" if dim in ("-1", "None") else dim for dim in dims if dim]
    if open_batch and dims:
        dims[0] = "?"
    return str(Shape.parse(",".join(dims))).strip("[]")
