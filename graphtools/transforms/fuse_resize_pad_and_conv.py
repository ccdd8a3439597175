"""fuse_resize_pad_and_conv."""

from __future__ import annotations

from graphtools.graph.graph import Graph
from graphtools.rewrite.driver import apply_rules
from graphtools.rewrite.transform import Job, Transform
from graphtools.transforms._fusing import ANY_BATCH, known_shapes, resize_pad_rules


def run(graph: Graph, job: Job) -> None:
    """Fuse resizing and padding into convolutions."""
    apply_rules(graph, resize_pad_rules(job, known_shapes(graph)), job)


TRANSFORM = Transform(
    "fuse_resize_pad_and_conv",
    run,
    """Fuse bilinear resizing and the padding behind it into the convolution that follows.

    ResizeBilinear, MirrorPad and Conv2D become FusedResizeAndPadConv2D, which TensorFlow has for
    the CPU. Run it before fuse_pad_and_conv and fuse_resize_and_conv, or all three as
    fuse_convolutions.

    Only where the batch is known to be one image, or any_batch is set: TensorFlow's kernels compute
    the first image of a batch, and garbage for the others.

    Not fused, and reported, is what these do not fuse either.
    """,
    "fuse_resize_pad_and_conv",
    (ANY_BATCH,),
)
