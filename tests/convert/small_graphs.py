"""Small graphs that are converted in tests, and how."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from graphtools.convert.calibration.calibrating import calibration_for
from graphtools.convert.conversion.converter import Conversion, Converter
from graphtools.convert.conversion.options import ConversionOptions
from graphtools.formats import open_model
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.graph.graph import Graph
from tests.transforms.graphs import graph

NET = """
x = Placeholder dtype=float shape=[1,4]
w = Const value=float:[[1,2],[0.5,-1],[-1.5,1],[1,1]]
y = MatMul(x, w) T=float transpose_a=false transpose_b=false
"""
#: Weights of 1,024 values and more are quantized by `dynamic`.
LARGE_NET = """
x = Placeholder dtype=float shape=[1,64]
w = Const value=float:zeros[64,32]
y = MatMul(x, w) T=float transpose_a=false transpose_b=false
"""
TRAINED = """
x = Placeholder dtype=float shape=[1,4]
r = Relu(x) T=float
lo = Const value=float:{0}
hi = Const value=float:{1}
y = FakeQuantWithMinMaxVars(r, lo, hi) num_bits=8 narrow_range=false
"""
LOOP = """
x = Placeholder dtype=int32 shape=[]
enter = Enter(x) T=int32 frame_name="loop" is_constant=false parallel_iterations=1
merge = Merge(enter, next) T=int32 N=2
limit = Const(^merge) value=int32:10
less = Less(merge, limit) T=int32
condition = LoopCond(less)
switch = Switch(merge, condition) T=int32
inside = Identity(switch:1) T=int32
one = Const(^inside) value=int32:1
add = AddV2(inside, one) T=int32
next = NextIteration(add) T=int32
exit = Exit(switch) T=int32
"""
SOFTMAX = """
x = Placeholder dtype=float shape=[1,1001]
l = Abs(x) T=float
s = Softmax(l) T=float
y = Identity(s) T=float
"""
DEPTHWISE = """
x = Placeholder dtype=float shape=[1,4,4,2]
w = Const value=float:zeros[3,3,2,64]
y = DepthwiseConv2dNative(x, w) T=float strides={1,1,1,1} padding="SAME"
"""
BATCH_NORM = """
x = Placeholder dtype=float shape=[1,2,2,3]
m = Const value=float:[1,2,3]
y = FusedBatchNormV3(x, m, m, m, m) T=float U=float epsilon=0.001 is_training=false
"""
DETECTIONS = ["TFLite_Detection_PostProcess"] + [
    f"TFLite_Detection_PostProcess:{i}" for i in (1, 2, 3)
]
#: Graphs that the converter crashes on, by what is in them.
CRASHES = {
    "div": "a = Const value=int32:4\nb = Const value=int32:0\nd = Div(a, b) T=int32\n"
    "i = Placeholder dtype=int32 shape=[2]\ny = AddV2(i, d) T=int32",
    "realdiv": "a = Const value=int64:[4,2]\nb = Const value=int64:[1,0]\n"
    "d = RealDiv(a, b) T=int64\ni = Placeholder dtype=int64 shape=[2]\ny = AddV2(i, d) T=int64",
    "truncatediv": "a = Const value=int32:4\nb = Const value=int32:0\n"
    "d = TruncateDiv(a, b) T=int32\ni = Placeholder dtype=int32 shape=[2]\n"
    "y = AddV2(i, d) T=int32",
    "sigmoidgrad": "i = Placeholder dtype=double shape=[2]\ny = SigmoidGrad(i, i) T=double",
    "batchnorm": "i = Placeholder dtype=half shape=[1,2,2,3]\nm = Const value=half:[0,0,0]\n"
    "y = BatchNormWithGlobalNormalization(i, m, m, m, m) T=half variance_epsilon=0.001 "
    "scale_after_normalization=true",
    "matrixdiag": "i = Placeholder dtype=string shape=[2]\ny = MatrixDiag(i) T=string",
    "nextiteration": "i = Placeholder dtype=float shape=[2]\ny = NextIteration(i) T=float",
    "splitv": "i = Placeholder dtype=float shape=[4]\ns = Const value=int32:[[2,2]]\n"
    "a = Const value=int32:0\ny = SplitV(i, s, a) T=float num_split=2 Tlen=int32",
}
#: Graphs that fail with Select TF ops, too, and their inputs, by what is in them.
HARD_ERRORS = {
    "atan2": (
        "x = Placeholder dtype=float shape=[2,3]\nz = Placeholder dtype=float shape=[3]\n"
        "y = Atan2(x, z) T=float",
        "x,z",
    ),
    "stridedslice": (
        "x = Placeholder dtype=int16 shape=[4,4]\nb = Const value=int32:[0,0]\n"
        "e = Const value=int32:[2,2]\ns = Const value=int32:[1,1]\n"
        "y = StridedSlice(x, b, e, s) T=int16 Index=int32 begin_mask=0 end_mask=0 "
        "ellipsis_mask=0 new_axis_mask=0 shrink_axis_mask=0",
        "x",
    ),
    "cast": (
        "x = Placeholder dtype=float shape=[4]\no = OnesLike(x) T=float\n"
        "y = Cast(o) SrcT=float DstT=half",
        "x",
    ),
    "tensorscatteradd": (
        "x = Placeholder dtype=uint16 shape=[4]\ni = Placeholder dtype=int32 shape=[2,1]\n"
        "u = Placeholder dtype=uint16 shape=[2]\n"
        "y = TensorScatterAdd(x, i, u) T=uint16 Tindices=int32",
        "x,i,u",
    ),
    "slice": (
        "x = Placeholder dtype=float shape=[4]\nb = Const value=int32:[2]\n"
        "s = Const value=int32:[9]\ny = Slice(x, b, s) T=float Index=int32",
        "x",
    ),
    "xlaconv": (
        "x = Placeholder dtype=float shape=[1,4,4,1]\nk = Placeholder dtype=float shape=[2,2,1,1]\n"
        "s = Const value=int32:[1,1]\np = Const value=int32:[[0,0],[0,0]]\n"
        "g = Const value=int32:1\ny = XlaConv(x, k, s, p, s, s, g) T=float Tindices=int32 "
        'dimension_numbers="" precision_config=""',
        "x,k",
    ),
    "unregistered": ("x = Placeholder dtype=float shape=[4]\ny = NoSuchOp(x) T=float", "x"),
}


class Convert:
    """Converts graphs given as text to a file, with a process that is there already."""

    def __init__(self, converter: Converter, folder: Path) -> None:
        self.converter = converter
        self.target = folder / "model.tflite"

    def __call__(
        self, text: str | Graph, inputs: str = "x", outputs: str = "y", **options: Any
    ) -> Conversion:
        own = {k: options.pop(k) for k in ("input_shapes", "calibration") if k in options}
        return self.converter.convert(
            graph(text) if isinstance(text, str) else text,
            inputs.split(","),
            outputs.split(","),
            ConversionOptions(**options),
            target=self.target,
            **own,
        )

    def model(self) -> TFLiteModel:
        found = open_model(self.target)
        assert isinstance(found, TFLiteModel)
        return found


def samples(folder: Path, of: Graph, values: np.ndarray[Any, Any], name: str = "x") -> Any:
    np.savez(folder / "samples.npz", **{name: values})  # type: ignore[arg-type]  # an array
    return calibration_for(of, [name], folder / "samples.npz")


def real_numbers(count: int = 8, *shape: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(0).normal(size=(count, *shape)).astype(np.float32)
