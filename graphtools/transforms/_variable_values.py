"""The values that a checkpoint holds for the variables of a graph; see `freeze`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from graphtools.errors import InvalidValue, unknown_name
from graphtools.formats.checkpoint import Checkpoint, StoredTensor
from graphtools.front_end import param, step
from graphtools.graph.dtypes import DType, dtype
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.saved_keys import SavedAs, saved_keys
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.graph.variables import OBJECT_END
from graphtools.idioms.moving_average import AVERAGE
from graphtools.idioms.variables import graph_variables

#: The end of the keys of variables in object-based checkpoints.
_MOST_NAMES = 5


def saved_as(graph: Graph, checkpoint: Checkpoint | None) -> dict[str, SavedAs]:
    """Where variables stand in the checkpoints of a graph, as far as this tells."""
    return _saved_slices(graph, checkpoint) | saved_keys(graph)


def _saved_slices(graph: Graph, checkpoint: Checkpoint | None) -> dict[str, SavedAs]:
    """Where the slices of partitioned variables stand, as far as their names tell: `w/part_0`."""
    found: dict[str, SavedAs] = {}
    for variable in graph_variables(graph) if checkpoint is not None else ():
        stored = checkpoint.get(variable.name) if variable.parts and checkpoint else None
        shapes = [_stated_shape(graph[part]) for part in variable.parts]
        if stored is None or not stored.shape.dims:
            continue
        if any(s.rank != stored.shape.rank for s in shapes):
            continue
        first = shapes[0].dims or ()
        axes = [i for i, size in enumerate(stored.shape.dims) if size != first[i]]
        axis, start = axes[0] if axes else 0, 0
        for part, shape in zip(variable.parts, shapes, strict=True):
            dims = shape.dims or ()
            length = dims[axis] or 0
            places = [f"0,{d}" for d in dims]
            places[axis] = f"{start},{length}"
            whole = " ".join(map(str, stored.shape.dims))
            found[part] = SavedAs(variable.name, f"{whole} {':'.join(places)}")
            start += length
    return found


def _stated_shape(node: Node) -> Shape:
    shape = node.attr("shape")
    return shape if isinstance(shape, Shape) else Shape(None)


def variable_values(
    variables: Sequence[Node],
    checkpoint: Checkpoint | None,
    known: Mapping[str, SavedAs],
    averages: bool,
    notes: list[str],
) -> dict[str, Tensor]:
    """The values of variables.

    Args:
        variables: Nodes that are variables.
        checkpoint: Where the values are.
        known: See `saved_as`.
        averages: Whether to take a variable's moving average where there is one.
        notes: Remarks for the user are added to these.

    Raises:
        UnknownName: The checkpoint does not have them all.
        InvalidValue: It has one of another shape or dtype, or several that may be meant.
    """
    if checkpoint is None:
        if variables:
            raise InvalidValue(
                f"the graph has variables, {variables[0].name!r} among them, and no checkpoint was "
                "given",
                f"give it with {param('checkpoint')}",
            )
        return {}
    found: dict[str, Tensor] = {}
    averaged = 0
    for name, (stored, part) in stored_values(variables, checkpoint, known, averages).items():
        averaged += averages and stored.name.endswith(AVERAGE)
        found[name] = _part(stored, part) if part else stored.tensor()
    if averages:
        notes.append(f"{averaged:,} of {len(found):,} variables have their moving averages")
    return found


def stored_values(
    variables: Sequence[Node],
    checkpoint: Checkpoint,
    known: Mapping[str, SavedAs],
    averages: bool = False,
) -> dict[str, tuple[StoredTensor, str]]:
    """Where the values of variables are: tensors of a checkpoint, and which slices of these.

    Args:
        variables: Nodes that are variables.
        checkpoint: Where the values are.
        known: See `saved_as`.
        averages: Whether to take a variable's moving average where there is one.

    Raises:
        UnknownName, InvalidValue: See `variable_values`.
    """
    found: dict[str, tuple[StoredTensor, str]] = {}
    missing: list[str] = []
    keys = _StoredKeys(checkpoint, variables, known)
    for node in variables:
        key, part = keys.of(node)
        if averages and key + AVERAGE in checkpoint:
            key += AVERAGE
        if key not in checkpoint:
            renamed = node.name in known and known[node.name].is_renaming(node.name)
            missing.append(key if renamed else node.name)
        elif not missing:
            found[node.name] = checkpoint[key], part
            _check(node, checkpoint[key], part, checkpoint)
    if missing:
        _refuse_missing(missing, checkpoint, missing[0] not in {n.name for n in variables})
    return found


def _refuse_missing(names: Sequence[str], checkpoint: Checkpoint, renamed: bool) -> None:
    error = unknown_name("variable", names[0], checkpoint, f"the checkpoint {checkpoint.path}")
    if renamed:
        error.remedy = (
            "the graph's own Saver reads it under this name: give a checkpoint that has it, or the "
            ".meta file that was written with this one"
        )
    if len(names) > 1:
        more = ", ".join(names[1:_MOST_NAMES])
        error = type(error)(f"{error.message}, nor {len(names) - 1:,} more: {more}", error.remedy)
    raise error


class _StoredKeys:
    """Under which keys of a checkpoint variables stand.

    The graph itself tells the keys of its own checkpoints. In another object-based checkpoint the
    same objects may hang elsewhere; names tell them apart there only where they are unique.
    """

    def __init__(
        self, checkpoint: Checkpoint, variables: Sequence[Node], known: Mapping[str, SavedAs]
    ) -> None:
        self._checkpoint = checkpoint
        self._known = known
        self._network: dict[str, str] = {}
        self._by_name: dict[str, list[str]] = {}
        for variable in checkpoint.objects:
            if variable.key.endswith(OBJECT_END) and variable.key in checkpoint:
                self._by_name.setdefault(variable.full_name, []).append(variable.key)
        paths = {n.name: _path_of(known[n.name].key) for n in variables if n.name in known}
        elsewhere = any(saved.key not in checkpoint for saved in map(self._saved, variables))
        if checkpoint.tree and elsewhere and len(paths) == len(variables) and all(paths.values()):
            self._network = _same_network(checkpoint, variables, paths)

    def _saved(self, node: Node) -> SavedAs:
        return self._known.get(node.name, SavedAs(node.name, ""))

    def of(self, node: Node) -> SavedAs:
        """Where a variable stands: the key, which may not be there, and the part.

        Raises:
            InvalidValue: Several variables of the checkpoint may be meant.
        """
        saved, names = self._saved(node), _names(node)
        if saved.is_renaming(node.name):
            return saved  # TensorFlow restores this key or fails
        for key in (self._network.get(node.name, ""), saved.key, *names):
            if key in self._checkpoint:
                return SavedAs(key, saved.part)
        found = [key for name in names for key in self._by_name.get(name, ())]
        found = [k for k in dict.fromkeys(found) if self._checkpoint[k].dtype is _dtype_of(node)]
        fitting = [key for key in found if _fits(node, self._checkpoint[key].shape)] or found
        if len(fitting) > 1:
            raise _several(node.name, fitting, self._checkpoint)
        return SavedAs(fitting[0] if fitting else saved.key, saved.part)


def _names(node: Node) -> list[str]:
    """The names that a variable has in its program."""
    shared = node.attr("shared_name")
    names = [shared.decode("utf-8", "replace")] if isinstance(shared, bytes) and shared else []
    return [node.name, *names]


def _several(name: str, keys: Sequence[str], checkpoint: Checkpoint) -> InvalidValue:
    listed = ", ".join(repr(key.removesuffix(OBJECT_END)) for key in keys[:_MOST_NAMES])
    return InvalidValue(
        f"variable {name!r} may be {listed} of the checkpoint {checkpoint.path}",
        "several objects of it have that name: save a checkpoint of the one that the graph is of",
    )


def _path_of(key: str) -> tuple[str, ...]:
    """The names by which an object hangs on the root, empty where a key tells none.

    Source: `_escape_local_name` of TensorFlow's trackable utilities.
    """
    if not key.endswith(OBJECT_END):
        return ()
    parts = key.removesuffix(OBJECT_END).split("/")
    return tuple(part.replace(".S", "/").replace("..", ".") for part in parts)


def _same_network(
    checkpoint: Checkpoint, variables: Sequence[Node], paths: Mapping[str, tuple[str, ...]]
) -> dict[str, str]:
    """The keys of variables that hang on some object as they hang on the root of a graph's own.

    Returns:
        Keys by variable; empty where they hang on none so.

    Raises:
        InvalidValue: They hang on several so.
    """
    parents = [path[:-1] for path in paths.values()]
    common = list(takewhile(lambda level: len(set(level)) == 1, zip(*parents, strict=False)))
    keys = {v.number: v.key for v in checkpoint.objects if v.key.endswith(OBJECT_END)}
    for skipped in range(len(common) + 1):
        candidates: dict[tuple[str, ...], None] = {}
        for start in range(len(checkpoint.tree)):
            found = []
            for node in variables:
                number = _descend(checkpoint.tree, start, paths[node.name][skipped:])
                key = keys.get(number, "")
                if key not in checkpoint or not _holds(checkpoint[key], node):
                    break
                found.append(key)
            else:
                candidates[tuple(found)] = None
        if len(candidates) > 1:
            several = [dict.fromkeys(choice) for choice in zip(*candidates, strict=True)]
            node, choice = next(p for p in zip(variables, several, strict=True) if len(p[1]) > 1)
            raise _several(node.name, list(choice), checkpoint)
        if candidates:
            names = (node.name for node in variables)
            return dict(zip(names, next(iter(candidates)), strict=True))
    return {}


def _descend(tree: Sequence[Mapping[str, int]], start: int, path: Iterable[str]) -> int:
    """The object to which names lead, -1 where they lead to none."""
    number = start
    for name in path:
        number = tree[number].get(name, -1) if 0 <= number < len(tree) else -1
    return number


def _holds(stored: StoredTensor, node: Node) -> bool:
    return stored.dtype is _dtype_of(node) and _fits(node, stored.shape)


def _places(part: str) -> tuple[slice, ...]:
    """Where a slice of a partitioned variable lies in the whole."""
    places = []
    for entry in part.rpartition(" ")[2].split(":"):
        start, comma, length = entry.partition(",")
        places.append(slice(int(start), int(start) + int(length)) if comma else slice(None))
    return tuple(places)


def _part(stored: StoredTensor, part: str) -> Tensor:
    """A slice of a tensor, that of a partitioned variable."""
    return Tensor.from_array(stored.array()[_places(part)], stored.dtype)


def _shape_of(stored: StoredTensor, part: str) -> Shape:
    """The shape of a tensor, or of a slice of it."""
    dims = stored.shape.dims
    if not part or dims is None:
        return stored.shape
    places = _places(part)
    return Shape([len(range(*p.indices(d or 0))) for p, d in zip(places, dims, strict=False)])


def _dtype_of(node: Node) -> DType:
    kind = node.attr("dtype")
    return kind.base if isinstance(kind, DType) else dtype(0)


def _fits(node: Node, shape: Shape) -> bool:
    """Whether a variable may have a shape; a scalar stands for an unknown one in old graphs."""
    dims = _stated_shape(node).dims
    if dims is None or shape.dims is None or (not dims and node.op == "Variable"):
        return True
    return len(dims) == len(shape.dims) and all(
        a is None or a == b for a, b in zip(dims, shape.dims, strict=True)
    )


def _check(node: Node, value: StoredTensor, part: str, checkpoint: Checkpoint) -> None:
    """Check that a value is one that a variable can have.

    Raises:
        InvalidValue: It has another shape or dtype.
    """
    kind, where = _dtype_of(node), f"the checkpoint {checkpoint.path}"
    remedy = f"the checkpoint is of another model; compare them with: {step('diff')}"
    if kind.number and value.dtype is not kind:
        raise InvalidValue(
            f"variable {node.name!r} is {kind} in the graph and {value.dtype} in {where}", remedy
        )
    shape = _shape_of(value, part)
    if not _fits(node, shape):
        raise InvalidValue(
            f"variable {node.name!r} has the shape {_stated_shape(node)} in the graph and "
            f"{shape} in {where}",
            remedy,
        )
