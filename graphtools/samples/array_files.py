"""Arrays in the files that numpy writes: .npz, .npy."""

from __future__ import annotations

import contextlib
import math
import os
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from graphtools.errors import Damaged, FileProblem
from graphtools.formats.source import reading
from graphtools.graph.ref import Ref

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What an archive begins with, and what a single array.
_ZIP, _NPY = b"PK", b"\x93NUMPY"
#: Bytes from which on an array is worth mapping, and what is read at once.
_LARGE, _PIECE = 1 << 24, 1 << 20
#: Bytes of a compressed array, which has to be read into memory whole.
_MOST_INFLATED = 1 << 30
#: Bytes of an archive's header before a member, without its name.
_LOCAL_HEADER = 30
#: What helps where a file is damaged.
_ANEW = "copy or write the file again"
#: What numpy and zipfile raise on damaged files besides ValueError.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    RuntimeError,  # a member that is encrypted, or compressed in a way that zipfile lacks
    SyntaxError,  # a header that is no Python
    tokenize.TokenError,
    struct.error,
)


def kind_of(head: bytes) -> str:
    """What a file is by its first bytes: `npz`, `npy`, or nothing of these: empty."""
    if head.startswith(_NPY):
        return "npy"
    return "npz" if head.startswith(_ZIP) else ""


class ArrayFile:
    """The arrays of a file, read when they are asked for; a context manager.

    Attributes:
        path: The path, for messages.
        single: Whether it is an .npy file, whose only array has no name.
        keys: Names of the arrays; one empty name for a single one.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open a file.

        Raises:
            FileProblem: It cannot be read.
            Damaged: It is no .npz and no .npy, or is damaged.
        """
        import numpy as np

        self.path = os.fspath(path)
        with translated(self.path):
            loaded = np.load(self.path, mmap_mode="r", allow_pickle=False)
        self.single = isinstance(loaded, np.ndarray)
        if not self.single:
            try:
                _check_members(self.path, loaded.zip.infolist())
            except FileProblem:
                loaded.close()
                raise
        self._loaded: Any = {"": loaded} if self.single else loaded
        self.keys: tuple[str, ...] = tuple(self._loaded)

    def __enter__(self) -> ArrayFile:
        return self

    def __exit__(self, *_: object) -> None:
        if not self.single:
            self._loaded.close()

    def __getitem__(self, key: str) -> NDArray[Any]:
        """An array; a large one that is not compressed is mapped, not read.

        Raises:
            FileProblem: It is no array, as in an archive of other files.
            Damaged: It cannot be read.
        """
        with translated(self.path):
            array: NDArray[Any] | bytes | None = None
            if not self.single:
                array = _mapped(self.path, self._loaded.zip, key)
            if array is None:
                array = self._loaded[key]
        if isinstance(array, bytes):
            raise FileProblem(
                f"{self.path}: {key!r} is no array",
                "save it with: numpy.savez(file, **{'input:0': array})",
            )
        return array


def _check_members(path: str, members: Iterable[zipfile.ZipInfo]) -> None:
    """See that an archive is numpy's, and that none of its arrays inflates beyond all bounds.

    Raises:
        FileProblem: An array does.
        Damaged: It is compressed in another way.
    """
    for member in members:
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Damaged(f"{path} is compressed as numpy compresses no file: it is damaged", _ANEW)
        if member.compress_type == zipfile.ZIP_DEFLATED and member.file_size > _MOST_INFLATED:
            raise FileProblem(
                f"{path}: {member.filename} inflates from {member.compress_size:,} to "
                f"{member.file_size:,} bytes",
                "write it with numpy.savez, whose arrays are mapped and not read into memory",
            )


def _mapped(path: str, archive: zipfile.ZipFile, key: str) -> NDArray[Any] | None:
    """An array of an archive, mapped after its checksum is verified; None if it is to be read."""
    import numpy as np

    entry = archive.NameToInfo.get(f"{key}.npy")
    if entry is None or entry.file_size < _LARGE or entry.compress_type != zipfile.ZIP_STORED:
        return None
    with open(path, "rb") as file:
        file.seek(entry.header_offset)
        head = file.read(_LOCAL_HEADER)
        lengths = (int.from_bytes(head[at : at + 2], "little") for at in (26, 28))
        start = entry.header_offset + _LOCAL_HEADER + sum(lengths)
        file.seek(start)
        crc, left = 0, entry.file_size
        while left and (piece := file.read(min(left, _PIECE))):
            crc = zlib.crc32(piece, crc)
            left -= len(piece)
        if left or crc != entry.CRC:
            return None  # the reader says what is wrong
        file.seek(start)
        if np.lib.format.read_magic(file) != (1, 0):
            return None
        shape, is_fortran, kind = np.lib.format.read_array_header_1_0(file)
        size = math.prod(shape) * kind.itemsize
        if kind.hasobject or size <= 0 or file.tell() + size != start + entry.file_size:
            return None
        order: Literal["F", "C"] = "F" if is_fortran else "C"
        return np.memmap(path, kind, "r", file.tell(), shape, order)


def key_of(ref: Ref, keys: Iterable[str], called: str = "") -> str | None:
    """The name under which a file has the values of a tensor, None if it has none.

    Names are `name`, `name:0` or `in|name:0`, slashes may be written as `|`; and after these what
    the tensor is called in a signature.
    """
    names = [ref.tensor, str(ref), ref.node] if not ref.index else [ref.tensor]
    names += [n.replace("/", "|") for n in names]
    names += [called, f"{called}:0"] if called else []
    known = set(keys)
    return next((key for n in names for key in (n, f"in|{n}") if key in known), None)


@contextlib.contextmanager
def translated(path: str) -> Iterator[None]:
    """Translate what numpy raises while a file is read."""
    try:
        with reading(path):
            yield
    except ValueError as error:
        if "allow_pickle" in str(error) or "Python objects" in str(error):
            raise FileProblem(
                f"{path} holds pickled objects, or is no file of numpy's at all",
                "save numbers as they are, and strings as bytes: array.astype('S')",
            ) from None
        raise Damaged(f"{path} is damaged: {error}", _ANEW) from None
    except MemoryError:
        raise FileProblem(
            f"{path} holds an array that does not fit into memory", "save fewer samples"
        ) from None
    except _DAMAGE as error:
        raise Damaged(f"{path} is damaged: {error}", _ANEW) from None
