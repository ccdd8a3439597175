"""Numeric verification of rewrites as documents."""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.report.document import Document, Facts, Heading, Items, Table, Text, shape
from graphtools.verify.comparison import TensorComparison
from graphtools.verify.feeds import FedInput
from graphtools.verify.verify_rewrite import (
    Bisection,
    Culprit,
    Verification,
    VerifiedStep,
)
from graphtools.wording import and_more, counted

#: Names that are listed of many.
_MOST_NAMES = 3


def verification_document(found: Verification) -> Document:
    """Whether a rewritten graph computes the same as the original, output by output."""
    document: Document = [_fed(found.inputs, found.source)]
    if found.problem:
        verdict = f"The rewritten graph does not run. {found.problem}"
    elif not found.equal:
        number = sum(not c.equal for c in found.outputs)
        verdict = (
            f"The rewritten graph does not compute the same: {counted(number, 'output')} differ"
        )
        verdict += "s" if number == 1 else ""
    elif all(c.bit_equal for c in found.outputs):
        verdict = "The rewritten graph computes the same, bit by bit"
    else:
        verdict = "The rewritten graph computes the same, within the tolerance"
    if found.outputs:
        columns = ("output", "shape", "max abs", "max relative", "result")
        rows = [(c.name, shape(c.shape_before), *_errors([c]), _result([c])) for c in found.outputs]
        document.append(Table(columns, rows, (2, 3)))
    document += _remarks(found.remarks)
    return [*document, Text(f"{verdict} ({_tolerance(found.rtol, found.atol)})")]


def bisection_document(found: Bisection) -> Document:
    """Which transform of a pipeline changes the outputs, and where."""
    rows = [(s.step, f"{s.edits:,}", *_errors(s.outputs), _step_result(s)) for s in found.steps]
    rows += [(step, "", "", "", "not tried") for step in found.untried]
    columns = ("transform", "edits", "max abs", "max relative", "outputs")
    document: Document = [_fed(found.inputs, found.source)]
    if rows:
        document.append(Table(columns, rows, (1, 2, 3)))
    document += _remarks(found.remarks)
    tolerance = _tolerance(found.rtol, found.atol)
    if found.culprit is None:
        return [*document, Text(f"No transform changes the outputs ({tolerance})")]
    return [*document, *_culprit_document(found.culprit, tolerance)]


def _culprit_document(culprit: Culprit, tolerance: str) -> Document:
    document: Document = [Heading(f"{culprit.step} changes the outputs ({tolerance})")]
    if culprit.problem:
        document = [Heading(f"{culprit.step} leaves a graph that does not run")]
        document.append(Text(culprit.problem))
    elif not culprit.node:
        return [*document, Text("No single node of both graphs can be told to be the first.")]
    if not culprit.node:
        return document
    facts = [("node" if culprit.problem else "first node that differs", culprit.node)]
    if culprit.op_before == culprit.op_after:
        facts.append(("op", culprit.op_after))
    else:
        facts += [("op before", culprit.op_before or "(not there)")]
        facts += [("op after", culprit.op_after or "(not there)")]
    if culprit.inputs_before == culprit.inputs_after:
        facts.append(("inputs", _names(culprit.inputs_after)))
    else:
        facts.append(("inputs before", _names(culprit.inputs_before)))
        facts.append(("inputs after", _names(culprit.inputs_after)))
    if culprit.rewritten:
        facts.append(("rewritten before it", _names(culprit.rewritten)))
    if culprit.comparison is not None:
        largest, relative = _errors([culprit.comparison])
        facts.append(("its value", culprit.comparison.difference))
        if largest:
            facts += [("max abs", largest), ("max relative", relative)]
        facts.append(("in all", f"{culprit.differing:,} of {culprit.compared:,} tensors differ"))
    return [*document, Facts(facts)]


def _names(names: Sequence[str]) -> str:
    return (", ".join(names[:_MOST_NAMES]) or "none") + and_more(len(names) - _MOST_NAMES)


def _fed(inputs: Sequence[FedInput], source: str) -> Text:
    shown = ", ".join(f"{i.name} {i.dtype} {shape(i.shape)}" for i in inputs)
    return Text(f"Fed: {shown} ({source})" if shown else "Fed: nothing")


def _tolerance(rtol: float, atol: float) -> str:
    return f"rtol {rtol:g}, atol {atol:g}"


def _remarks(remarks: Sequence[str]) -> Document:
    return [Items(remarks)] if remarks else []


def _errors(compared: Sequence[TensorComparison]) -> tuple[str, str]:
    """The largest absolute and relative errors, empty where there are none to tell."""
    largest = [c.max_abs for c in compared if c.max_abs is not None]
    relative = [c.max_relative for c in compared if c.max_relative is not None]
    return (f"{max(largest):.3g}" if largest else "", f"{max(relative):.3g}" if relative else "")


def _result(compared: Sequence[TensorComparison]) -> str:
    if all(c.bit_equal for c in compared):
        return "bit-equal"
    wrong = next((c for c in compared if not c.equal), None)
    if wrong is None:
        return "same"
    where = f"{wrong.name}: " if len(compared) > 1 else ""
    return f"DIFFERENT ({where}{wrong.difference})"


def _step_result(step: VerifiedStep) -> str:
    if step.problem:
        return "DOES NOT RUN"
    return "nothing changed" if not step.edits else _result(step.outputs)
