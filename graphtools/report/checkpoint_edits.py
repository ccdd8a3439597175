"""Edited checkpoints as documents."""

from __future__ import annotations

from graphtools.report.document import Document, Facts, Heading, Items, Table, Text, size
from graphtools.restore.checkpoint_editor import CheckpointEdit, EditedVariable
from graphtools.wording import counted

#: Of one edit so many variables are listed.
_MOST = 20


def checkpoint_edit_document(edit: CheckpointEdit) -> Document:
    """What was, or would be, changed."""
    facts = [("checkpoint", edit.source)]
    if edit.target:
        facts.append(("written" if edit.written else "would be written", edit.target))
    document: Document = [Heading("Edited checkpoint"), Facts(facts)]
    for step in edit.steps:
        document.append(Heading(f"{step.edit}: {counted(len(step.variables), 'variable')}"))
        rows = [(v.name, _becomes(v)) for v in step.variables[:_MOST]]
        if rows:
            document.append(Table(("variable", "becomes"), rows))
        if len(step.variables) > _MOST:
            document.append(Text(f"  and {len(step.variables) - _MOST:,} more"))
        if step.notes:
            document.append(Items(step.notes))
    if edit.notes:
        document += [Heading("Notes"), Items(edit.notes)]
    files = f", {counted(len(edit.files), 'file')}" if edit.written else ""
    document.append(Text(f"{counted(edit.tensors, 'tensor')}, {size(edit.bytes)}{files}"))
    return document


def _becomes(variable: EditedVariable) -> str:
    if not variable.becomes:
        return f"dropped: {variable.what}" if variable.what else "dropped"
    name = "" if variable.becomes == variable.name else variable.becomes
    return ", ".join(filter(None, (name, variable.what)))
