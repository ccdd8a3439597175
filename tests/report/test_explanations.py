"""What is told of an error that was recognised, and of one that was not."""

from __future__ import annotations

import dataclasses

from graphtools.explain.explain import Diagnosis, Explanation, NearEntry
from graphtools.explain.search import entries
from graphtools.report.document import Commands, Heading, Items, Table, Text
from graphtools.report.explanations import diagnosis_document, entries_document

FOUND = Explanation("bad", "freezing", "error", 1200, "it is bad", "why", "do", ("run it",), ())


def test_the_place_is_told_of_a_log_alone() -> None:
    assert Heading("bad") in diagnosis_document(Diagnosis("", 1, (FOUND,), ()))
    assert Heading("line 1,200: bad") in diagnosis_document(Diagnosis("log", 2000, (FOUND,), ()))


def test_a_warning_is_perhaps_not_the_reason() -> None:
    for kind, told in [("warning", "perhaps not the reason"), ("general", "is not known")]:
        document = diagnosis_document(
            Diagnosis("", 1, (dataclasses.replace(FOUND, kind=kind),), ())
        )
        assert told in str(document[0])


def test_each_likely_cause_stands_above_what_checks_it() -> None:
    found = dataclasses.replace(FOUND, likely=("one", "two"), commands=("check 1", "check 2"))
    document = diagnosis_document(Diagnosis("", 1, (found,), ()))
    at = document.index(Text("1. one", wrapped=True))
    assert document[at + 1 : at + 4] == [
        Commands(["check 1"]),
        Text("2. two", wrapped=True),
        Commands(["check 2"]),
    ]


def test_commands_and_threads() -> None:
    found = dataclasses.replace(FOUND, threads=("a/b#1", "a/b#2"))
    document = diagnosis_document(Diagnosis("", 1, (found,), ()))
    assert document[-2:] == [
        Commands(("run it",)),
        Text("Known from a/b#1, a/b#2", wrapped=True),
    ]


def test_what_is_not_known_has_the_nearest() -> None:
    document = diagnosis_document(Diagnosis("log", 2, (), (NearEntry("x", "says x"),)))
    assert document[0] == Text("Nothing known was recognised in log (2 lines).")
    assert Items(["x: says x"]) in document
    alone = diagnosis_document(Diagnosis("", 1, (), ()))
    assert alone[0] == Text("Nothing known was recognised in this text.")
    assert not any(isinstance(block, Items) for block in alone)


def test_all_entries_are_listed_once() -> None:
    document = entries_document(entries())
    names = [row[0] for block in document if isinstance(block, Table) for row in block.rows]
    assert sorted(names) == sorted(entry.error.name for entry in entries())
