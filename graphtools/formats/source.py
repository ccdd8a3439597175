"""Files as the formats see them: mapped for reading, written whole or not at all."""

from __future__ import annotations

import codecs
import contextlib
import mmap
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from typing import IO, Protocol, Union

from graphtools.errors import Damaged, FileProblem, InvalidValue, NothingFound
from graphtools.formats import places
from graphtools.formats.places import RemoteBuffer, is_remote
from graphtools.schema.wire import Buffer
from graphtools.wording import and_more

#: The path that means standard input or output.
STANDARD = "-"
#: What standard input is called in messages.
STANDARD_NAME = "standard input"
#: How many bytes decide whether a file is text.
_SAMPLE = 4096


class Source:
    """The bytes of a file, mapped and not read.

    Attributes:
        path: The path, for messages.
        buffer: The bytes.
    """

    def __init__(self, path: str, buffer: Buffer) -> None:
        """Name some bytes."""
        self.path = path
        self.buffer = buffer

    def __len__(self) -> int:
        return len(self.buffer)

    @property
    def head(self) -> bytes:
        """The first bytes."""
        return self.buffer[:_SAMPLE]

    @property
    def is_text(self) -> bool:
        """Whether the file begins as a text does: UTF-8 without control characters."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            # the end of the sample may cut a character in two
            text = decoder.decode(self.head, final=len(self) <= _SAMPLE)
        except UnicodeDecodeError:
            return False
        return all(c >= " " or c in "\t\n\r\f" for c in text)

    def whole(self) -> Buffer:
        """The bytes for a reader that goes through all of them: of a URL, transferred at once."""
        if isinstance(self.buffer, RemoteBuffer):
            self.buffer = self.buffer.whole()
        return self.buffer

    def text(self) -> str:
        """The whole file as text.

        Raises:
            Damaged: It is not UTF-8.
        """
        try:
            return self.whole()[:].decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Damaged(
                f"{self.path}: byte {error.start} is not UTF-8, which the text format must be"
            ) from None


class Encodable(Protocol):
    """A message of protobuf, as `tf.compat.v1.GraphDef`."""

    def SerializeToString(self) -> bytes:
        """The encoded message."""
        ...


#: What a model is read from.
Given = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview, IO[bytes], Encodable]


def source_of(given: object) -> Source:
    """The bytes of what is no path: of bytes, of an open file, of a message.

    Raises:
        InvalidValue: It is none of these.
        FileProblem: The file cannot be read.
        Damaged: It is empty.
    """
    if isinstance(given, bytes | bytearray | memoryview):
        return _checked(Source("what was given", bytes(given)))
    if callable(encode := getattr(given, "SerializeToString", None)):
        return _checked(Source(f"the {type(given).__name__}", encode()))
    if callable(read := getattr(given, "read", None)):
        name = str(getattr(given, "name", "the file"))
        with reading(name):
            found = read()
        if isinstance(found, str):  # opened as text
            found = found.encode()
        return _checked(Source(name, found))
    raise InvalidValue(
        f"no model can be read from {type(given).__name__}",
        "give a path, bytes, a file that was opened as binary, or a GraphDef",
    )


@contextlib.contextmanager
def reading(path: str | os.PathLike[str]) -> Iterator[None]:
    """Translate the operating system's errors while a path is read."""
    try:
        yield
    except FileNotFoundError:
        raise NothingFound(f"{os.fspath(path)} does not exist", neighbours(path)) from None
    except IsADirectoryError:
        raise FileProblem(f"{os.fspath(path)} is a folder, not a file") from None
    except OSError as error:
        raise FileProblem(f"{os.fspath(path)} cannot be read: {error.strerror or error}") from None


def open_source(path: str | os.PathLike[str]) -> Source:
    """Map a file, or read standard input for `-`.

    Raises:
        NothingFound: There is no such file.
        FileProblem: It cannot be read.
        Damaged: It is empty.
    """
    name = os.fspath(path)
    if name == STANDARD:
        return _checked(Source(STANDARD_NAME, sys.stdin.buffer.read()))
    return _checked(Source(name, map_file(name)))


def map_file(path: str, *, exact: bool = False) -> Buffer:
    """The bytes of a file, mapped; of a URL, transferred when they are asked for.

    Raises:
        NothingFound: There is no such file.
        FileProblem: It cannot be read.
    """
    if is_remote(path):
        return RemoteBuffer(path, exact=exact)
    with reading(path), open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if not size:
            return file.read()  # what cannot be mapped: an empty file, a pipe
        try:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError):
            return file.read()


