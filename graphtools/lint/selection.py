"""Which rules are applied, and which findings are kept back: by code, prefix, name, file and node.

A selector is `ALL`, the beginning of a code (`GT3`), a code or a name. Where one selector takes a
rule and another leaves it out, the longer one decides; of two alike, the one that leaves out.
"""

from __future__ import annotations

import fnmatch
import functools
import os
import re
from collections.abc import Iterable, Mapping, Sequence

from graphtools.errors import InvalidValue, UnknownName
from graphtools.findings.finding import Finding
from graphtools.findings.rule import Rule
from graphtools.wording import did_you_mean

EVERYTHING = "ALL"
#: How exactly a selector means a rule: not at all, as one of all, by a prefix's length, by itself.
_NOT, _DEFAULT, _ALL, _ITSELF = -2, -1, 0, 100


def _exactness(selector: str, code: str, name: str) -> int:
    if selector in (code, name):
        return _ITSELF
    if selector == EVERYTHING:
        return _ALL
    return len(selector) if code.startswith(selector) else _NOT


def check_selectors(selectors: Iterable[str], rules: Mapping[str, Rule]) -> None:
    """Check that selectors mean rules.

    Raises:
        UnknownName: One means none; a similar one is suggested.
    """
    for selector in selectors:
        if any(_exactness(selector, r.code, r.name) != _NOT for r in rules.values()):
            continue
        known = [EVERYTHING, *rules, *(r.name for r in rules.values())]
        remedy = did_you_mean(
            selector, known, f"codes are {min(rules)} to {max(rules)}, or their beginnings"
        )
        raise UnknownName(f"no rule is meant by {selector!r}", remedy)


def selected_rules(
    rules: Mapping[str, Rule],
    target: str,
    select: Sequence[str] = (),
    extend_select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> list[Rule]:
    """The rules that are applied, by code.

    Args:
        rules: All rules by code.
        target: What the graph is meant for; rules for other targets are left out.
        select: What is applied; the rules that are on by default if empty.
        extend_select: What is applied besides.
        ignore: What is not applied.
    """
    found = []
    for rule in rules.values():
        wanted = _DEFAULT if not select and rule.is_default else _NOT
        wanted = max([wanted, *(_exactness(s, rule.code, rule.name) for s in select)])
        wanted = max([wanted, *(_exactness(s, rule.code, rule.name) for s in extend_select)])
        unwanted = max([_NOT, *(_exactness(s, rule.code, rule.name) for s in ignore)])
        if wanted > unwanted and target in rule.targets:
            found.append(rule)
    return found


def not_for_target(rules: Mapping[str, Rule], target: str, selectors: Sequence[str]) -> list[str]:
    """Those of some selectors that only mean rules for other targets."""
    return [
        selector
        for selector in selectors
        if not any(
            target in r.targets
            for r in rules.values()
            if _exactness(selector, r.code, r.name) != _NOT
        )
    ]


def is_meant(finding: Finding, selectors: Iterable[str]) -> bool:
    """Whether a selector means the rule of a finding."""
    return any(_exactness(s, finding.code, finding.name) != _NOT for s in selectors)


def is_node_ignored(finding: Finding, ignored: Iterable[tuple[str, Sequence[str]]]) -> bool:
    """Whether a finding is kept back for its node.

    Args:
        finding: The finding; one about the whole graph has no node.
        ignored: Patterns of names, in which `*` stands for anything, `/` too, each with the
            selectors that are ignored there.
    """
    return bool(finding.node) and any(
        is_meant(finding, selectors)
        for pattern, selectors in ignored
        if finding.node == pattern or fnmatch.fnmatchcase(finding.node, pattern)
    )


def matches_path(path: str, pattern: str, folder: str = "") -> bool:
    """Whether a file is meant by a pattern.

    Args:
        path: The file.
        pattern: A path or file name, in which `*` and `?` stand for anything but `/`, and `**` for
            any folders. A folder means all that is in it.
        folder: The folder that the pattern is relative to; the current one if empty.
    """
    full = os.path.abspath(path).replace(os.sep, "/")
    wanted = _path_pattern(os.path.abspath(os.path.join(folder, pattern)).replace(os.sep, "/"))
    if wanted.fullmatch(full):
        return True
    name = full.rpartition("/")[2]
    return "/" not in pattern and _path_pattern(pattern).fullmatch(name) is not None


@functools.cache
def _path_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern of paths as a regular expression."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(wild.get(p) or re.escape(p) for p in parts) + "(?:/.*)?", re.S)


def parse_per_file(text: str) -> tuple[str, tuple[str, ...]]:
    """`PATTERN:CODES`, as `old/*.pb:GT2,unused-nodes`, in its parts.

    Raises:
        InvalidValue: A part is missing.
    """
    pattern, colon, codes = text.rpartition(":")
    selectors = tuple(c.strip() for c in codes.split(",") if c.strip())
    if not colon or not pattern or not selectors:
        raise InvalidValue(
            f"{text!r} does not say what is ignored where", "write PATTERN:CODES, as old/*.pb:GT2"
        )
    return pattern, selectors


def parse_ignored_node(text: str) -> tuple[str, tuple[str, ...]]:
    """`PATTERN` or `PATTERN:CODES`, as `Postprocessor/*:GT301`, in its parts.

    Raises:
        InvalidValue: The pattern is missing.
    """
    pattern, colon, codes = text.partition(":")
    selectors = tuple(c.strip() for c in codes.split(",") if c.strip())
    if not pattern.strip() or (colon and not selectors):
        raise InvalidValue(
            f"{text!r} does not say which node is ignored", "write PATTERN or PATTERN:CODES"
        )
    return pattern.strip(), selectors or (EVERYTHING,)
