"""Findings from what the TFLite converter is expected to say of a graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from graphtools.compat.prediction import Blocker, Verdict
from graphtools.errors import UnknownName
from graphtools.findings.rule import Found
from graphtools.graph.following import reach
from graphtools.graph.ref import producer
from graphtools.graph.variables import UPDATES, VARIABLE_OPS
from graphtools.idioms.batch_norm import BATCH_NORMS
from graphtools.lint.rules._aspects import CONSTANT, aspect_of
from graphtools.lint.rules._custom_ops import KNOWN, is_custom_op
from graphtools.lint.rules._memory import per_subject
from graphtools.lint.rules._wording import as_sentence, listed
from graphtools.lint.rules.declarations import is_gone
from graphtools.lint.subject import Subject
from graphtools.ops.definitions import attribute_value, op_definition

#: From so many nodes on that are alike, one finding stands for all.
ALIKE = 4
#: Between a variable and what reads it are a few nodes; further away is not looked.
_FAR = 100
_FOR_INFERENCE = (
    "It is part of training: build the graph for inference (is_training=False; a quantized one "
    "with create_eval_graph), and freeze that with the same checkpoint."
)


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
    refused = {defect.place for defect in subject.defects}
    has_variables = any(subject.nodes_of(*VARIABLE_OPS))
    return tuple(
        b
        for b in (verdict.blockers if verdict else ())
        if not is_of_variable(b.op)
        and not (has_variables and _waits_for_freezing(subject, b))
        and not (b.kind == "unsupported" and b.node in refused)
        and not is_gone(b.op, subject.tensorflow)
        and (op_definition(b.op) is not None or is_made_for_tflite(subject, b))
    )


def is_of_variable(op: str) -> bool:
    """Whether an op makes, reads or changes a variable, as the converter looks for them."""
    return op.startswith("Variable") or op.endswith("VariableOp") or op in VARIABLE_OPS


def _waits_for_freezing(subject: Subject, blocker: Blocker) -> bool:
    """Whether an input is not constant only because it is computed from variables.

    That the graph is not frozen is a finding of its own, and freezing makes such inputs constant.
    """
    if aspect_of(blocker) != CONSTANT:
        return False
    node = subject.graph.get(blocker.node)
    graph = subject.graph

    def sources(name: str) -> list[str]:
        source = graph.get(name)
        if source is None or source.op in VARIABLE_OPS:
            return []
        return [producer(text) for text in source.data_inputs]

    starts = [producer(text) for text in node.data_inputs[1:]] if node is not None else []
    has_variable = False
    for count, name in enumerate(reach(starts, sources)):
        source = graph.get(name)
        if source is None or source.op.startswith(UPDATES) or name in subject.input_nodes:
            return False
        is_variable = source.op in VARIABLE_OPS
        if count > _FAR or not (is_variable or source.data_inputs or source.op == "Const"):
            return False
        has_variable = has_variable or is_variable
    return has_variable


def _remedy(subject: Subject, blocker: Blocker) -> str:
    """What to do about a blocker; of one that is part of training, not what the converter says."""
    node = subject.graph.get(blocker.node)
    if node is None:
        return as_sentence(blocker.remedy)
    sources = [subject.source(node, position) for position in range(len(node.data_inputs))]
    trains = (
        blocker.op.startswith(UPDATES)
        or any(source is not None and source.op.startswith(UPDATES) for source in sources)
        or (node.op in BATCH_NORMS and attribute_value(node, "is_training") is True)
    )
    return _FOR_INFERENCE if trains else as_sentence(blocker.remedy)


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
                yield Found(b.node, b.reason, _remedy(subject, b), severity, op=b.op)
            continue
        names = listed(b.node for b in group)
        message = f"{first.reason} ({len(group):,} nodes: {names})"
        yield Found(first.node, message, _remedy(subject, first), severity, op=first.op)
