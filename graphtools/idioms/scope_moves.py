"""Renames recognised as moves: one rule that explains the new names of many things.

A rule replaces the first scopes of a name, and may replace a known suffix, as in

    FeatureExtractor/MobilenetV1/*              -> MobilenetV1/*
    */ExponentialMovingAverage                  -> *
    */.ATTRIBUTES/VARIABLE_VALUE                -> *:0

Rules come from pairs of names that have the longest possible end in common. The rule that explains
most is taken first. It must be certain: one-to-one, alike (variables: of one shape and dtype),
valid for at least half of what it could be about, and no other rule may explain the same as well.
"""

from __future__ import annotations

import bisect
import dataclasses
import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from graphtools.graph.variables import OBJECT_END, OBJECT_SLOT, SLOTS
from graphtools.idioms.moving_average import AVERAGE

_SLOTS = tuple(f"/{slot}" for slot in SLOTS)
_ENDS = (":0", OBJECT_END)
#: So many partners of one name are looked at; an end that more have in common says nothing.
_PARTNERS = 8


@dataclasses.dataclass(frozen=True)
class Move:
    """A rule that explains the names of some variables.

    Attributes:
        from_: What stands on side A, as `FeatureExtractor/MobilenetV1`, with `*` for what stays
            where a suffix is replaced, too.
        to: What stands on side B.
        kind: `scope`, `suffix`, `scope and suffix`, or `object` where the names are those that an
            object-based checkpoint records.
        variables: The pairs of names, A's first.
    """

    from_: str
    to: str
    kind: str
    variables: tuple[tuple[str, str], ...]


class Renaming(NamedTuple):
    """Prefixes and suffixes of both sides; `by_object` where a recorded name stands for the key."""

    a_prefix: str
    b_prefix: str
    a_suffix: str
    b_suffix: str
    a_object: bool = False
    b_object: bool = False


_Taken = Callable[[str], bool]


class _Form(NamedTuple):
    """A name without a suffix, or the name that is recorded for an object."""

    base: str
    suffix: str
    by_object: bool


def _nothing(_: str) -> bool:
    return False


def find_moves(
    a: Iterable[str],
    b: Iterable[str],
    alike: Callable[[str, str], bool],
    *,
    full_names: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {}),
    taken: tuple[_Taken, _Taken] = (_nothing, _nothing),
    unlike_too: bool = True,
) -> tuple[list[Move], list[str]]:
    """Find the rules by which the names of A became those of B.

    Args:
        a: Names that only A has.
        b: Names that only B has.
        alike: Whether what the two names stand for may be the same.
        full_names: By side, the recorded names of objects by key.
        taken: By side, whether a name that is not among `a` or `b` exists there.
        unlike_too: Whether a rule that is certain also holds for pairs that are not alike, so that
            a class predictor of another shape is still recognised.

    Returns:
        The moves, those that explain most first; and a line on each pair of rules that explain the
        same things equally well, so that neither was taken.
    """
    left, right = dict.fromkeys(a), dict.fromkeys(b)
    if not left or not right:
        return [], []
    sides = (
        _Unexplained(left, full_names[0], taken[0]),
        _Unexplained(right, full_names[1], taken[1]),
    )
    return _MoveSearch(*sides, alike).run(unlike_too)


class _Unexplained:
    """The names of one side that are not explained yet, and all forms of them by beginning."""

    def __init__(self, names: dict[str, None], full_names: Mapping[str, str], others: _Taken):
        self.left = names
        known = dict(names)
        self.forms = {
            n: _forms(n, full_names.get(n, ""), lambda m: m in known or others(m)) for n in names
        }
        sorted_bases: dict[tuple[str, bool], list[tuple[str, str]]] = {}
        for name, forms in self.forms.items():
            for form in forms:
                entries = sorted_bases.setdefault((form.suffix, form.by_object), [])
                entries.append((form.base, name))
        for entries in sorted_bases.values():
            entries.sort()
        self._sorted = sorted_bases

    def about(self, prefix: str, suffix: str, by_object: bool) -> Sequence[tuple[str, str]]:
        """Bases and names, explained ones among them, that begin and end so."""
        entries = self._sorted.get((suffix, by_object), [])
        if not prefix:
            return entries
        low = bisect.bisect_left(entries, (prefix, ""))
        return entries[low : bisect.bisect_left(entries, (prefix + "\U0010ffff", ""))]


