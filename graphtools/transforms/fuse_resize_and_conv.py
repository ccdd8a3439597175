"""fuse_resize_and_conv."""

from __future__ import annotations

from graphtools.graph.graph import Graph
from graphtools.rewrite.driver import apply_rules
from graphtools.rewrite.transform import Job, Transform
from graphtools.transforms._fusing import ANY_BATCH, known_shapes, resize_rules


def run(graph: Graph, job: Job) -> None:
    """Fuse resizing into convolutions."""
    apply_rules(graph, resize_rules(graph, job, known_shapes(graph)), job)


TRANSFORM = Transform(
    "fuse_resize_and_conv",
    run,
    """Fuse bilinear resizing into the convolution that follows.

    ResizeBilinear and Conv2D become FusedResizeAndPadConv2D, which TensorFlow has for the CPU, with
    a constant `<convolution>_dummy_paddings` of zeros.

    Only where the batch is known to be one image, or any_batch is set: TensorFlow's kernels compute
    the first image of a batch, and garbage for the others.

    Not fused, and reported, is resizing whose result is used elsewhere, of images of another type
    than the convolution's, or with half_pixel_centers; and what the fused op does not know: NCHW,
    dilations, explicit padding. (The original looks at none of this, and changes what is computed.)
    """,
    "fuse_resize_and_conv",
    (ANY_BATCH,),
)
