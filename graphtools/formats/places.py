"""Where files lie: on this machine, or behind a URL that fsspec knows (`gs://`, `s3://`, `https://`).

Of a file behind a URL, only what is asked for is transferred. Web servers list no folders: a
checkpoint there is found by its prefix or one of its files.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from typing import Any

from graphtools.errors import FileProblem, MissingExtra, NothingFound

_URL = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]+)(?:://|::)")
_WEB = ("http://", "https://")
#: Files up to this many bytes are read whole when any part of them is wanted.
_SMALL = 1 << 18
#: The first bytes of a larger file are read at once: what it is shows there.
_HEAD = 1 << 14


def is_remote(path: str) -> bool:
    """Whether a path is a URL."""
    return _URL.match(path) is not None


def exists(path: str) -> bool:
    """Whether there is a file or folder."""
    return _info(path) is not None if is_remote(path) else os.path.exists(path)


def is_file(path: str) -> bool:
    """Whether there is a file."""
    if not is_remote(path):
        return os.path.isfile(path)
    info = _info(path)
    return info is not None and info.get("type") == "file"


def is_folder(path: str) -> bool:
    """Whether there is a folder; on a web server, whether the URL ends as one."""
    if not is_remote(path):
        return os.path.isdir(path)
    if path.startswith(_WEB):
        return path.endswith("/")
    info = _info(path)
    return info is not None and info.get("type") == "directory"


def names(folder: str) -> list[str]:
    """Names of what lies in a folder, sorted; empty where there is none, or a web server has it.

    Raises:
        FileProblem: The folder cannot be read.
    """
    folder = folder or "."
    if is_remote(folder):
        if folder.startswith(_WEB) or not is_folder(folder):
            return []
        with remote_errors(folder):
            system, inner = _system(folder)
            return sorted(p.rstrip("/").rpartition("/")[2] for p in system.ls(inner, detail=False))
    if not os.path.isdir(folder):
        return []
    try:
        return sorted(os.listdir(folder))
    except OSError as error:
        raise FileProblem(f"{folder} cannot be read: {error.strerror or error}") from None


def size(path: str) -> int | None:
    """Bytes of a file; None where there is none."""
    if is_remote(path):
        info = _info(path)
        return int(info.get("size") or 0) if info and info.get("type") == "file" else None
    try:
        return os.stat(path).st_size if os.path.isfile(path) else None
    except OSError:
        return None


class RemoteBuffer:
    """The bytes of a file behind a URL, transferred when they are asked for.

    Attributes:
        url: Where it is.
        transferred: Bytes that were asked of the server.
    """

    def __init__(self, url: str, *, exact: bool = False) -> None:
        """Ask for the file's size.

        Args:
            url: Where it is.
            exact: Whether to transfer nothing but what is asked for. Otherwise small files come
                whole, and large ones with more of their beginning.

        Raises:
            NothingFound: There is no such file.
            FileProblem: It cannot be read.
            MissingExtra: The package that reads such URLs is not installed.
        """
        found = size(url)
        if found is None:
            raise NothingFound(f"{url} does not exist", "check the URL, and that you may read it")
        self.url = url
        self.transferred = 0
        self._size = found
        self._exact = exact
        self._head = b""

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, key: slice) -> bytes:
        start, end, _ = key.indices(self._size)
        if end <= start:
            return b""
        if end > len(self._head) and not self._exact:
            wanted = self._size if self._size <= _SMALL else _HEAD
            if end <= wanted:
                self._head = self._fetch(0, wanted)
        if end <= len(self._head):
            return self._head[start:end]
        return self._fetch(start, end)

    def whole(self) -> bytes:
        """All bytes, transferred once."""
        if len(self._head) < self._size:
            self._head = self._fetch(0, self._size)
        return self._head

    def _fetch(self, start: int, end: int) -> bytes:
        with remote_errors(self.url):
            system, inner = _system(self.url)
            found = bytes(system.cat_file(inner, start=start, end=end))
        self.transferred += len(found)
        if len(found) > end - start:  # a server that does not know ranges sends everything
            found = found[start:end]
        if len(found) != end - start:
            raise FileProblem(
                f"{self.url} cannot be read: {end - start:,} bytes were asked for, "
                f"{len(found):,} came"
            )
        return found


@contextlib.contextmanager
def remote_errors(url: str) -> Iterator[None]:
    """Translate what fsspec and the packages behind it raise; they have no base in common."""
    try:
        yield
    except (FileProblem, MissingExtra):
        raise
    except ImportError:
        scheme = _URL.match(url)
        raise MissingExtra(f"reading {scheme[1] if scheme else url}:// URLs", "remote") from None
    except FileNotFoundError as error:
        # to fsspec, a web server that does not answer is a file that is not there
        cause = error.__cause__
        if cause is None or isinstance(cause, FileNotFoundError) or _is_404(cause):
            raise NothingFound(
                f"{url} does not exist", "check the URL, and that you may read it"
            ) from None
        raise _unreadable(url, cause) from None
    except Exception as error:
        raise _unreadable(url, error) from None


def _is_404(error: BaseException) -> bool:
    return getattr(error, "status", 0) == 404


def _unreadable(url: str, error: BaseException) -> FileProblem:
    detail = " ".join(str(error).split()) or type(error).__name__
    return FileProblem(
        f"{url} cannot be read: {detail}", "check the URL, the network and your credentials"
    )


def _system(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it."""
    import fsspec

    system, path = fsspec.core.url_to_fs(url)
    return system, path


def _info(url: str) -> dict[str, Any] | None:
    """What the server says of a URL, None where there is nothing."""
    try:
        with remote_errors(url):
            system, path = _system(url)
            return dict(system.info(path))
    except NothingFound:
        return None
