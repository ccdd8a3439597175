"""Restore plans as documents."""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.report.document import (
    Block,
    Commands,
    Document,
    Facts,
    Heading,
    Items,
    Table,
    Text,
    shape,
)
from graphtools.restore.plan import (
    MISSING,
    NOT_ASKED,
    RESTORED,
    SHAPE_DIFFERS,
    PlannedVariable,
    RestorePlan,
    UnusedTensor,
)
from graphtools.restore.scopes import grouped
from graphtools.wording import counted

#: More clashing shapes are counted, not listed.
_MAX_CLASHES = 20
_TITLES = {
    RESTORED: "Restored",
    SHAPE_DIFFERS: "Not restored: the shape differs",
    MISSING: "Not restored: not in the checkpoint",
    NOT_ASKED: "Not asked for",
}
_WITHOUT_MODEL = "presumed from the checkpoint and the configuration"


def restore_plan_document(plan: RestorePlan, configuration: str = "") -> Document:
    """A restore plan, grouped so that a person can read it.

    Args:
        plan: The plan.
        configuration: The pipeline configuration's path; empty if there is none.
    """
    model = plan.model or _WITHOUT_MODEL
    if plan.model_source == "frozen graph":
        model += " (frozen)"
    facts = [("checkpoint", plan.checkpoint)]
    if configuration:
        facts.append(("configuration", configuration))
    facts.append(("model", f"{model}, {counted(sum(plan.counts.values()), 'variable')}"))
    document: Document = [Heading("Restore plan"), Facts(facts), Text(plan.in_words)]
    document.append(Heading("Outcome"))
    document.append(Text(verdict(plan)))
    if plan.warnings:
        document += [Heading("Beware"), Items(plan.warnings)]
    document += _scope_blocks(plan)
    if plan.edit:
        document += [Heading("The checkpoint can be made to fit"), Commands(plan.edit)]
    for status in (SHAPE_DIFFERS, MISSING, RESTORED, NOT_ASKED):
        document += _status_blocks(plan, status)
    document += _random_blocks(plan)
    document += _unused_blocks(plan.unused)
    document += _outcome_blocks(plan)
    if plan.notes:
        document += [Heading("Notes"), Items(plan.notes)]
    return document


def verdict(plan: RestorePlan) -> str:
    """The outcome in one line."""
    counts = plan.counts
    asked = sum(counts.values()) - counts[NOT_ASKED]
    if plan.failure:
        return f"the restore fails: {plan.failure}"
    if not asked:
        return "no variable is asked for"
    text = f"{counts[RESTORED]:,} of the {counted(asked, 'variable')} asked for are restored"
    parts = []
    if counts[SHAPE_DIFFERS]:
        parts.append(f"{counts[SHAPE_DIFFERS]:,} with another shape")
    if counts[MISSING]:
        parts.append(f"{counts[MISSING]:,} not in the checkpoint")
    if counts[NOT_ASKED]:
        parts.append(f"{counts[NOT_ASKED]:,} not asked for")
    if parts:
        text += f"; {', '.join(parts)}"
    if not plan.decided:
        text += "; whether that is all cannot be told without --model"
    return text


def _remedy(text: str) -> str:
    """A remedy behind what it is for: a question, or what to do."""
    if not text:
        return ""
    return f"; {text}"


def _scope_blocks(plan: RestorePlan) -> list[Block]:
    blocks: list[Block] = []
    if plan.scopes:
        rows = [(s.option, s.scope or "(empty)", f"{s.matches:,}") for s in plan.scopes]
        blocks += [Heading("Scopes"), Table(("option", "scope", "variables"), rows, (2,))]
        wrong = [s for s in plan.scopes if s.problem]
        if wrong:
            blocks.append(Items([s.problem + _remedy(s.remedy) for s in wrong]))
    if plan.proposed_exclude_scopes:
        blocks += [
            Heading("The shortest list with which the restore succeeds"),
            Commands([f"--checkpoint-exclude-scopes={','.join(plan.proposed_exclude_scopes)}"]),
        ]
    elif plan.proposed_exclude_scopes is not None:
        blocks.append(Text("without any excluded scope the restore succeeds"))
    return blocks


