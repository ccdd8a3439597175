"""Ops for which shapes must be known, or must agree, or must have few dimensions."""

from __future__ import annotations

from graphtools.compat.judgement import BUILTIN, Failure, Judgement
from graphtools.compat.site import Site, rule
from graphtools.ops.dims import Dims, elements, is_known


@rule("Split")
def split(site: Site) -> Judgement:
    """The rank of split_dim must be known."""
    return "the rank of split_dim is unknown" if site.input(0) is None else None


@rule("SplitV")
def split_by_sizes(site: Site) -> Judgement:
    """The sizes must have one dimension; at others the converter crashes."""
    if site.rank(1) not in (None, 1):
        reason = f"its sizes have {site.rank(1)} dimensions, not one: the import aborts"
        return Failure("crash", reason, "TensorFlow refuses it, too: give one size a part")
    return None


@rule("DynamicStitch", "ParallelDynamicStitch")
def stitch(site: Site) -> Judgement:
    """Constant indices make it a gather; the shapes of the data must be known."""
    for position in site.positions_of("data"):
        if not is_known(site.input(position)):
            return "the shape of its data is not known"
    return None


@rule("NonMaxSuppressionV3", "NonMaxSuppressionV4", "NonMaxSuppressionV5")
def non_max_suppression(site: Site) -> Judgement:
    """It must be known that boxes have 4 coordinates."""
    boxes = site.input(0)
    if boxes is None or len(boxes) != 2 or boxes[1] is None:
        return "it is not known that its boxes have 4 coordinates"
    return None


@rule("SoftmaxCrossEntropyWithLogits")
def cross_entropy(site: Site) -> Judgement:
    """It is lowered to a LogSoftmax and sums, if the ranks of logits and labels are known."""
    if not site.dims_of(0) or not site.dims_of(1):
        return "the rank of its logits or labels is unknown, or 0"
    return None


@rule("SparseSoftmaxCrossEntropyWithLogits")
def sparse_cross_entropy(site: Site) -> Judgement:
    """It is lowered with a OneHot, for which the shape of the logits must be known."""
    if not site.dims_of(0) or not is_known(site.dims_of(0)):
        return "the shape of its logits is not known"
    if site.input(1) is None:
        return "the rank of its labels is unknown"
    return None


@rule("Lgamma")
def log_gamma(site: Site) -> Judgement:
    """It is lowered to a polynomial; with an unknown rank the converter fails."""
    if site.input(0) is None:
        return Failure("error", "the rank of its input is unknown, at which the converter fails")
    return None


@rule("Atan2")
def arc_tangent(site: Site) -> Judgement:
    """The converter fails where the first input would have to be broadcast, or the second."""
    left, right = site.input(0), site.input(1)
    if left != site.output_shape or _differ(left, right):
        return Failure(
            "error",
            "its inputs are of different shapes: the converter fails",
            "broadcast them before, with BroadcastTo",
        )
    return None


def _differ(left: Dims, right: Dims) -> bool:
    """Whether two shapes are known not to be the same."""
    if left is None or right is None:
        return False
    if len(left) != len(right):
        return True
    pairs = zip(left, right, strict=True)
    return any(a != b for a, b in pairs if a is not None and b is not None)


@rule("SigmoidGrad", "TanhGrad", "SqrtGrad", "RsqrtGrad")
def gradient(site: Site) -> Judgement:
    """The converter fails where the inputs are of different shapes."""
    if _differ(site.input(0), site.input(1)):
        return Failure("error", "its inputs are of different shapes: the converter fails")
    return None


@rule("SeluGrad")
def selu_gradient(site: Site) -> Judgement:
    """It is lowered if the shape of the gradients is known."""
    return None if is_known(site.input(0)) else "the shape of its input is not known"


@rule("ToBool")
def to_bool(site: Site) -> Judgement:
    """It is a comparison, or a question of the shape, where the rank is known."""
    return "the rank of its input is unknown" if site.input(0) is None else None