class _MoveSearch:
    """The search for moves; what is not explained shrinks while rules are accepted."""

    def __init__(self, a: _Unexplained, b: _Unexplained, alike: Callable[[str, str], bool]) -> None:
        self.a, self.b, self.alike = a, b, alike
        self.pairs: dict[Renaming, list[tuple[str, str]]] = {}
        #: The rules that explain a name of A, and of B.
        self.rules_of_a: dict[str, list[Renaming]] = {}
        self.rules_of_b: dict[str, list[Renaming]] = {}

    def run(self, unlike_too: bool) -> tuple[list[Move], list[str]]:
        self._find_candidates()
        heap = [(_priority(rule, len(found)), rule) for rule, found in self.pairs.items()]
        heapq.heapify(heap)
        moves: list[Move] = []
        unclear: list[str] = []
        while heap:
            priority, rule = heapq.heappop(heap)
            found = self._remaining(rule)
            if not found:
                continue
            current = _priority(rule, len(found))
            if current > priority:  # other rules have explained some of it
                heapq.heappush(heap, (current, rule))
                continue
            if not self._certain(rule, found):
                continue
            rival = self._rival(rule, found)
            if rival is not None:
                others = self._remaining(rival)
                unclear.append(f"{_arrow(rule, found)} or {_arrow(rival, others)}")
                self._take([*found, *others])
                continue
            if len(found) > 1:
                found = [*found, *self._more(rule, found, unlike_too)]
            self._take(found)
            moves.append(_move(rule, sorted(found)))
        moves.sort(key=lambda m: (-len(m.variables), m.from_, m.to))
        return moves, unclear

    def _remaining(self, rule: Renaming) -> list[tuple[str, str]]:
        found = [p for p in self.pairs[rule] if p[0] in self.a.left and p[1] in self.b.left]
        self.pairs[rule] = found
        return found

    def _take(self, pairs: Iterable[tuple[str, str]]) -> None:
        for x, y in pairs:
            self.a.left.pop(x, None)
            self.b.left.pop(y, None)

    def _find_candidates(self) -> None:
        """Pairs of names that are alike, by the rule that makes one of the other."""
        tails: dict[str, list[tuple[str, _Form]]] = {}
        for name, forms in self.b.forms.items():
            for form in forms:
                for start in _scope_starts(form.base):
                    entries = tails.setdefault(form.base[start:], [])
                    if len(entries) <= _PARTNERS:
                        entries.append((name, form))
        for name, forms in self.a.forms.items():
            for form in forms:
                for start in _scope_starts(form.base):
                    entries = tails.get(form.base[start:], [])
                    if len(entries) > _PARTNERS or self._pair_up(name, form, start, entries):
                        break

    def _pair_up(
        self, name: str, form: _Form, start: int, partners: Iterable[tuple[str, _Form]]
    ) -> bool:
        """Note the rules by which a name becomes others that end alike; whether there are any."""
        hit = False
        for other, b_form in partners:
            if form.suffix == b_form.suffix and (form.suffix or name == other):
                continue  # the same rule without suffix says it, or no rule is needed
            if not self.alike(name, other):
                continue
            kept = len(form.base) - start
            rule = Renaming(
                form.base[:start],
                b_form.base[: len(b_form.base) - kept],
                form.suffix,
                b_form.suffix,
                form.by_object,
                b_form.by_object,
            )
            self.pairs.setdefault(rule, []).append((name, other))
            self.rules_of_a.setdefault(name, []).append(rule)
            self.rules_of_b.setdefault(other, []).append(rule)
            hit = True
        return hit

    def _certain(self, rule: Renaming, found: Sequence[tuple[str, str]]) -> bool:
        if len({x for x, _ in found}) < len(found) or len({y for _, y in found}) < len(found):
            return False  # not one-to-one
        about_a = self.a.about(rule.a_prefix, rule.a_suffix, rule.a_object)
        about_b = self.b.about(rule.b_prefix, rule.b_suffix, rule.b_object)
        if 2 * len(found) < min(len(about_a), len(about_b)):
            return False
        if len(found) > 1 or not (rule.a_prefix and rule.b_prefix):
            return True
        # one variable alone: more than its last part has to stay
        name, _ = found[0]
        kept = next(f.base for f in self.a.forms[name] if _fits(f, rule))[len(rule.a_prefix) :]
        return "/" in kept

    def _rival(self, rule: Renaming, found: Sequence[tuple[str, str]]) -> Renaming | None:
        """Another rule that explains the same names of one side, as well and as simply."""
        simplicity = _priority(rule, len(found))[:3]
        a_side, b_side = {x for x, _ in found}, {y for _, y in found}
        x, y = found[0]
        for other in (*self.rules_of_a[x], *self.rules_of_b[y]):
            if other == rule or len(self.pairs[other]) < len(found):
                continue
            pairs = self._remaining(other)
            if _priority(other, len(pairs))[:3] > simplicity:
                continue
            same_a = {x for x, _ in pairs} == a_side
            same_b = {y for _, y in pairs} == b_side
            if same_a != same_b:
                return other
        return None

    def _more(
        self, rule: Renaming, found: Sequence[tuple[str, str]], unlike_too: bool
    ) -> list[tuple[str, str]]:
        """The other pairs that follow from a certain rule.

        Those are names with an end that many have in common, and what is not alike.
        """
        used_a, used_b = {x for x, _ in found}, {y for _, y in found}
        targets = {
            base[len(rule.b_prefix) :]: name
            for base, name in self.b.about(rule.b_prefix, rule.b_suffix, rule.b_object)
            if name in self.b.left and name not in used_b
        }
        more = []
        for base, name in self.a.about(rule.a_prefix, rule.a_suffix, rule.a_object):
            if name in self.a.left and name not in used_a:
                target = targets.pop(base[len(rule.a_prefix) :], None)
                if target is not None and (unlike_too or self.alike(name, target)):
                    more.append((name, target))
        return more


