"""The rules of the linter, as documents: all of them, and the manual of one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from graphtools.errors import UnknownName
from graphtools.findings.rule import ALL, Rule
from graphtools.lint.file_report import FileReport
from graphtools.lint.running import LintReport
from graphtools.lint.selection import selected_rules
from graphtools.lint.settings import LintSettings
from graphtools.lint.tables import all_rules
from graphtools.report.document import Block, Commands, Document, Facts, Heading, Table, Text
from graphtools.wording import counted, similar

#: What the beginnings of codes stand for.
FAMILIES = {
    "GT1": "structure",
    "GT2": "training leftovers",
    "GT3": "TFLite",
    "GT4": "quantization",
    "GT5": "size and speed",
    "GT6": "Edge TPU",
    "GT7": "GPU delegate",
    "GT8": "what a graph does beside computing",
    "GT9": "TFLite models",
    "GTC": "training configurations",
}


def find_rule(text: str) -> Rule:
    """A rule by its code or name, in capitals or not.

    Raises:
        UnknownName: There is none; a similar one is suggested.
    """
    rules = all_rules()
    known = {key.lower(): rule for rule in rules.values() for key in (rule.code, rule.name)}
    found = known.get(text.strip().lower())
    if found is None:
        family = _family(text.strip().upper())
        if family:
            raise UnknownName(f"there is no rule {text!r}", family)
        close = known.get(similar(text.strip(), known))
        hint = f"did you mean {close.code} {close.name}?" if close else ""
        raise UnknownName(f"there is no rule {text!r}", hint or "list them: graphtools rule --all")
    return found


def _family(code: str) -> str:
    """What is said of a code that no rule has: its family, or which families there are."""
    if not re.fullmatch(r"GTC?\d*", code):
        return ""
    codes = sorted(known for known in all_rules() if known[:3] == code[:3])
    if codes and code[:3] in FAMILIES:
        return f"{code[:3]} is {FAMILIES[code[:3]]}: {codes[0]} to {codes[-1]}"
    return f"the families are {', '.join(f'{key} {name}' for key, name in FAMILIES.items())}"


def rule_document(rule: Rule) -> Document:
    """The manual of a rule."""
    manual = rule.manual
    facts = [
        ("family", FAMILIES.get(rule.code[:3], "others")),
        ("severity", rule.severity),
        ("targets", _targets(rule)),
    ]
    if not rule.is_default:
        facts.append(("applied", f"where it is selected: --extend-select {rule.code}"))
    if rule.cure:
        option = "--fix" if rule.is_safe_cure else "--fix --unsafe-fixes"
        facts.append(("fixed by", f"{option}: {rule.cure}"))
    document: Document = [Heading(f"{rule.code} {rule.name}"), Facts(facts)]
    document += _paragraphs(manual.what)
    for title, text in (
        ("Why", manual.why),
        ("Example", manual.example),
        ("Remedy", manual.remedy),
    ):
        if text:
            document += [Heading(title), *_paragraphs(text)]
    return document


def _targets(rule: Rule) -> str:
    return "all" if rule.targets == ALL else ", ".join(sorted(rule.targets))


def _paragraphs(text: str) -> list[Block]:
    """Paragraphs, filled anew; those that are laid out, as graphs and commands, stay."""
    found: list[Block] = []
    for part in text.split("\n\n"):
        laid_out = any(line.startswith((" ", "-", "|")) for line in part.splitlines())
        filled = Text(" ".join(part.split()), wrapped=True)
        found.append(Commands(part.splitlines()) if laid_out else filled)
    return found


def rules_document(rules: Mapping[str, Rule]) -> Document:
    """All rules, by family."""
    document: Document = []
    for prefix, family in FAMILIES.items():
        rows = [
            (
                rule.code,
                rule.name,
                rule.severity,
                _targets(rule),
                ("--fix" if rule.is_safe_cure else "--unsafe-fixes") if rule.cure else "",
            )
            for rule in rules.values()
            if rule.code.startswith(prefix)
        ]
        if rows:
            document.append(Heading(f"{prefix}: {family} ({counted(len(rows), 'rule')})"))
            document.append(Table(("code", "name", "severity", "targets", "fixed by"), rows))
    return document


def rule_json(rule: Rule) -> dict[str, Any]:
    """A rule in JSON's types."""
    return {
        "code": rule.code,
        "name": rule.name,
        "family": FAMILIES.get(rule.code[:3], "others"),
        "severity": rule.severity,
        "targets": sorted(rule.targets),
        "is_default": rule.is_default,
        "cure": rule.cure,
        "is_safe_cure": bool(rule.cure) and rule.is_safe_cure,
        "manual": rule.manual,
    }


def settings_json(settings: LintSettings) -> dict[str, Any]:
    """Settings, with the codes of the rules that they select, in JSON's types."""
    chosen = selected_rules(
        all_rules(), settings.target, settings.select, settings.extend_select, settings.ignore
    )
    return {"settings": settings, "rules": [rule.code for rule in chosen]}


def settings_document(settings: LintSettings) -> Document:
    """Settings, with the rules that they select."""
    shown = settings_json(settings)
    facts = [("read from", settings.source or "no file")]
    facts += [
        (name.replace("_", "-"), _shown(value))
        for name, value in vars(settings).items()
        if name not in ("source", "per_file", "fix", "is_dry_run")
    ]
    for known in settings.per_file:
        values = {k: v for k, v in vars(known).items() if v and k != "pattern"}
        facts.append((known.pattern, "; ".join(f"{k} {_shown(v)}" for k, v in values.items())))
    return [Facts(facts), Text(f"Rules: {', '.join(shown['rules']) or 'none'}", wrapped=True)]


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(
            f"{item[0]}: {', '.join(item[1])}" if isinstance(item, tuple) else str(item)
            for item in value
        )
    return "" if value is None else str(value)


def complaints(report: LintReport) -> Sequence[tuple[FileReport, str, str]]:
    """Why files could not be looked at: the file, what is wrong, what to do."""
    return [
        (file, _about(file, problem.message), problem.remedy)
        for file in report.files
        for problem in file.problems
    ]


def _about(file: FileReport, message: str) -> str:
    return message if file.path in message else f"{file.path}: {message}"
