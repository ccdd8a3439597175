"""Findings from what the TFLite converter is expected to say of a graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from graphtools.compat.prediction import Blocker, Verdict
from graphtools.errors import UnknownName
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.lint.rule import Found
from graphtools.lint.rules._custom_ops import KNOWN, is_custom_op
from graphtools.lint.rules._declarations import faults
from graphtools.lint.rules._memory import per_subject
from graphtools.lint.rules._wording import listed
from graphtools.lint.rules.declarations import is_gone
from graphtools.lint.subject import Subject
from graphtools.ops.definitions import op_definition

#: From so many nodes on that are alike, one finding stands for all.
ALIKE = 4


@per_subject
def verdict_of(subject: Subject) -> Verdict | None:
    """What the converter is expected to make of a graph; None where its outputs are not there."""
    try:
        return subject.verdict
    except UnknownName:  # a signature names an output that is not there, which is reported
        return None


@per_subject
def blockers_of(subject: Subject) -> tuple[Blocker, ...]:
    """What blocks, without what other rules say: variables, ops that TensorFlow lacks, and nodes
    that TensorFlow itself refuses.
    """
    verdict = verdict_of(subject)
    refused = {fault.node.name for fault in faults(subject)}
    refused |= {finding.node for finding in subject.inference.findings}
    return tuple(
        b
        for b in (verdict.blockers if verdict else ())
        if not is_of_variable(b.op)
        and not (b.kind == "unsupported" and b.node in refused)
        and not is_gone(b.op, subject.tf_version)
        and (op_definition(b.op) is not None or is_made_for_tflite(subject, b))
    )


def is_of_variable(op: str) -> bool:
    """Whether an op makes, reads or changes a variable, as the converter looks for them."""
    return op.startswith("Variable") or op.endswith("VariableOp") or op in VARIABLE_OPS


def is_made_for_tflite(subject: Subject, blocker: Blocker) -> bool:
    """Whether a node is meant to become a custom operator."""
    node = subject.graph.get(blocker.node)
    return blocker.op in KNOWN or (node is not None and is_custom_op(node))


def found_for(
    subject: Subject,
    is_meant: Callable[[Blocker], bool],
    severity_of: Callable[[Blocker], str] = lambda _: "",
) -> Iterator[Found]:
    """The findings for some of the blockers; many that are alike make one."""
    groups: dict[tuple[str, str, str], list[Blocker]] = {}
    for blocker in blockers_of(subject):
        if is_meant(blocker):
            key = (blocker.op, blocker.reason, blocker.kind)
            groups.setdefault(key, []).append(blocker)
    for group in groups.values():
        first = group[0]
        severity = severity_of(first)
        if len(group) < ALIKE:
            for b in group:
                yield Found(b.node, b.reason, b.remedy, severity, op=b.op)
            continue
        names = listed(b.node for b in group)
        message = f"{first.reason} ({len(group):,} nodes: {names})"
        yield Found(first.node, message, first.remedy, severity, op=first.op)
