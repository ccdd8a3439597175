"""Arrays in a file, for two processes that pass them on: without pickles, strings as they are."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


def write_arrays(path: str | os.PathLike[str], arrays: Sequence[NDArray[Any]]) -> None:
    """Write arrays; those of strings hold bytes as objects."""
    import numpy as np

    entries: dict[str, NDArray[Any]] = {}
    for number, array in enumerate(arrays):
        if array.dtype.kind != "O":
            entries[str(number)] = array
            continue
        strings = [s.encode() if isinstance(s, str) else bytes(s) for s in array.ravel().tolist()]
        lengths = np.array([len(s) for s in strings], np.int64)
        entries[str(number)] = np.frombuffer(b"".join(strings), np.uint8)
        entries[f"{number}.lengths"] = lengths.reshape(array.shape)
    np.savez(path, **entries)  # type: ignore[arg-type]  # the arrays, not an option of savez


def read_arrays(path: str | os.PathLike[str]) -> list[NDArray[Any]]:
    """Read arrays that `write_arrays` wrote."""
    import numpy as np

    found: list[NDArray[Any]] = []
    with np.load(path, allow_pickle=False) as entries:
        while (key := str(len(found))) in entries:
            array = entries[key]
            if f"{key}.lengths" in entries:
                array = _strings(array.tobytes(), entries[f"{key}.lengths"])
            found.append(array)
    return found


def _strings(joined: bytes, lengths: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    strings = np.empty(lengths.size, np.object_)
    start = 0
    for number, length in enumerate(lengths.ravel().tolist()):
        strings[number] = joined[start : start + length]
        start += length
    return strings.reshape(lengths.shape)
