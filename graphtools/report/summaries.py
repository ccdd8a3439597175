"""Summaries as documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphtools.analysis.sizes import Size
from graphtools.idioms.side_effects import NEVER, UNKNOWN, Effect
from graphtools.report.document import Block, Commands, Document, Facts, Heading, Table, Text, size
from graphtools.report.inputs_outputs import candidate_blocks
from graphtools.wording import and_others, counted

if TYPE_CHECKING:
    from graphtools.analysis.checkpoint_summary import CheckpointSummary
    from graphtools.analysis.graph_summary import GraphSummary
    from graphtools.analysis.metagraph_summary import MetaGraphSummary
    from graphtools.analysis.model_costs import Macs
    from graphtools.analysis.summary import Summary
    from graphtools.analysis.traits import Evidence

_TOP = 12
#: Ops and attributes that are told.
_NAMED = 3


def summary_document(summary: Summary) -> Document:
    """What a file is and what is in it."""
    encoding = f" ({summary.encoding})" if summary.encoding else ""
    total = f", {size(summary.bytes)}" if summary.bytes else ""
    document: Document = [Heading(f"{summary.path}: {summary.kind}{encoding}{total}")]
    if summary.graph:
        document += _graph(summary.graph)
    for meta in summary.meta_graphs:
        document += _meta_graph(meta)
    if summary.checkpoint:
        document += _checkpoint(summary.checkpoint)
    if summary.tflite:
        from graphtools.report.tflite_summaries import tflite_blocks

        document += tflite_blocks(summary.tflite)
    if summary.records:
        from graphtools.report.records import record_blocks

        document += record_blocks(summary.records)
    if summary.next:
        document += [Heading("Next"), Commands(summary.next)]
    return document


def _graph(graph: GraphSummary) -> list[Block]:
    written = graph.written_by or "not recorded"
    if graph.producer:
        written = f"{written} (GraphDef version {graph.producer})".removeprefix(" ")
    facts = [
        ("written by", written),
        *([("needs", _needs(graph))] if graph.needs else []),
        (
            "nodes",
            f"{graph.nodes:,} of {counted(len(graph.ops), 'op')}, "
            f"{counted(graph.control_edges, 'control edge')}",
        ),
    ]
    if graph.functions:
        facts.append(
            ("functions", f"{graph.functions:,} with {counted(graph.function_nodes, 'node')}")
        )
    facts += [
        ("frozen", _frozen(graph)),
        *([("MACs", _work(graph.work))] if graph.work else []),
        ("for training", _evidence(graph.traits.training_evidence, graph.traits.training)),
        (
            "quantization-aware",
            _evidence(graph.traits.quantization_evidence, graph.traits.quantization_aware),
        ),
        ("devices", _devices(graph.devices)),
        ("invalid inputs", _defects(graph)),
    ]
    facts += [("does more", text) for text in [_effects(graph.effects)] if text]
    blocks: list[Block] = [Facts(facts)]
    blocks += candidate_blocks("Likely inputs", graph.io.likely_inputs, graph.io.inputs)
    blocks += candidate_blocks("Likely outputs", graph.io.likely_outputs, graph.io.outputs)
    blocks += _histogram(graph.ops, graph.function_ops)
    blocks += sizes_blocks("Constants and variables by dtype", "dtype", graph.by_dtype)
    what = "Variables" if graph.variables.count else "Constants"
    blocks += sizes_blocks(f"{what} by scope", "scope", graph.by_scope)
    return blocks


def _needs(graph: GraphSummary) -> str:
    least = [*graph.needed_for[:_NAMED], *["..."] * (len(graph.needed_for) > _NAMED)]
    return f"at least TensorFlow {graph.needs}, because of {', '.join(least)}"


def _frozen(graph: GraphSummary) -> str:
    if graph.traits.frozen:
        return f"yes, {counted(graph.constants.elements, 'value')} in constants"
    return (
        f"no, {counted(graph.variables.count, 'variable')} with "
        f"{counted(graph.variables.elements, 'parameter')}"
    )


def _effects(effects: Sequence[Effect]) -> str:
    """What is done beside computing at some time, the first of it by name; empty for nothing."""
    done = [e for e in effects if e.when != NEVER and e.kind != UNKNOWN]
    return f"{done[0]}{and_others(done)} (all: graphtools lint --target untrusted)" if done else ""


def _work(work: Macs) -> str:
    batch = "with a batch of 1" if work.batch_assumed else "for the shapes that it states"
    return f"{work.macs:,} {batch} (where: graphtools size)"


def _evidence(evidence: dict[str, Evidence], holds: bool) -> str:
    found = ", ".join(f"{what} ({e.count:,})" for what, e in list(evidence.items())[:6])
    if holds:
        return f"yes: {found}"
    return f"no, but it has {found}" if found else "no"


def _devices(devices: dict[str, int]) -> str:
    if list(devices) in ([], [""]):
        return "none set"
    return ", ".join(f"{device or 'not set'} ({n:,})" for device, n in list(devices.items())[:6])


def _defects(graph: GraphSummary) -> str:
    if not graph.defects:
        return "none"
    return graph.defects[0].message + and_others(graph.defects)


def _histogram(ops: dict[str, int], function_ops: dict[str, int]) -> list[Block]:
    if not ops:
        return []
    rows = [(op, f"{n:,}") for op, n in list(ops.items())[:_TOP]]
    more = len(ops) - _TOP
    if more > 0:
        rest = sum(list(ops.values())[_TOP:])
        rows.append((f"({more:,} more ops)", f"{rest:,}"))
    blocks: list[Block] = [Heading("Ops"), Table(("op", "nodes"), rows, (1,))]
    if function_ops:
        inner = ", ".join(f"{op} ({n:,})" for op, n in list(function_ops.items())[:_TOP])
        blocks.append(Text(f"  in functions: {inner}"))
    return blocks


def sizes_blocks(title: str, what: str, sizes: dict[str, Size]) -> list[Block]:
    """Sizes by some key as a table, the largest first."""
    if not sizes:
        return []
    items = list(sizes.items())
    rows = [(key, f"{s.count:,}", f"{s.elements:,}", size(s.bytes)) for key, s in items[:_TOP]]
    if len(items) > _TOP:
        rest = sum((s for _, s in items[_TOP:]), Size())
        rows.append(
            (f"({len(items) - _TOP:,} more)", f"{rest.count:,}", f"{rest.elements:,}",
             size(rest.bytes))
        )  # fmt: skip
    return [Heading(title), Table((what, "tensors", "elements", "bytes"), rows, (1, 2, 3))]


def _meta_graph(meta: MetaGraphSummary) -> list[Block]:
    blocks: list[Block] = []
    if meta.tags:
        blocks.append(Heading(f"Meta graph {{{','.join(meta.tags)}}}"))
    facts = [("TensorFlow", meta.tensorflow_version or "not recorded")]
    if meta.has_objects:
        facts.append(("objects", "written by TensorFlow 2, with a graph of objects"))
    if meta.init_op:
        facts.append(("init op", meta.init_op))
    if meta.assets:
        facts.append(("assets", ", ".join(sorted(set(meta.assets.values())))))
    if meta.collections:
        facts.append(
            ("collections", ", ".join(f"{name} ({n:,})" for name, n in meta.collections.items()))
        )
    blocks.append(Facts(facts))
    named = [s.key for s in meta.signatures if not s.is_internal]
    if named:
        blocks.append(Text(f"  signatures: {', '.join(named)} (see graphtools signatures)"))
    return blocks + _graph(meta.graph)


def _checkpoint(checkpoint: CheckpointSummary) -> list[Block]:
    facts = [
        ("format", checkpoint.version + (", object-based" if checkpoint.object_based else "")),
        ("data files", f"{checkpoint.shards:,}"),
        ("tensors", f"{checkpoint.tensors:,} with {counted(checkpoint.size.elements, 'element')}"),
        ("optimizer slots", f"{checkpoint.optimizer_slots:,}"),
        ("moving averages", f"{checkpoint.moving_averages:,}"),
    ]
    if checkpoint.note:
        facts.append(("note", checkpoint.note))
    if checkpoint.missing:
        facts.append(("missing", ", ".join(checkpoint.missing) + ": values cannot be read"))
    facts += [("damaged", problem) for problem in checkpoint.problems]
    blocks: list[Block] = [Facts(facts)]
    blocks += sizes_blocks("Tensors by dtype", "dtype", checkpoint.by_dtype)
    blocks += sizes_blocks("Tensors by scope", "scope", checkpoint.by_scope)
    return blocks
