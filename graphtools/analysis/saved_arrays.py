"""All weights of a model in one file of arrays, or in a folder of them."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any

from graphtools.analysis.values import storable
from graphtools.analysis.variable_sets import (
    ComparedVariable,
    TFLiteConstant,
    VariableSet,
    check_values,
)
from graphtools.errors import InvalidValue, NothingFound
from graphtools.formats.checkpoint import OBJECT_GRAPH
from graphtools.formats.source import atomic_file, atomic_folder
from graphtools.formats.tflite.values import real_values
from graphtools.front_end import step

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What ends the keys of an object-based checkpoint.
_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"


@dataclasses.dataclass(frozen=True)
class SavedArrays:
    """What was saved.

    Attributes:
        path: The file or folder.
        source: What the arrays were read from, as in `VariableList`.
        tensors: Their number, without scales and zero points.
        elements: Number of their elements.
        bytes: Bytes of these.
        skipped: Why others were left out, by name.
    """

    path: str
    source: str
    tensors: int
    elements: int
    bytes: int
    skipped: dict[str, str]


def save_arrays(
    held: VariableSet,
    path: str,
    *,
    dequantize: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> SavedArrays:
    """Save the values of variables with their names as keys, one tensor in memory at a time.

    A variable of an object-based checkpoint has the name that it had in its program or, where
    these are not unique, its path in the tree of objects. Stored integers of a TFLite model are
    followed by `NAME:scale`, `NAME:zero_point` and, where there are several of these, the
    dimension that they are counted along, `NAME:quantized_dimension`. bfloat16 and other types
    that NumPy lacks become float32.

    Args:
        held: The variables.
        path: An `.npz` file, or a folder that does not exist yet: for each tensor an `.npy` file,
            in folders as the scopes are.
        dequantize: Whether stored integers of a TFLite model become the real values that they
            stand for, scale * (q - zero point), as float32.
        progress: Called with the number of bytes read and their total.

    Raises:
        InvalidValue: The path ends otherwise, or the variables have no values.
        FileProblem: The target cannot be written.
        GraphtoolsError: Values cannot be read, see `StoredTensor.array`.

    Example:
        >>> held = gather_variables(open_variables("model.ckpt"))
        >>> save_arrays(held, "weights.npz").tensors
        138
    """
    check_values(held)
    names = {n: v for n, v in _program_names(held).items() if v.name != OBJECT_GRAPH}
    if not names:
        raise NothingFound(
            f"{held.path} has no weights to save",
            f"see what is in it with: {step('summary', 'FILE')}",
        )
    total = sum(v.nbytes for v in names.values())
    done = count = elements = size = 0
    skipped = {}
    with array_writer(path) as write:
        for name, variable in names.items():
            try:
                arrays = {k: storable(a, k) for k, a in _arrays(name, variable, dequantize).items()}
            except InvalidValue as error:
                skipped[name] = error.message
                continue
            for key, array in arrays.items():
                write(key, array)
            count += 1
            elements += arrays[name].size
            size += arrays[name].nbytes
            done += variable.nbytes
            if progress:
                progress(done, total)
    return SavedArrays(path, held.kind, count, elements, size, skipped)


def _program_names(held: VariableSet) -> Mapping[str, ComparedVariable]:
    """The variables by the names that their users know."""
    objects = [v for v in held.variables.values() if v.object_path]
    full = {v.full_name for v in objects} - {""}
    unique = len(full) == len(objects)
    found: dict[str, ComparedVariable] = {}
    for key, variable in held.variables.items():
        name = key.removesuffix(_VALUE)
        if variable.object_path:
            name = variable.full_name if unique else variable.object_path
        found[key if name in found else name] = variable
    return found


def _arrays(name: str, variable: ComparedVariable, dequantize: bool) -> dict[str, NDArray[Any]]:
    """The values of a variable and, of stored integers, what these mean."""
    import numpy as np

    stored = variable.stored
    assert stored is not None, "check_values has seen to it"
    array = stored.array()
    meaning = stored.description.quantization if isinstance(stored, TFLiteConstant) else None
    if meaning is None or not (meaning.scale or meaning.blockwise):
        return {name: array}
    if meaning.blockwise:
        if dequantize:
            raise InvalidValue(f"{name} is quantized by blocks, which is not decoded")
        return {name: array}  # its scales are tensors of the model
    if dequantize:
        axis = meaning.quantized_dimension
        return {name: real_values(array, meaning.scale, meaning.zero_point, axis)}
    found = {name: array, f"{name}:scale": np.array(meaning.scale, np.float32)}
    found[f"{name}:zero_point"] = np.array(meaning.zero_point or (0,), np.int64)
    if len(meaning.scale) > 1:
        found[f"{name}:quantized_dimension"] = np.array(meaning.quantized_dimension)
    return found


def check_target(path: str) -> None:
    """Check that a path is that of an .npz file or a folder, before time is spent.

    Raises:
        InvalidValue: It is not.
    """
    if os.path.splitext(path)[1] not in ("", ".npz") and not path.endswith(("/", os.sep)):
        raise InvalidValue(
            f"{path!r} is no name for many arrays",
            "name a file that ends in .npz, or a folder (weights/) for an .npy file of each tensor",
        )


@contextlib.contextmanager
def array_writer(path: str) -> Iterator[Callable[[str, NDArray[Any]], None]]:
    """What writes an array under a name; the file or folder is there when all are written.

    Args:
        path: An .npz file, or a folder that does not exist yet.

    Raises:
        InvalidValue: The path ends otherwise.
        FileProblem: It cannot be written.
    """
    import numpy as np

    check_target(path)

    def put(file: IO[bytes], array: NDArray[Any]) -> None:
        np.lib.format.write_array(file, array, allow_pickle=False)

    if path.endswith(".npz"):
        with atomic_file(path) as file, zipfile.ZipFile(file, "w", allowZip64=True) as archive:

            def into_archive(name: str, array: NDArray[Any]) -> None:
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    put(member, array)

            yield into_archive
    else:
        with atomic_folder(path) as folder:

            def into_folder(name: str, array: NDArray[Any]) -> None:
                parts = name.split("/")
                if any(part in ("", ".", "..") for part in parts) or "\0" in name:
                    raise InvalidValue(
                        f"the tensor {name!r} has a name that no file can have",
                        "save all tensors in one .npz file",
                    )
                target = os.path.join(folder, *parts[:-1], f"{parts[-1]}.npy")
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with open(target, "wb") as file:
                    put(file, array)

            yield into_folder