@rule("ConcatV2", "Concat")
def concatenation(site: Site) -> Judgement:
    """The axis must be constant, and only then do types matter.

    Parts without elements are left out: of one other part nothing is left to do, of several the
    converter makes a CONCATENATION whatever their type, and fails where TFLite does not take it.
    """
    position = 0 if site.node.op == "Concat" else len(site.sources) - 1
    if not site.is_constant(position):
        return "the axis is not constant, as TFLite's CONCATENATION wants it"
    if site.types_fit():
        return None
    parts = [elements(site.dims_of(i)) for i in range(len(site.sources)) if i != position]
    if 0 not in parts:
        return None
    if sum(size != 0 for size in parts) == 1:
        return BUILTIN
    return Failure("error", f"T={site.type_attr('T')}: it fails where an empty part is left out")


@rule("GatherV2")
def gather(site: Site) -> Judgement:
    """The axis must be constant; strings must stand in a list."""
    if not site.is_constant(2):
        return "the axis is not constant, as TFLite's GATHER wants it"
    if site.type_attr("Tparams") == "string" and site.rank(0) in (None, 0, 1):
        return BUILTIN
    return None


@rule("Gather")
def gather_rows(site: Site) -> Judgement:
    """Strings must stand in a list."""
    if site.type_attr("Tparams") == "string" and site.rank(0) in (None, 0, 1):
        return BUILTIN
    return None


@rule("MatrixDiagV2", "MatrixDiagV3")
def matrix_diagonal(site: Site) -> Judgement:
    """TFLite's MATRIX_DIAG sets the main diagonal of a matrix of the least size."""
    for position, wanted in ((1, 0), (2, -1), (3, -1), (4, 0)):
        if not site.all_equal(position, wanted):
            name = ("", "k", "num_rows", "num_cols", "padding_value")[position]
            return f"{name} is not the constant {wanted}, as TFLite's MATRIX_DIAG wants it"
    return None


@rule("MatrixSetDiagV2", "MatrixSetDiagV3")
def set_diagonal(site: Site) -> Judgement:
    """TFLite's MATRIX_SET_DIAG sets the main diagonal."""
    if not (site.rank(2) == 0 and site.all_equal(2, 0)):
        return "k is not the constant 0, as TFLite's MATRIX_SET_DIAG wants it"
    return None


#: The most entries of a slice that its masks speak of.
_MASKED = 32


@rule("StridedSlice")
def strided_slice(site: Site) -> Judgement:
    """TFLite's STRIDED_SLICE takes up to 6 dimensions, new ones included.

    With strides of 1 it becomes a SLICE, at which the converter fails for int16. Strides of 0 it
    refuses. Those of 64 bits it reads wrongly where it fills in an ellipsis, as a 0 mostly.

    New axes are made by a RESHAPE before it, for which at most one dimension may be unknown; the
    operator itself makes them where entries are no more than dimensions, without an ellipsis.
    """
    strides = site.constant_values(3)
    if strides is not None and 0 in strides:
        return Failure("error", "a stride is 0, which the converter refuses")
    rank, ellipsis = site.rank(0), site.int_attr("ellipsis_mask")
    if ellipsis and rank is not None and site.type_attr("Index") == "int64":
        steps = strides is not None and any(stride != 1 for stride in strides)
        if steps and site.is_constant(1) and site.is_constant(2):
            reason = "an ellipsis among strides of int64, which the converter reads wrongly"
            return Failure("error", reason, "give begin, end and strides as int32")
    entries = (site.dims_of(1) or (_MASKED,))[0] or _MASKED
    new = site.int_attr("new_axis_mask") & ~ellipsis & ((1 << min(entries, _MASKED)) - 1)
    new = bin(new).count("1")
    if rank is not None and new and rank + new > 6:
        return f"rank {rank + new} with its new axes: TFLite takes up to 6 dimensions"
    is_open = rank is not None and (site.dims_of(0) or ()).count(None) > 1
    if new and is_open and rank is not None and (entries > rank or ellipsis):
        return "new axes among several dimensions that are not known"
    if site.type_attr("T") == "int16":
        if site.is_constant(3) and site.all_equal(3, 1):
            return Failure("error", "T=int16: the converter fails where it makes a SLICE of it")
        return BUILTIN if rank is None or rank <= 6 else f"rank {rank}: TFLite takes up to 6"
    return None


@rule("_SwitchN")
def switch_of_several(site: Site) -> Judgement:
    """Of two branches the converter makes an If, and fails at a number that decides."""
    if site.int_attr("num_outs") == 2:
        return Failure("error", "a number decides between two branches", "decide by a bool")
    return None
