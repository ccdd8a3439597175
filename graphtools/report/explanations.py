"""Errors that were recognised, as documents: cause, cure, commands and threads."""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.explain.explain import Check, Diagnosis, Explanation
from graphtools.explain.known_errors._entry import GENERAL, HARMLESS, WARNING
from graphtools.explain.search import Entry
from graphtools.report.document import Commands, Document, Heading, Items, Table, Text
from graphtools.wording import counted

#: What a heading says of entries that are no sure reasons.
_KINDS = {
    WARNING: " (perhaps not the reason)",
    HARMLESS: " (harmless: the error is elsewhere)",
    GENERAL: " (the reason itself is not known)",
}


def diagnosis_document(found: Diagnosis) -> Document:
    """What was recognised in a text, the reason first; or what comes nearest to it."""
    if not found.found:
        return _unknown(found)
    document: Document = []
    for one in found.found:
        document += _explanation(one, found.lines > 1)
    return document + _passed_over(found)


def _explanation(found: Explanation, is_log: bool) -> Document:
    place = f"line {found.line:,}: " if is_log else ""
    document: Document = [
        Heading(f"{place}{found.name}{_KINDS.get(found.kind, '')}"),
        Text(found.excerpt),
        Text(found.cause, wrapped=True),
        Text(f"Cure: {found.cure}.", wrapped=True),
    ]
    if found.likely:
        document.append(Text("Causes, the most likely one first, each with what checks it:"))
        for number, (cause, check) in enumerate(zip(found.likely, found.commands, strict=True), 1):
            document += [Text(f"{number}. {cause}", wrapped=True), Commands([check])]
    elif found.commands:
        document.append(Commands(found.commands))
    if found.check is not None:
        document += _check(found.check)
    if found.threads:
        document.append(Text(f"Known from {', '.join(found.threads)}", wrapped=True))
    return document


#: How what a check has shown is said.
_VERDICTS = {"yes": "Yes, that is it", "no": "No, that is not it"}


def _check(check: Check) -> Document:
    verdict = _VERDICTS.get(check.verdict, "It says")
    return [Text(f"{verdict} ({check.command}):", wrapped=True), Items(list(check.told))]


def _unknown(found: Diagnosis) -> Document:
    what = f"{found.source} ({counted(found.lines, 'line')})" if found.source else "this text"
    document: Document = [Text(f"Nothing known was recognised in {what}.")]
    if found.general:
        document.append(Text("In general:"))
        for one in found.general:
            cure = f"; {one.cure}" if one.cure else ""
            document.append(Text(f"{one.name}: {one.meaning}{cure}.", wrapped=True))
            if one.command:
                document.append(Commands([one.command]))
    if found.nearest:
        document.append(Text("The nearest entries:"))
        document.append(Items([f"{near.name}: {near.message}" for near in found.nearest]))
    document.append(Text("graphtools explain --list shows all that is known."))
    return document + _passed_over(found)


def _passed_over(found: Diagnosis) -> Document:
    """That not all of a long log was looked at, if so."""
    if not found.passed_over:
        return []
    told = (
        f"The log is long: {counted(found.passed_over, 'place')} that may say more were passed "
        "over, those of its end were not. Give the part that matters to look at all of it."
    )
    return [Text(told, wrapped=True)]


def entries_document(entries: Sequence[Entry]) -> Document:
    """All that is known, area by area."""
    document: Document = []
    for area in dict.fromkeys(entry.area for entry in entries):
        errors = [e.error for e in entries if e.area == area]
        rows = [(e.name, e.signs[0].strip(), str(len(e.threads) or "")) for e in errors]
        document.append(Heading(f"{area.replace('_', ' ')} ({counted(len(errors), 'error')})"))
        document.append(Table(("name", "recognised by", "threads"), rows, (2,)))
    return document


def entries_json(entries: Sequence[Entry]) -> dict[str, object]:
    """All that is known, for --json."""
    return {"entries": [{"area": e.area, **_data(e)} for e in entries]}


def _data(entry: Entry) -> dict[str, object]:
    """What an entry says, without the function that looks into a table."""
    return {k: v for k, v in entry.error._asdict().items() if k != "table"}
