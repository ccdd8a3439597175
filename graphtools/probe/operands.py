"""What each op is given when the converter is probed: operands and attributes of a usual node.

A row names an op, its operands and its attributes:

    Conv2D  1,8,8,4 #3,3,4,2  strides=1,1,1,1 padding=SAME

| operand | stands for |
|---|---|
| `x` | an input of any rank, 4 where nothing else is tried: all its dimensions are 2 |
| `1,8,8,4` | an input of this shape; `.` is a scalar |
| `#3,3,4,2` | a constant of this shape |
| `=0` `=1,2` | a constant with these values, `=0` a scalar, `=1,` a vector of one |
| `=2x2:1,1,0,0` | a constant matrix with these values |
| `=zeros` `=ones` `=twos` | a 0, 1 or 2 for each dimension of x |
| `=perm` `=pads` `=grown` | n-1..0, n times a row 1,1, or n+1 times a 2, for the rank n of x |

Several ops may share a row. Ops without a row get operands by trial; see `_probe_cases`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

#: Rank of `x` where nothing else is tried.
USUAL_RANK = 4

ROWS = """
Abs Acos Acosh Angle Asin Asinh Atan Atanh Ceil CheckNumerics ComplexAbs Conj Cos Cosh Digamma  x
Elu Erf Erfc Erfinv Exp Expm1 Floor Identity Imag Inv Invert IsFinite IsInf IsNan L2Loss  x
LeakyRelu Lgamma Log Log1p LogicalNot LogSoftmax Ndtri Neg OnesLike PreventGradient Rank Real  x
Reciprocal Relu Relu6 Rint Round Rsqrt Selu Shape Sigmoid Sign Sin Sinh Size Snapshot Softmax  x
Softplus Softsign Sqrt Square StopGradient Tan Tanh ZerosLike Where BesselI0e BesselI1e  x
DeepCopy Bucketize AsString  x
LRN  1,4,4,4
Bitcast  x
Cast  x
EnsureShape  x
Add AddV2 ApproximateEqual Atan2 BitwiseAnd BitwiseOr BitwiseXor Complex Div DivNoNan Equal  x x
FloorDiv FloorMod Greater GreaterEqual Igamma Igammac LeftShift Less LessEqual LogicalAnd  x x
LogicalOr Maximum Minimum Mod Mul MulNoNan NextAfter NotEqual Pow RealDiv RightShift  x x
SquaredDifference Sub TruncateDiv TruncateMod Xdivy Xlog1py Xlogy Zeta Polygamma EluGrad  x x
LeakyReluGrad ReluGrad Relu6Grad SeluGrad SigmoidGrad SoftplusGrad SoftsignGrad SqrtGrad  x x
TanhGrad  x x
AddN Pack  x x
IdentityN  x
Select SelectV2  x x x
ClipByValue  x . .
All Any Max Mean Min Prod Sum EuclideanNorm  x =0,
ArgMax ArgMin Cumsum Cumprod CumulativeLogsumexp  x =0
Reshape  x =-1,
Transpose ConjugateTranspose  x =perm
ExpandDims  x =0
Squeeze  1,2,1,2
Pad  x =pads
MirrorPad  x =pads  mode=REFLECT
PadV2  x =pads .
Slice  x =zeros =ones
StridedSlice  x =zeros =ones =ones
Tile  x =twos
BroadcastTo  x =grown
Fill  =2,3 .
Range  . =6 =1
LinSpace  . =1 =4
OneHot  2 =4 . .
ReverseV2  x =0,
Reverse  2,2 =0,1
Roll  x =1, =0,
Concat  =0 x x
ConcatV2  x x =0
Split  =0 x  num_split=2
SplitV  x =1,1 =0  num_split=2
Unpack  x  num=2
Gather  x 2
GatherV2  x 2 =0
GatherNd  x 2,1
TopK  x  k=1
TopKV2  x =1
InvertPermutation Unique UniqueWithCounts  4
ReverseSequence  2,4,3 2  seq_dim=1
ScatterNd  3,1 3,2 =4,2
TensorScatterUpdate TensorScatterAdd TensorScatterSub TensorScatterMax TensorScatterMin  4,2 3,1 3,2
DynamicStitch ParallelDynamicStitch  =0,1 =2,3 2,2 2,2
DynamicPartition  4 4  num_partitions=2
SegmentSum SegmentMean SegmentMax SegmentMin SegmentProd  4,2 =0,0,1,1
UnsortedSegmentSum UnsortedSegmentMax UnsortedSegmentMin UnsortedSegmentProd  4,2 =0,0,1,1 =2
SparseToDense  3,2 =4,4 3 .
MatrixDiag  2,3
MatrixDiagV2  2,3 =0 =-1 =-1 =0
MatrixDiagV3  2,3 =0 =-1 =-1 =0
MatrixDiagPart  2,3,3
MatrixDiagPartV2 MatrixDiagPartV3  2,3,3 =0 =0
MatrixSetDiag  2,3,3 2,3
MatrixSetDiagV2 MatrixSetDiagV3  2,3,3 2,3 =0
MatrixBandPart  2,3,3 =0 =1
Diag  3
DiagPart  3,3
SpaceToDepth DepthToSpace  1,4,4,4  block_size=2
SpaceToBatch  1,4,4,2 =2x2:0,0,0,0  block_size=2
BatchToSpace  4,4,4,2 =2x2:0,0,0,0  block_size=2
SpaceToBatchND  1,4,4,2 =2,2 =2x2:0,0,0,0
BatchToSpaceND  4,4,4,2 =2,2 =2x2:0,0,0,0
MatMul SparseMatMul  3,4 4,5
BatchMatMul BatchMatMulV2 BatchMatMulV3  2,3,4 2,4,5
Einsum  3,4 4,5  equation=ab,bc->ac
BiasAdd  1,4,4,3 #3
BiasAddV1  1,4,4,3 #3
Conv2D  1,8,8,4 #3,3,4,2  strides=1,1,1,1 padding=SAME
Conv3D  1,4,4,4,2 #2,2,2,2,3  strides=1,1,1,1,1 padding=SAME
DepthwiseConv2dNative  1,8,8,4 #3,3,4,1  strides=1,1,1,1 padding=SAME
Conv2DBackpropInput  =1,8,8,4 #3,3,4,2 1,8,8,2  strides=1,1,1,1 padding=SAME
Conv3DBackpropInputV2  =1,4,4,4,2 #2,2,2,2,3 1,4,4,4,3  strides=1,1,1,1,1 padding=SAME
Dilation2D  1,4,4,2 #2,2,2  strides=1,1,1,1 rates=1,1,1,1 padding=SAME
AvgPool MaxPool MaxPoolWithArgmax  1,8,8,4  ksize=1,2,2,1 strides=1,2,2,1 padding=SAME
MaxPoolV2  1,8,8,4 =1,2,2,1 =1,2,2,1  padding=SAME
AvgPool3D MaxPool3D  1,4,4,4,2  ksize=1,2,2,2,1 strides=1,2,2,2,1 padding=SAME
FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3  1,4,4,3 #3 #3 #3 #3  is_training=false
ResizeBilinear ResizeNearestNeighbor ResizeBicubic ResizeArea  1,4,4,3 =8,8
CropAndResize  1,8,8,3 2,4 =0,0 =4,4
ExtractImagePatches  1,4,4,2  ksizes=1,2,2,1 strides=1,2,2,1 rates=1,1,1,1 padding=SAME
NonMaxSuppression  6,4 6 =3
NonMaxSuppressionV2  6,4 6 =3 =0.5
NonMaxSuppressionV3 NonMaxSuppressionV4  6,4 6 =3 =0.5 =0.5
NonMaxSuppressionV5  6,4 6 =3 =0.5 =0.5 =0.5
FakeQuantWithMinMaxArgs  x
FakeQuantWithMinMaxVars  x =-1.0 =1.0
FakeQuantWithMinMaxVarsPerChannel  1,4,4,2 =-1.0,-1.0 =1.0,1.0
QuantizeAndDequantize  x
QuantizeAndDequantizeV2 QuantizeAndDequantizeV4  x =-1.0 =1.0
QuantizeAndDequantizeV3  x =-1.0 =1.0 =8
RandomUniform RandomStandardNormal TruncatedNormal  =2,3
RandomUniformInt  =2,3 =0 =5
Multinomial  2,3 =3
StatelessRandomUniform StatelessRandomNormal StatelessTruncatedNormal  =2,3 =1,2
RFFT IRFFT  2,8 =8,
RFFT2D IRFFT2D  2,4,8 =4,8
FFT IFFT  2,8
Bincount  4 =4 4
SoftmaxCrossEntropyWithLogits  4,3 4,3
SparseSoftmaxCrossEntropyWithLogits  4,3 4
Empty  =2,3
"""


class Operand(NamedTuple):
    """One operand of a probed node.

    Attributes:
        dims: Its dimensions; None for one that can have any rank.
        values: Values of a constant, flat; None for an input.
        weights: Whether it is a constant of its shape, whatever the values.
        by_rank: Name of the constant that depends on the rank of the inputs; else empty.
    """

    dims: tuple[int, ...] | None
    values: tuple[float, ...] | None = None
    weights: bool = False
    by_rank: str = ""

    @property
    def constant(self) -> bool:
        """Whether it is a constant."""
        return self.values is not None or self.weights or bool(self.by_rank)

    def at_rank(self, rank: int) -> Operand:
        """The operand where inputs of any rank have this one."""
        if self.by_rank:
            dims, values = _BY_RANK[self.by_rank](rank)
            return Operand(dims, values)
        return self if self.dims is not None else Operand((2,) * rank)


_BY_RANK: dict[str, Callable[[int], tuple[tuple[int, ...], tuple[float, ...]]]] = {
    "perm": lambda n: ((n,), tuple(range(n))[::-1]),
    "pads": lambda n: ((n, 2), (1, 1) * n),
    "zeros": lambda n: ((n,), (0,) * n),
    "ones": lambda n: ((n,), (1,) * n),
    "twos": lambda n: ((n,), (2,) * n),
    "grown": lambda n: ((n + 1,), (2,) * (n + 1)),
}


class Row(NamedTuple):
    """What an op is given.

    Attributes:
        operands: Its operands.
        attrs: Its attributes as text.
    """

    operands: tuple[Operand, ...]
    attrs: tuple[tuple[str, str], ...]


@functools.cache
def rows() -> dict[str, Row]:
    """What the ops are given that have a row, by name."""
    found: dict[str, Row] = {}
    for line in ROWS.strip().splitlines():
        ops, operands, *rest = line.split("  ")
        attrs = tuple(a.partition("=")[::2] for a in " ".join(rest).split())
        row = Row(tuple(map(_operand, operands.split())), attrs)
        found.update(dict.fromkeys(ops.split(), row))
    return found


def _operand(text: str) -> Operand:
    if text == "x":
        return Operand(None)
    if text[0] == "#":
        return Operand(_dims(text[1:]), weights=True)
    if text[0] != "=":
        return Operand(_dims(text))
    if text[1:] in _BY_RANK:
        return Operand(None, by_rank=text[1:])
    shape, colon, listed = text[1:].rpartition(":")
    values = tuple(float(v) if "." in v else int(v) for v in listed.split(",") if v)
    if colon:
        return Operand(tuple(map(int, shape.split("x"))), values)
    return Operand((len(values),) if "," in listed else (), values)


def _dims(text: str) -> tuple[int, ...]:
    return () if text == "." else tuple(int(d) for d in text.split(","))
