"""fuse_pad_and_conv."""

from __future__ import annotations

from graphtools.graph.graph import Graph
from graphtools.rewrite.driver import apply_rules
from graphtools.rewrite.transform import Job, Transform
from graphtools.transforms._fusing import ANY_BATCH, EXPLICIT, known_shapes, pad_rules


def run(graph: Graph, job: Job) -> None:
    """Fuse padding into convolutions."""
    apply_rules(graph, pad_rules(job, known_shapes(graph)), job)


TRANSFORM = Transform(
    "fuse_pad_and_conv",
    run,
    """Fuse padding into the convolution that follows.

    MirrorPad and Conv2D become FusedPadConv2D, which TensorFlow has for the CPU. Pad, and PadV2
    with zeros, go into Conv2D or DepthwiseConv2dNative itself, as padding=SAME where that adds the
    same zeros, else as padding=EXPLICIT. (The original takes MirrorPad only.)

    FusedPadConv2D is made only where the batch is known to be one image, or any_batch is set:
    TensorFlow's kernel computes the first image of a batch, and garbage for the others.

    Not fused, and reported, is padding whose result is used elsewhere, whose amounts are no
    constants, or that pads batch or channels; and before FusedPadConv2D what this op does not know:
    NCHW, dilations, groups, explicit padding. (The original fuses these, too, and changes what is
    computed, or makes a graph that fails.)
    """,
    "fuse_pad_and_conv",
    (EXPLICIT, ANY_BATCH),
)
