"""What a node's own attributes tell of its outputs: dtype, shape and number.

This is no inference: nothing is said that does not stand in the node. An unknown dtype is None, an
unknown shape has no dims.
"""

from __future__ import annotations

from graphtools.graph.attributes import Attr
from graphtools.graph.dtypes import BOOL, FLOAT32, INT32, INT64, RESOURCE, STRING, DType
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.shape import UNKNOWN_SHAPE, Shape

#: Attributes that hold the dtype of the outputs, by op where it is not one of the usual ones.
_DTYPE_ATTR = {
    "Cast": "DstT",
    "Bitcast": "type",
    "Shape": "out_type",
    "ShapeN": "out_type",
    "Size": "out_type",
    "ArgMax": "output_type",
    "ArgMin": "output_type",
    "QuantizeV2": "T",
    "Requantize": "out_type",
    "GatherV2": "Tparams",
    "Gather": "Tparams",
    "ResourceGather": "dtype",
    "Range": "Tidx",
    "RandomUniform": "dtype",
    "DecodeRaw": "out_type",
    "DecodeImage": "dtype",
    "LookupTableFindV2": "Tout",
    "LookupTableFind": "Tout",
    "HashTableV2": "",
    "Real": "Tout",
    "Imag": "Tout",
    "Angle": "Tout",
    "ComplexAbs": "Tout",
    "Complex": "Tout",
    "Multinomial": "output_dtype",
    "StatelessMultinomial": "output_dtype",
    "RandomUniformInt": "Tout",
    "UpperBound": "out_type",
    "LowerBound": "out_type",
}
_USUAL_ATTRS = ("dtype", "T", "output_type", "out_type", "Tout", "Tparams")
_FIXED = (
    (
        BOOL,
        "Equal NotEqual Less LessEqual Greater GreaterEqual LogicalAnd LogicalOr LogicalNot All "
        "Any IsNan IsInf IsFinite LoopCond IsVariableInitialized VarIsInitializedOp InTopK "
        "InTopKV2 ApproximateEqual",
    ),
    (
        INT32,
        "Rank TensorArraySizeV3 NonMaxSuppression NonMaxSuppressionV2 NonMaxSuppressionV3 SetSize "
        "NonMaxSuppressionV4 NonMaxSuppressionV5",
    ),
    (INT64, "Where SparseReorder SparseConcat SparseSlice SparseAdd DeserializeSparse"),
    (
        STRING,
        "AsString StringJoin ReadFile SerializeTensor ScalarSummary HistogramSummary MergeSummary "
        "ImageSummary TensorSummary TensorSummaryV2 MergeV2Checkpoints ShardedFilename EncodeJpeg "
        "EncodePng Substr SerializeSparse SerializeManySparse",
    ),
    (RESOURCE, "VarHandleOp HashTableV2 TensorArrayV3 Iterator IteratorV2 MutableHashTableV2"),
)
_FIXED_DTYPE = {op: kind for kind, ops in _FIXED for op in ops.split()}
#: Ops whose only data output has the float32 type, whatever their attributes.
_FLOAT_OPS = frozenset(
    {
        "FakeQuantWithMinMaxVars",
        "FakeQuantWithMinMaxArgs",
        "FakeQuantWithMinMaxVarsPerChannel",
        "AdjustContrast",
        "ResizeArea",
        "ResizeBilinear",
        "ScaleAndTranslate",
        "ResizeBicubic",
        "TFLite_Detection_PostProcess",
        "CropAndResize",
    }
)
#: Lists of dtypes, one an output.
_LIST_ATTRS = ("_output_types", "output_types", "Tout", "component_types")
#: Second and further outputs whose dtype is fixed.
_SECOND_OUTPUT = {"TopK": INT32, "TopKV2": INT32}
#: Ops all of whose outputs have the dtype of the first; of other ops nothing is known.
_ALIKE = frozenset({"Split", "SplitV", "Unpack", "Switch", "RefSwitch", "DynamicPartition"})
_SHAPE_ATTR_OPS = frozenset(
    {"Placeholder", "PlaceholderWithDefault", "PlaceholderV2", "Variable", "VariableV2"}
)


def output_dtype(node: Node, index: int = 0) -> DType | None:
    """The dtype of an output, as far as the node's attributes and op tell."""
    if index and node.op in _SECOND_OUTPUT:
        return _SECOND_OUTPUT[node.op]
    if not index and node.op in _FIXED_DTYPE:
        return _FIXED_DTYPE[node.op]
    if not index and node.op in _FLOAT_OPS:
        return FLOAT32
    attrs = node.attrs
    for name in _LIST_ATTRS:
        found = _item(attrs.get(name), index)
        if isinstance(found, DType):
            return found
    if index and node.op not in _ALIKE:
        return None
    if node.op == "Dequantize":
        found = attrs.get("dtype")
        return found if isinstance(found, DType) else FLOAT32
    named = _DTYPE_ATTR.get(node.op)
    for name in _USUAL_ATTRS if named is None else (named,):
        value = attrs.get(name)
        if isinstance(value, DType):
            return value
    return None


def output_shape(node: Node, index: int = 0) -> Shape:
    """The shape of an output, where an attribute of the node holds it."""
    if node.op == "Const":
        tensor = node.tensor
        return tensor.shape if tensor else UNKNOWN_SHAPE
    attrs = node.attrs
    candidates = [_item(attrs.get("_output_shapes"), index)]
    if node.op in _SHAPE_ATTR_OPS:
        candidates.append(attrs.get("shape"))
    if node.op == "IteratorGetNext":
        candidates.append(_item(attrs.get("output_shapes"), index))
    for shape in candidates:
        if isinstance(shape, Shape):
            return shape
    return UNKNOWN_SHAPE


def _item(value: Attr, index: int) -> Attr:
    """An item of an attribute that is a list, None where there is none."""
    return value[index] if isinstance(value, list) and index < len(value) else None


def output_count(graph: Graph, node: Node) -> int | None:
    """The number of outputs, where the op is known to have several; None where it is not known."""
    if node.op in _SECOND_OUTPUT:
        return 2
    function = graph.functions.get(node.op)
    if function:
        return len(function.outputs)
    attrs = node.attrs
    for name in ("num_split", "num"):
        value = attrs.get(name)
        if node.op in ("Split", "SplitV", "Unpack") and isinstance(value, int):
            return value
    for name in (*_LIST_ATTRS, "T"):
        value = attrs.get(name)
        if isinstance(value, list) and all(isinstance(v, DType) for v in value):
            return len(value)
    return None
