"""The values of one tensor: to be printed, or saved as .npy."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING, Any

from graphtools.errors import InvalidValue, unknown_name
from graphtools.formats import graph_of
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.format import Model
from graphtools.formats.source import atomic_file
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.front_end import param
from graphtools.graph.shape import Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True)
class Value:
    """A tensor with its values.

    Attributes:
        name: Its name.
        dtype: Its element type.
        array: The values; types that numpy lacks as float32, see `Tensor.array`.
        note: What is worth saying about it; mostly empty.
    """

    name: str
    dtype: str
    array: NDArray[Any]
    note: str

    def as_text(self) -> str:
        """The values as numpy prints them."""
        import numpy as np

        return np.array2string(self.array, threshold=1000, separator=", ")

    def as_json(self) -> dict[str, object]:
        """Name, dtype, shape and all values as nested lists; bytes as text, complex as pairs."""
        array = self.array
        if array.dtype.kind == "c":
            array = array.view(array.real.dtype).reshape((*array.shape, 2))
        values = array.tolist()
        if array.dtype.kind == "O":
            values = _texts(values)
        shape = Shape(self.array.shape).to_json()
        return {"name": self.name, "dtype": self.dtype, "shape": shape, "value": values}


def _texts(values: Any) -> Any:
    if isinstance(values, list):
        return [_texts(v) for v in values]
    return values.decode("utf-8", "backslashreplace") if isinstance(values, bytes) else values


def read_value(model: Checkpoint | Model, name: str) -> Value:
    """The values of a checkpoint's tensor, or of a constant of a graph or TFLite model.

    Raises:
        UnknownName: There is no such tensor.
        InvalidValue: The node is no constant, or its values cannot be held.
        GraphtoolsError: See `StoredTensor.array`.
    """
    if isinstance(model, Checkpoint):
        stored = model.find(name)
        return Value(stored.name, stored.dtype.name, stored.array(), model.note)
    if isinstance(model, TFLiteModel):
        held = {t.name: t for s in reversed(model.subgraphs) for t in reversed(s.tensors)}
        if name not in held:
            raise unknown_name("tensor", name, held, model.path)
        return Value(name, held[name].dtype, model.tensor_data(held[name]), "")
    node = graph_of(model).find(name)
    tensor = node.tensor
    if tensor is None:
        raise InvalidValue(
            f"node {node.name!r} is a {node.op}, whose value is not in the file",
            "constants of a graph can be printed, and all tensors of a checkpoint",
        )
    return Value(node.name, tensor.dtype.name, tensor.array(), "")


def save_value(value: Value, path: str | os.PathLike[str]) -> None:
    """Save values as a NumPy file, whole or not at all.

    Raises:
        InvalidValue: They are strings that end with a zero byte, which the format cannot keep.
        FileProblem: The target cannot be written.
    """
    import numpy as np

    array = storable(value.array, value.name)
    with atomic_file(path) as file:
        np.lib.format.write_array(file, array, allow_pickle=False)


def storable(array: NDArray[Any], name: str) -> NDArray[Any]:
    """Values as a NumPy file holds them: strings in a type of fixed length.

    Raises:
        InvalidValue: They are strings that end with a zero byte, which the format cannot keep.
    """
    if array.dtype.kind != "O":
        return array
    if any(v.endswith(b"\0") for v in array.reshape(-1).tolist()):
        raise InvalidValue(
            f"{name!r} has strings that end with a zero byte, which .npy cannot keep",
            f"print them with {param(json=True)}",
        )
    return array.astype("S")
