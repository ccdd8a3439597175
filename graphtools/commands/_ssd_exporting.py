"""What the commands share that export an SSD for TFLite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphtools.commands._shared import progress, show

if TYPE_CHECKING:
    from graphtools.graph.graph import Graph
    from graphtools.transforms._ssd.settings import ExportOptions


def export_graph(
    graph: Graph,
    file: str,
    targets: Sequence[str],
    *,
    pipeline: str | None,
    options: ExportOptions,
    as_text: bool | None = None,
    as_json: bool = False,
) -> None:
    """Export a frozen graph, write it, say what was found.

    Args:
        graph: The frozen graph.
        file: Where it comes from.
        targets: Where the result goes; what to do next is said of the first.
        pipeline: The pipeline configuration.
        options: Options of the exporter.
        as_text: Whether to write text; by the targets' names if None.
        as_json: Whether to print JSON.
    """
    from graphtools.formats import save
    from graphtools.transforms._ssd.settings import read_settings
    from graphtools.transforms.export_ssd import export_ssd

    settings = read_settings(pipeline) if pipeline else None
    with progress(f"exporting {file}"):
        exported = export_ssd(graph, settings, options)
    for target in targets:
        with progress(f"writing {target}"):
            save(exported.graph, target, as_text=as_text)
    if "-" in targets:
        return
    show(exported.report, as_json, path=targets[0])


def read_size(text: str | None) -> tuple[int, int] | None:
    """Height and width as they are given: `300,300` or `300x300`.

    Raises:
        InvalidValue: It is no size.
    """
    from graphtools.errors import InvalidValue

    if text is None:
        return None
    parts = text.replace("x", ",").split(",")
    if len(parts) == 2 and all(p.strip().isascii() and p.strip().isdigit() for p in parts):
        return int(parts[0]), int(parts[1])
    raise InvalidValue(f"{text!r} is no size", "give height and width, as --input-size 300,300")