def let_go(buffer: Buffer, start: int, end: int) -> None:
    """Say that bytes of a mapped file are not needed soon: their memory is free then.

    They can be read again all the same.
    """
    if not (isinstance(buffer, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED")):
        return
    first = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE
    length = end // mmap.PAGESIZE * mmap.PAGESIZE - first
    if length > 0:
        buffer.madvise(mmap.MADV_DONTNEED, first, length)


def _checked(source: Source) -> Source:
    if not len(source):
        raise Damaged(
            f"{source.path} is empty", "an empty file holds no model: write or download it again"
        )
    return source


def file_size(path: str) -> int:
    """Bytes of a file; 0 for what is no file: a folder, standard input."""
    return places.size(path) or 0


#: How much alike two names are, of 1, one of which is the other misspelt.
_MISSPELT = 0.75


def neighbours(path: str | os.PathLike[str], limit: int = 5) -> str:
    """A line for messages: what lies beside a path that does not exist."""
    folder, base = os.path.split(os.fspath(path))
    folder = folder or "."
    if is_remote(folder) and not places.is_folder(folder):
        return "check the URL, and that you may read it"
    try:
        names = places.names(folder)
    except FileProblem:
        return ""
    if not names and not places.exists(folder):
        return f"the folder {folder} does not exist either"
    if not names:
        return f"the folder {folder} is empty"
    import difflib

    names = [name for name in names if name[0] != "."] or names
    close = difflib.get_close_matches(base, names, limit, 0.5)
    shown = close or names[:limit]
    more = and_more(len(names) - len(shown))
    listed = f"in {folder} there are: {', '.join(shown)}{more}"
    if not difflib.get_close_matches(base, names, 1, _MISSPELT):
        return listed
    meant = close[0] if folder == "." else os.path.join(folder, close[0])
    return f"did you mean {meant}? {listed}"


@contextlib.contextmanager
def atomic_file(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A file to write to that takes the place of `path` when it is complete, or never.

    The data is on disk before the name changes. `-` is standard output.

    Raises:
        FileProblem: The target cannot be written.
    """
    name = os.fspath(path)
    if name == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    import tempfile

    target = os.path.realpath(name)
    temporary = ""
    try:
        if os.path.isdir(target):
            raise IsADirectoryError(21, "it is a folder")
        if os.path.exists(target) and not stat.S_ISREG(os.stat(target).st_mode):
            with open(target, "wb") as device:  # a pipe or /dev/null, whose place nothing takes
                yield device
            return
        handle, temporary = tempfile.mkstemp(
            prefix=f".{os.path.basename(target)[:100]}.", dir=os.path.dirname(target)
        )
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _copy_mode(target, temporary)
        os.replace(temporary, target)
        temporary = ""
    except OSError as error:
        raise _not_written(name, error) from None
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


@contextlib.contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[str]:
    """A folder to write to that gets its name when it is complete, or goes.

    Raises:
        FileProblem: There is something of this name already, or it cannot be written.
    """
    import shutil
    import tempfile

    name = os.fspath(path)
    target = os.path.abspath(name)
    if os.path.isdir(target) and not os.listdir(target):
        os.rmdir(target)
    if os.path.lexists(target):
        raise FileProblem(f"{name} is there already", "name a folder that does not exist yet")
    temporary = ""
    try:
        temporary = tempfile.mkdtemp(prefix=".weights.", dir=os.path.dirname(target))
        yield temporary
        os.chmod(temporary, 0o755)
        os.replace(temporary, target)
        temporary = ""
    except OSError as error:
        raise _not_written(name, error) from None
    finally:
        if temporary:
            shutil.rmtree(temporary, ignore_errors=True)


def _not_written(name: str, error: OSError) -> FileProblem:
    return FileProblem(
        f"{name} cannot be written: {error.strerror or error}",
        "nothing was changed; choose a target that can be written, with space left",
    )


def _copy_mode(target: str, temporary: str) -> None:
    """Give a new file the permissions of the one it replaces, or those of any new file."""
    try:
        mode = os.stat(target).st_mode & 0o7777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    os.chmod(temporary, mode)


def write_file(path: str | os.PathLike[str], pieces: Iterable[bytes | memoryview]) -> None:
    """Write a file whole or not at all.

    Raises:
        FileProblem: The target cannot be written.
    """
    with atomic_file(path) as file:
        for piece in pieces:
            file.write(piece)


def make_folder(path: str) -> None:
    """Make a folder for results, if it is not there.

    Raises:
        FileProblem: It cannot be made.
    """
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as problem:
        message = f"the folder {path} cannot be made: {problem.strerror}"
        raise FileProblem(message, "name a folder that you may write to") from None
