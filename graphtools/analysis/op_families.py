"""Families of ops, for colours and totals: what an op is for, told by its name.

A few hundred ops matter in pictures, and their names follow patterns; so the families are patterns,
tried in order. TFLite's operators are looked for as TensorFlow would spell them, `CONV_2D` as
`Conv2D`. What no pattern knows is `other`; what TensorFlow has no definition of is `custom`.
"""

from __future__ import annotations

import functools
import re

from graphtools.ops.definitions import op_definition

_PATTERNS: tuple[tuple[str, str], ...] = (
    (
        "input",
        r"Placeholder.*|.*Iterator.*|_Arg|.*Dataset.*|.*Reader.*|ReadFile|Queue.*|.*QueueV\d",
    ),
    ("quantization", r"FakeQuant.*|Quantize.*|Dequantize|Requantiz.*|.*Quantized.*"),
    ("constant", r"Const|_HostConst|ImmutableConst"),
    (
        "variable",
        r"Variable.*|VarHandle(Op)?|ReadVariable|VarIsInitialized.*|.*VariableOp|Assign.*"
        r"|Save.*|Restore.*"
        r"|MergeV2Checkpoints|.*Checkpoint.*|IsVariableInitialized|Resource.*Apply.*|Apply.*",
    ),
    (
        "control flow",
        r"(Ref)?(Switch|Merge|Enter|Exit|NextIteration)|LoopCond|(Stateless)?(If|While|Case)"
        r"|.*PartitionedCall|TensorArray.*|TensorList.*|NoOp|ControlTrigger|Assert|_Retval",
    ),
    (
        "convolution",
        r"(Depthwise)?Conv\d?D.*|TransposeConv|DepthwiseConv2dNative.*|.*ConvBackprop.*|Dilation2D.*",
    ),
    (
        "matrix product",
        r"(Sparse|Batch)?MatMul.*|Einsum|_Fused(MatMul|Conv2D).*|LSTMBlock.*|.*GRUBlock.*"
        r"|CudnnRNN.*|BlockLSTM.*|FullyConnected|.*Lstm|.*Rnn|Svdf",
    ),
    (
        "normalization",
        r"FusedBatchNorm.*|BatchNorm.*|LRN.*|L2Loss|L2Normaliz.*|LocalResponseNormalization",
    ),
    (
        "activation",
        r"(Leaky|P)?Relu(6|N1To1|0To1)?|Prelu|Elu|Selu|Gelu|Sigmoid|Logistic|HardSwish|Tanh"
        r"|Soft(max|plus|sign)|LogSoftmax",
    ),
    ("pooling", r"(Max|Avg|Average)Pool.*|Fractional.*Pool.*"),
    (
        "detection",
        r"NonMaxSuppression.*|CombinedNonMax.*|CropAndResize.*|TFLite_Detection_PostProcess"
        r"|TopK.*|.*BoundingBox.*",
    ),
    (
        "image",
        r"Resize.*|Decode.*(Jpeg|Png|Image|Gif|Bmp|Raw).*|Adjust.*|RGBToHSV|HSVToRGB|Encode(Jpeg|Png)",
    ),
    (
        "string",
        r"String.*|AsString|Regex.*|.*Example.*|.*HashTable.*|LookupTable.*|Substr|Print.*"
        r"|.*Summary.*|Unicode.*",
    ),
    ("random", r"(Stateless)?(Random|Truncated|Parameterized|Multinomial).*"),
    (
        "shape",
        r"Reshape|Squeeze|ExpandDims|Transpose|Shape(N)?|Size|Rank|Concat.*|Split.*|Pack|Unpack"
        r"|(Strided)?Slice|Pad.*|MirrorPad|Tile|Gather.*|Scatter.*|Reverse.*|SpaceTo.*|BatchTo.*|DepthToSpace"
        r"|Fill|ZerosLike|OnesLike|Range|Broadcast.*|Where|Unique.*|Cast|Identity.*|Snapshot|StopGradient"
        r"|OneHot|Dynamic(Stitch|Partition)|Matrix(Band|Diag|Set).*|Diag.*|InvertPermutation|EnsureShape"
        r"|PreventGradient|Bitcast|Roll|LinSpace|ListDiff",
    ),
    (
        "arithmetic",
        r"Add(N|V2)?|BiasAdd.*|Sub|Mul(NoNan)?|(Real|Truncate|Floor|DivNo)?Div(NoNan)?|Neg|Pow|R?sqrt"
        r"|Square.*|Sqrt|Rsqrt|Exp|Expm1|Log(1p)?|Abs|Max(imum)?|Min(imum)?|Sum|Mean|Prod|Any|All|Arg(Max|Min)|Reduce.*"
        r"|(Not)?Equal|Greater.*|Less.*|Logical.*|Select(V2)?|Floor(Mod)?|Ceil|Round|Rint|Sign|Erf.*|Sin|Cos|Tan"
        r"|A(sin|cos|tan)h?2?|Sinh|Cosh|Clip.*|Cum.*|Segment.*|Unsorted.*|Mod|Reciprocal|Inv|Is(Nan|Inf|Finite)"
        r"|CheckNumerics|Lgamma|Digamma|Bitwise.*|.*Grad(V\d)?|.*Loss.*|.*CrossEntropy.*|InTopK.*",
    ),
)
#: All families, in the order in which a legend has them.
FAMILIES = (*(name for name, _ in _PATTERNS), "other", "custom")
_COMPILED = tuple((name, re.compile(pattern)) for name, pattern in _PATTERNS)


@functools.cache
def family_of(op: str) -> str:
    """The family of an op; one of `FAMILIES`."""
    spelt = _spelt_as_tensorflow(op)
    for name, pattern in _COMPILED:
        if pattern.fullmatch(spelt):
            return name
    return "other" if spelt != op or op_definition(op) is not None else "custom"


def _spelt_as_tensorflow(op: str) -> str:
    """The name of an operator of TFLite as TensorFlow's ops are spelt; of any other op its own."""
    if not op.isupper():
        return op.removeprefix("Flex")
    return "".join(w if w[0].isdigit() else w.capitalize() for w in op.split("_") if w)