def _priority(rule: Renaming, number: int) -> tuple[int, int, int, int]:
    """Rules that explain more come first; of equals those that change less."""
    slots = (rule.a_suffix in _SLOTS) + (rule.b_suffix in _SLOTS)
    changes = bool(rule.a_suffix) + bool(rule.b_suffix) + rule.a_object + rule.b_object
    return -number, slots, changes, len(rule.a_prefix) + len(rule.b_prefix)


def _fits(form: _Form, rule: Renaming) -> bool:
    """Whether a form of a name of A is one that a rule is about."""
    wanted = (rule.a_suffix, rule.a_object)
    return (form.suffix, form.by_object) == wanted and form.base.startswith(rule.a_prefix)


def _forms(name: str, full_name: str, exists: Callable[[str], bool]) -> tuple[_Form, ...]:
    """A name as it is, without its suffix, and the name that is recorded for its object.

    A slot or moving average whose variable stands beside it is no renamed variable.
    """
    found = [_Form(name, "", False)]
    for end in _ENDS:
        if name.endswith(end):
            base = name.removesuffix(end)
            if OBJECT_SLOT not in base:
                found.append(_Form(base, end, False))
    bare = found[-1].base
    for suffix in (AVERAGE, *_SLOTS):
        if bare.endswith(suffix):
            base = bare.removesuffix(suffix)
            if not any(exists(base + end) for end in ("", *_ENDS)):
                found.append(_Form(base, suffix + name[len(bare) :], False))
    if full_name:
        found.append(_Form(full_name.removesuffix(":0"), "", True))
    return tuple(found)


def companion_suffix(name: str, exists: Callable[[str], bool]) -> str:
    """What makes a name that of a slot or moving average of a variable that exists; or empty.

    Args:
        name: The name.
        exists: Whether there is a variable of a name.
    """
    end = next((e for e in _ENDS if name.endswith(e)), "")
    bare = name.removesuffix(end)
    base, slot, rest = bare.partition(OBJECT_SLOT)
    if not slot:
        rest = ""
        base = slot = ""
        for suffix in (AVERAGE, *_SLOTS):
            if bare.endswith(suffix):
                base, slot = bare.removesuffix(suffix), suffix
    if base and any(exists(base + e) for e in ("", *_ENDS)):
        return slot + rest
    return ""


def _scope_starts(name: str) -> list[int]:
    """Where the parts of a name begin, the first one first."""
    return [0, *(i + 1 for i, c in enumerate(name) if c == "/" and i + 1 < len(name))]


def _move(rule: Renaming, found: Sequence[tuple[str, str]]) -> Move:
    from_, to = _ends_of(rule, found)
    by_object = rule.a_object or rule.b_object
    scope = rule.a_prefix != rule.b_prefix
    suffix = rule.a_suffix != rule.b_suffix
    kind = "scope and suffix" if scope and suffix else "suffix" if suffix else "scope"
    return Move(from_, to, "object" if by_object else kind, tuple(found))


def _ends_of(rule: Renaming, found: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Both sides of a rule for people."""
    a_prefix, b_prefix = rule.a_prefix, rule.b_prefix
    suffixes = bool(rule.a_suffix or rule.b_suffix)
    if rule.a_object or rule.b_object:
        a_text = f"{a_prefix}* (recorded name)" if rule.a_object else f"{a_prefix}*{rule.a_suffix}"
        b_text = f"{b_prefix}* (recorded name)" if rule.b_object else f"{b_prefix}*{rule.b_suffix}"
        return a_text, b_text
    if not suffixes:
        if not a_prefix or not b_prefix:  # name the scope that moved, not only what was added
            core = _common_scope([x[len(a_prefix) :] for x, _ in found])
            a_prefix, b_prefix = a_prefix + core, b_prefix + core
        return a_prefix.rstrip("/"), b_prefix.rstrip("/")
    return f"{a_prefix}*{rule.a_suffix}", f"{b_prefix}*{rule.b_suffix}"


def _common_scope(names: Sequence[str]) -> str:
    """The scopes that all names begin with, the slash at the end included."""
    low, high = min(names), max(names)
    size = 0
    for i, (x, y) in enumerate(zip(low, high, strict=False)):
        if x != y:
            break
        if x == "/":
            size = i + 1
    return low[:size]


def _arrow(rule: Renaming, found: Iterable[tuple[str, str]]) -> str:
    listed = list(found)
    from_, to = _ends_of(rule, listed)
    return f"{from_ or '(root)'} -> {to or '(root)'} ({len(listed)})"