def _status_blocks(plan: RestorePlan, status: str) -> list[Block]:
    """The variables of one status: clashing shapes one by one, all others by scope and reason."""
    found = [v for v in plan.variables if v.status == status]
    if not found:
        return []
    title = f"{_TITLES[status]} ({len(found):,})"
    if status == SHAPE_DIFFERS:
        rows = [
            (v.name, shape(v.shape), shape(v.checkpoint_shape), v.checkpoint_key or "")
            for v in found[:_MAX_CLASHES]
        ]
        # the key is worth a column only where it is another name
        named = any(v.name != v.checkpoint_key for v in found)
        columns = ["variable", "model", "checkpoint", "key"]
        width = 4 if named else 3
        blocks: list[Block] = [
            Heading(title),
            Table(columns[:width], [row[:width] for row in rows]),
        ]
        if len(found) > _MAX_CLASHES:
            blocks.append(Text(f"  and {len(found) - _MAX_CLASHES:,} more"))
        return blocks
    return [Heading(title), *_by_scope(found)]


def _by_scope(found: Sequence[PlannedVariable]) -> list[Block]:
    by_reason: dict[str, list[PlannedVariable]] = {}
    for variable in found:
        # what differs from variable to variable is shown by the example
        general = variable.reason.split("; the checkpoint has no")[0]
        by_reason.setdefault(general, []).append(variable)
    blocks: list[Block] = []
    for reason, variables in by_reason.items():
        keys = {v.name: v.checkpoint_key for v in variables}
        rows = []
        for group in grouped(keys):
            key = keys[group.names[0]]
            shown = key if key and key != group.names[0] else ""
            rows.append((group.scope, f"{len(group.names):,}", shown))
        # the key is worth a column only where it is another name
        width = 3 if any(row[2] for row in rows) else 2
        columns = ("scope", "variables", "first key")[:width]
        blocks += [Text(f"  {reason}"), Table(columns, [row[:width] for row in rows], (1,))]
    return blocks


def _random_blocks(plan: RestorePlan) -> list[Block]:
    if not plan.randomly_initialised:
        return []
    trained = {v.name: v.trained for v in plan.variables}
    rows = [
        (g.scope, f"{len(g.names):,}", f"{sum(trained[n] for n in g.names):,}")
        for g in grouped(plan.randomly_initialised)
    ]
    title = f"Stays at its initial, mostly random values ({len(plan.randomly_initialised):,})"
    return [Heading(title), Table(("scope", "variables", "trained"), rows, (1, 2))]


def _unused_blocks(unused: Sequence[UnusedTensor]) -> list[Block]:
    if not unused:
        return []
    by_kind: dict[str, list[str]] = {}
    for tensor in unused:
        by_kind.setdefault(tensor.kind, []).append(tensor.name)
    rows = [
        (g.scope, f"{len(g.names):,}", "" if kind == "model" else kind)
        for kind, names in by_kind.items()
        for g in grouped(names)
    ]
    title = f"In the checkpoint, asked for by nobody ({len(unused):,})"
    return [Heading(title), Table(("scope", "tensors", "kind"), rows, (1,))]


def _outcome_blocks(plan: RestorePlan) -> list[Block]:
    if not plan.outcomes:
        return []
    rows = [
        (
            o.settings,
            f"{o.asked:,}",
            f"{o.restored:,}",
            f"{o.shape_differs:,}",
            f"{o.missing:,}",
            o.words,
        )
        for o in plan.outcomes
    ]
    columns = ("with", "asked", "restored", "shape differs", "missing", "difference")
    return [Heading("Other settings"), Table(columns, rows, (1, 2, 3, 4))]
