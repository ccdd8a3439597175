"""The tree of errors. Each message says what is wrong and where; `remedy` says what to do.

GraphtoolsError
├── FileProblem              a path that cannot be read or written
│   ├── NothingFound         no file can be meant by a path
│   ├── UnknownFormat        the content is no format that is read here
│   └── Damaged              the content breaks the rules of its format
│       └── ChecksumMismatch a stored checksum differs from the bytes it covers
├── UnknownName              a node, tensor, variable, signature or scope that is not there
├── InvalidGraph             a graph or an edit that TensorFlow would refuse
├── InvalidValue             an argument of the wrong form
├── ReadOnly                 an assignment to what a method changes
├── MissingExtra             an optional package that is not installed
├── NotConstant              a tensor whose value is not computed (ops.evaluation)
├── LiteRTProblem            what LiteRT says of a model that it was to run (litert_messages)
└── TensorFlowProblem        what TensorFlow says of a graph that it was to run (convert.messages)
"""

from __future__ import annotations

from collections.abc import Iterable


class GraphtoolsError(Exception):
    """Base of all errors that graphtools raises on purpose.

    Attributes:
        message: One line: what is wrong, and where.
        remedy: One line: what to do about it; empty where nothing can be advised.

    Example:
        >>> try:
        ...     graphtools.load("README.md")
        ... except GraphtoolsError as error:
        ...     print(type(error).__name__)
        UnknownFormat
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  {self.remedy}" if self.remedy else self.message


class FileProblem(GraphtoolsError):
    """A path that cannot be read or written."""


class NothingFound(FileProblem):
    """No file can be meant by a path."""


class UnknownFormat(FileProblem):
    """The content is no format that is read here."""


class Damaged(FileProblem):
    """The content breaks the rules of its format: truncated, or altered."""


class ChecksumMismatch(Damaged):
    """A stored checksum differs from the bytes it covers."""


class UnknownName(GraphtoolsError):
    """A node, tensor, variable, signature or scope that is not there."""


class InvalidGraph(GraphtoolsError):
    """A graph, or an edit of one, that TensorFlow would refuse."""


class InvalidValue(GraphtoolsError):
    """An argument of the wrong form."""


class ReadOnly(GraphtoolsError, AttributeError, TypeError):
    """An assignment to what is changed by a method, which the remedy names."""


class MissingExtra(GraphtoolsError):
    """An optional package that is not installed."""

    def __init__(self, purpose: str, extra: str) -> None:
        super().__init__(f"{purpose} needs a package that is not installed", pip_install(extra))


def pip_install(extra: str, *options: str) -> str:
    """The line that installs what an extra brings, wherever graphtools itself came from.

    It names what the extra stands for: `tf-graphtools[litert]` is found where an index has
    graphtools, and is not beside a checkout, or a wheel that was a file.

    Example:
        >>> pip_install("images")
        "pip install 'pillow<14,>=10'"
    """
    import re
    from importlib.metadata import PackageNotFoundError, requires

    try:
        required = requires("tf-graphtools") or []
    except PackageNotFoundError:  # run from its folder, without being installed
        required = []
    brought = [
        r.partition(";")[0].strip() for r in required if re.search(rf"extra == .{extra}\W", r)
    ]
    words = [f"'{what}'" for what in brought] or [f"'tf-graphtools[{extra}]'"]
    return " ".join(["pip install", *options, *words])


def unknown_name(kind: str, name: str, known: Iterable[str], where: str) -> UnknownName:
    """An UnknownName with the most similar known names as a suggestion.

    Args:
        kind: What is looked for, as `node`.
        name: The name that is not there.
        known: The names that are.
        where: What was searched, as `the graph`.
    """
    import difflib

    names = list(known)
    # difflib compares with every name: on large graphs only those that share the last part,
    # or start alike, are worth it.
    if len(names) > 5000:
        leaf = name.rsplit("/", 1)[-1].lower()
        names = [n for n in names if leaf in n.lower() or n[:8] == name[:8]][:5000]
    lowered = {n.lower(): n for n in reversed(names)}
    # a name without its first scopes is meant more likely than one that looks alike
    close = [n for n in names if n.endswith(f"/{name}")]
    close += [lowered[n] for n in difflib.get_close_matches(name.lower(), lowered, 3, 0.6)]
    if not close:
        leaf = name.rsplit("/", 1)[-1]
        close = [n for n in names if leaf and leaf in n]
    close = list(dict.fromkeys(close))[:3]
    if close:
        remedy = "did you mean " + " or ".join(repr(n) for n in close) + "?"
    elif names:
        remedy = f"there are {len(names)} {kind}s, as {names[0]!r}"
    else:
        remedy = f"it has no {kind}s at all"
    return UnknownName(f"no {kind} {name!r} in {where}", remedy)


def unknown_scope(
    scope: str, names: Iterable[str], where: str, *, leaves: bool = False
) -> UnknownName:
    """An UnknownName for a scope that nothing is in, with the most similar scopes.

    Args:
        scope: The scope that was asked for; slashes around it do not count.
        names: The names that are there.
        where: What was searched.
        leaves: Whether a name itself may stand for a scope, and is suggested, too.
    """
    known = set(names)
    scopes = {n[:i] for n in known for i, c in enumerate(n) if c == "/"}
    return unknown_name(
        "scope", scope.strip("/"), sorted(scopes | known if leaves else scopes), where
    )
