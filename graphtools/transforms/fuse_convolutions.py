"""fuse_convolutions."""

from __future__ import annotations

from graphtools.graph.graph import Graph
from graphtools.rewrite.driver import apply_rules
from graphtools.rewrite.transform import Job, Transform
from graphtools.transforms._fusing import (
    ANY_BATCH,
    EXPLICIT,
    known_shapes,
    pad_rules,
    resize_pad_rules,
    resize_rules,
)


def run(graph: Graph, job: Job) -> None:
    """Fuse resizing and padding into convolutions, as far as possible."""
    shapes = known_shapes(graph)
    rules = [
        *resize_pad_rules(job, shapes),
        *resize_rules(graph, job, shapes),
        *pad_rules(job, shapes),
    ]
    apply_rules(graph, rules, job)


TRANSFORM = Transform(
    "fuse_convolutions",
    run,
    """Fuse resizing and padding into the convolutions that follow.

    The three of fuse_resize_pad_and_conv, fuse_resize_and_conv and fuse_pad_and_conv. (The original
    names it in its manual, and does not have it.)
    """,
    "fuse_convolutions",
    (EXPLICIT, ANY_BATCH),
)
