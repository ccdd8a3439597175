"""What is handed over to other programs, as documents."""

from __future__ import annotations

import dataclasses
import shlex

from graphtools.report.document import Commands, Document, Facts, Heading, Items, size
from graphtools.wording import counted


@dataclasses.dataclass(frozen=True)
class EventFile:
    """An event file that was written for TensorBoard.

    Attributes:
        path: Where it is.
        logdir: The folder that TensorBoard is to be given.
        nodes: Number of nodes.
        emptied: Number of constants that were left without their values.
        bytes_left_out: Bytes of these values.
        others: Names of other event files in the folder.
    """

    path: str
    logdir: str
    nodes: int
    emptied: int
    bytes_left_out: int
    others: tuple[str, ...] = ()


def event_file_document(written: EventFile) -> Document:
    """What was written, and how to look at it."""
    document: Document = [
        Facts(
            [
                ("written", written.path),
                ("nodes", f"{written.nodes:,}, with the shapes of what they give"),
                (
                    "left out",
                    f"the values of {counted(written.emptied, 'constant')}, "
                    f"{size(written.bytes_left_out)}"
                    if written.emptied
                    else "nothing",
                ),
            ]
        )
    ]
    if written.others:
        others = f"{counted(len(written.others), 'other event file')}: TensorBoard shows the latest"
        document.append(Items([f"the folder has {others} graph"]))
    return [
        *document,
        Heading("Next"),
        Commands([f"tensorboard --logdir {shlex.quote(written.logdir)}"]),
    ]
