"""Ranked inputs and outputs as documents."""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.analysis.inputs_outputs import Candidate, InputsOutputs
from graphtools.report.document import Block, Document, Heading, Table, Text, shape


def io_document(io: InputsOutputs, *, everything: bool) -> Document:
    """Ranked inputs and outputs; those that are likely, or all."""
    inputs = io.inputs if everything else io.likely_inputs
    outputs = io.outputs if everything else io.likely_outputs
    return [
        *candidate_blocks("Inputs", inputs, io.inputs),
        *candidate_blocks("Outputs", outputs, io.outputs),
    ]


def candidate_blocks(
    title: str, shown: Sequence[Candidate], everything: Sequence[Candidate]
) -> list[Block]:
    """Ranked inputs or outputs as a table, with the number of those that are left out."""
    more = len(everything) - len(shown)
    blocks: list[Block] = [Heading(title)]
    if not shown:
        blocks.append(Text("  none that is likely"))
    else:
        rows = [
            (c.name, c.dtype or "?", shape(c.shape), c.op, f"{c.score:.2f}", c.reason)
            for c in shown
        ]
        blocks.append(Table(("name", "dtype", "shape", "op", "score", "reason"), rows, (4,)))
    if more:
        blocks.append(Text(f"  and {more:,} less likely (graphtools io FILE --all)"))
    return blocks
