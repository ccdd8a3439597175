"""What converts to TFLite, as documents."""

from __future__ import annotations

from collections import Counter

from graphtools.compat.op_rules import OpRules, TypeSet
from graphtools.compat.placement import Placement
from graphtools.compat.verdict import Verdict
from graphtools.report.document import Document, Facts, Heading, Items, Table, Text
from graphtools.wording import counted

#: What a verdict of a node says, in the order in which they are shown.
_MEANINGS = {
    "crash": "crashes the converter",
    "error": "fails in the converter",
    "unsupported": "refused",
    "unknown": "unknown op",
    "custom": "needs a custom operator",
    "flex": "needs Select TF ops",
    "builtin": "builtin",
    "folded": "computed by the converter",
}


def verdict_document(found: Verdict) -> Document:
    """Whether a graph converts, its ops with their verdicts, and what stands in the way."""
    document: Document = [Text(_conclusion(found))]
    groups = Counter((n.op, n.verdict, n.reason) for n in found.nodes)
    order = list(_MEANINGS)
    rows = [
        (op, f"{number:,}", _MEANINGS[verdict], reason)
        for (op, verdict, reason), number in sorted(
            groups.items(), key=lambda item: (order.index(item[0][1]), -item[1], item[0])
        )
    ]
    if rows:
        document.append(Table(("op", "nodes", "verdict", "reason"), rows, (1,)))
    if found.blockers:
        document.append(Heading(counted(len(found.blockers), "blocker")))
        lines = [(b.node, b.op, b.kind, b.reason, b.remedy) for b in found.blockers]
        document.append(Table(("node", "op", "kind", "reason", "remedy"), lines))
    if found.warnings:
        document.append(Heading("An interpreter will not take the converted model"))
        document.append(Items(found.warnings))
    return document


def _conclusion(found: Verdict) -> str:
    converter = f"the converter of TensorFlow {found.tf_version}"
    if found.builtins:
        return f"It converts with {converter}, with TFLite's builtin operators only."
    if found.select:
        return f"It converts with {converter} only where Select TF ops are allowed."
    return f"It does not convert with {converter}, not even with Select TF ops."


#: What a target is called.
_TARGETS = {
    "tflite": "LiteRT", "edgetpu": "the Edge TPU", "gpu": "the GPU", "micro": "TFLite Micro"
}  # fmt: skip


def placement_document(found: Placement) -> Document:
    """Which operators of a model run on a target, by op and reason, in the order of execution."""
    total, left = len(found.operators), found.left
    name = _TARGETS[found.target]
    if not left:
        conclusion = f"All {counted(total, 'operator')} run on {name}."
    else:
        conclusion = f"{total - left:,} of {counted(total, 'operator')} run on {name}"
        if found.macs:
            share = 100 * (found.macs - found.left_macs) / found.macs
            conclusion += f", with {share:.1f} % of the multiply-accumulates"
        conclusion += "."
    if found.pieces > 1 and found.first_left >= 0:
        end = found.operators[found.first_left]
        which = "first" if found.target == "edgetpu" else "largest"
        conclusion += (
            f" The {which} of {found.pieces:,} pieces ends before {end.tensor!r} ({end.op})."
        )
    groups: dict[tuple[str, str, str], list[int]] = {}
    for place in found.operators:
        key = (place.op, place.runs_on, place.reason)
        groups.setdefault(key, []).append(place.macs)
    rows = [
        (op, f"{len(macs):,}", where, f"{sum(macs):,}", reason)
        for (op, where, reason), macs in sorted(groups.items(), key=lambda item: bool(item[0][2]))
    ]
    head = ("op", "operators", "runs on", "MACs", "reason")
    return [Text(conclusion), Table(head, rows, (1, 3))]


def op_rules_document(found: OpRules) -> Document:
    """When an op converts."""
    if not found.is_known:
        return [Text(f"TensorFlow {found.tf_version} has no op {found.op}.")]
    select = "can run it" if found.flex else "cannot run it: a custom operator would be needed"
    facts = [
        ("op", found.op),
        ("TensorFlow", found.tf_version),
        ("Select TF ops", select),
        ("builtin", _types(found, "builtin") or "never by types alone"),
    ]
    for outcome in ("error", "crash"):
        text = _types(found, outcome)
        if text:
            facts.append((f"{outcome} of the converter", text))
    facts += [(f"rank of input {n}", f"up to {rank}") for n, rank in found.ranks.items()]
    if found.constant:
        facts.append(("must be constant", ", ".join(found.constant)))
    facts += [(f"not builtin with {name}", ", ".join(v)) for name, v in found.lost.items()]
    document: Document = [Facts(facts)]
    if found.rule:
        document.append(Text(" ".join(found.rule.split()), wrapped=True))
    return document


def _types(found: OpRules, outcome: str) -> str:
    return "; or ".join(_set(s) for s in found.types if s.outcome == outcome)


def _set(types: TypeSet) -> str:
    if not types.types:
        return "always"
    return ", ".join(f"{name}: {' '.join(values)}" for name, values in types.types.items())
