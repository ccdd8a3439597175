"""What V1 and V2 checkpoints have in common: a mapping from names to lazy tensors."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.errors import unknown_name
from graphtools.formats.slice_keys import Extents
from graphtools.graph.dtypes import STRING, DType
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor, content_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The key of the tensor that describes the objects of an object-based checkpoint.
OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
#: Tensors are streamed in pieces of about this many bytes.
CHUNK = 1 << 22


class StoredBytes(NamedTuple):
    """Values as the data files of V2 checkpoints hold them, to be copied as they are.

    Attributes:
        crc: Their checksum as it is stored.
        pieces: Reads them; the checksum is verified behind the last piece.
    """

    crc: int
    pieces: Callable[[], Iterable[bytes | memoryview]]


class StoredPart(NamedTuple):
    """Values that lie together in a file: of a whole tensor, or of a slice of it.

    Attributes:
        shape: Their shape.
        content: Reads them: bytes as in `tensor_content`, in pieces; of strings, flat arrays.
        place: For a slice, where it lies in the whole; None for a whole tensor.
        stored: The same values as a V2 checkpoint holds them, where they come from one.
    """

    shape: Shape
    content: Callable[[], Iterable[bytes | memoryview | NDArray[Any]]]
    place: Extents | None = None
    stored: StoredBytes | None = None


class StoredTensor(abc.ABC):
    """A tensor of a checkpoint: what is known of it, and its values when somebody asks.

    Attributes:
        name: Its key in the checkpoint.
        dtype: Element type.
        shape: Shape.
    """

    __slots__ = ("dtype", "name", "shape")

    def __init__(self, name: str, dtype: DType, shape: Shape) -> None:
        """Describe a tensor."""
        self.name = name
        self.dtype = dtype.base
        self.shape = shape

    @property
    @abc.abstractmethod
    def nbytes(self) -> int:
        """Bytes of the values: in memory for numbers, as stored for strings."""

    @abc.abstractmethod
    def array(self) -> NDArray[Any]:
        """The values, of the tensor's shape; see `Tensor.array` for the types that numpy lacks.

        Raises:
            NothingFound: The file with the values is not there.
            ChecksumMismatch: The stored checksum differs.
            Damaged: The stored bytes do not fit the tensor.
            InvalidValue: Values of this type cannot be held (variant, unknown).
        """

    def chunks(self) -> Iterator[NDArray[Any]]:
        """The values as flat arrays of limited size, in order; raises as `array` does."""
        flat = self.array().reshape(-1)
        step = max(1, CHUNK // max(1, flat.itemsize))
        for start in range(0, len(flat), step):
            yield flat[start : start + step]

    def parts(self) -> list[StoredPart]:
        """How the values lie in the files; what reads them raises as `array` does."""
        return [StoredPart(self.shape, self.content)]

    def content(self) -> Iterator[bytes | memoryview | NDArray[Any]]:
        """The values of a `StoredPart` that is the whole tensor."""
        for chunk in self.chunks():
            yield chunk if self.dtype is STRING else content_bytes(chunk, self.dtype)

    def tensor(self) -> Tensor:
        """The tensor as the value of a constant; raises as `array` does."""
        return Tensor.from_array(self.array(), self.dtype)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {self.dtype}, {self.shape})"


class TrackedVariable(NamedTuple):
    """A variable of an object-based checkpoint.

    Attributes:
        path: Where it hangs in the tree of objects, as `model/layer-0/kernel`.
        key: Its key in the checkpoint.
        full_name: The name the variable had in its program.
        number: That of its object in `Checkpoint.tree`.
    """

    path: str
    key: str
    full_name: str
    number: int = -1


class Checkpoint(Mapping[str, StoredTensor]):
    """A checkpoint: its tensors by name, in the order of the names.

    Attributes:
        path: The prefix, or the file for a V1 checkpoint of one file.
        version: `V1` or `V2`.
        shards: Number of files that hold values.
        objects: For an object-based checkpoint, its variables; else empty.
        tree: For an object-based checkpoint, by object the numbers of those that hang on it, by
            their names there; the first is the root.
        missing: Files with values that are not there.
        problems: What is known to be damaged, one line each; `array` says so too.
        note: How the path that was given led here, where that needs saying; else empty.
        kind: What `open_model` calls it.
    """

    kind = "checkpoint"

    def __init__(
        self,
        path: str,
        version: str,
        shards: int,
        tensors: Mapping[str, StoredTensor],
        *,
        objects: tuple[TrackedVariable, ...] = (),
        tree: tuple[Mapping[str, int], ...] = (),
        missing: tuple[str, ...] = (),
        problems: tuple[str, ...] = (),
        note: str = "",
    ) -> None:
        """Gather the tensors of a checkpoint."""
        self.path = path
        self.version = version
        self.shards = shards
        self.objects = objects
        self.tree = tree
        self.missing = missing
        self.problems = problems
        self.note = note
        self._tensors = tensors

    def __getitem__(self, name: str) -> StoredTensor:
        try:
            return self._tensors[name]
        except KeyError:
            raise KeyError(name) from None

    def find(self, text: str) -> StoredTensor:
        """The tensor that a user means by a name: `:0` and stray quotes are allowed.

        Raises:
            UnknownName: The checkpoint has no such tensor; similar names are suggested.
        """
        bare = text.strip().strip("'\"")
        for name in (text, bare, bare.removesuffix(":0")):
            if name in self._tensors:
                return self._tensors[name]
        raise unknown_name("tensor", bare, self._tensors, f"the checkpoint {self.path}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)

    def __repr__(self) -> str:
        return f"Checkpoint({self.path!r}, {self.version}, {len(self)} tensors)"
