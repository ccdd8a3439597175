"""States the shapes of the elements of lists of tensors for the converter.

It lowers a list whose elements are of a shape that is stated. A recurrent layer states it with an
open batch, which stays open there when the batch of the input is fixed.
"""

from __future__ import annotations

from graphtools.graph.attributes import Attr
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref
from graphtools.graph.tensor import Tensor
from graphtools.ops.dims import Dims, is_known
from graphtools.ops.inference import Inference
from graphtools.ops.list_elements import MAKERS, element_dims

#: By op, the input that states the shape of the elements.
_STATES = {**dict.fromkeys(MAKERS, 0), "TensorListFromTensor": 1, "TensorListStack": 1}


def state_elements(inference: Inference) -> bool:
    """State the shapes of the elements of lists where they are open and proven.

    Args:
        inference: The inferred shapes of the graph that is changed; those behind what was changed
            do not hold any more.

    Returns:
        Whether any was changed. What reads a list may be told in the next round only.
    """
    import numpy as np

    graph, changed = inference.graph, False
    for node in list(graph):
        position = _STATES.get(node.op)
        if position is None or position >= len(node.data_inputs):
            continue
        ref = Ref.parse(node.data_inputs[position])
        stated = inference.value(ref.node, ref.index)
        # a single -1 is told by the first item, to the converter too
        if stated is None or not stated.ndim or (stated >= 0).all():
            continue
        dims = _proven(inference, node)
        if dims is not None and is_known(dims) and len(dims) == len(stated):
            name = graph.free_name(f"{node.name}/element_shape")
            value = Tensor.from_array(np.array(dims, "int32"))
            attrs: dict[str, Attr] = {"dtype": value.dtype, "value": value}
            graph.add(Node(name, "Const", (), attrs), before=node)
            graph.replace_input(node, position, name)
            changed = True
    return changed


def _proven(inference: Inference, node: Node) -> Dims:
    if node.op in MAKERS:
        return element_dims(inference, node.name)
    stacked = inference.dims(node.name)
    return stacked[1:] if stacked else None
