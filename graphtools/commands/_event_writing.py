"""What the commands share that write event files for TensorBoard."""

from __future__ import annotations

from graphtools.commands._shared import progress, show


def write_event_file(
    file: str, logdir: str, *, tags: list[str] | None, weights: bool = False, as_json: bool
) -> None:
    """Write the graph of a file to a folder of TensorBoard's, and say so."""
    import os
    import time

    from graphtools.analysis.viewing_copy import viewing_copy
    from graphtools.formats import load
    from graphtools.formats.event_file import event_files, write_events
    from graphtools.report.viewing import EventFile

    with progress(f"reading {file}"):
        copy = viewing_copy(load(file, tags=tags), with_shapes=True, with_weights=weights)
    with progress(f"writing to {logdir}"):
        path = write_events(copy.graph, logdir, time.time())
    others = tuple(n for n in event_files(logdir) if n != os.path.basename(path))
    written = EventFile(path, logdir, len(copy.graph), copy.emptied, copy.bytes_left_out, others)
    show(written, as_json)
