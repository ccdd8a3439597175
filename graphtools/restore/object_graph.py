"""The graph of objects in a checkpoint of TensorFlow 2, and the edits that keep it whole.

A user's name for a variable is a path of edges from the root, `model/layer/kernel`. Its key is the
shortest such path, escaped, so that a renamed edge changes keys, of slots too. Numbers of objects
stay as they are: what is dropped leaves an empty object. Source: TensorFlow's `graph_view` and
trackable_object_graph.proto; the optimizers of Keras.
"""

from __future__ import annotations

from collections.abc import Iterable

from graphtools.errors import Damaged, InvalidValue
from graphtools.graph.variables import GLOBAL_STEP, OBJECT_END, OBJECT_SLOT
from graphtools.restore.name_changes import NameChange
from graphtools.schema import Message, decode_errors, message_class

_ATTRIBUTES = "/.ATTRIBUTES/"
#: Children by which objects of optimizers without slots are known: Keras 3, 2.11 and before.
_OPTIMIZERS = ({"_iterations", "_learning_rate"}, {"iter", "learning_rate"})
#: The child of a Keras 3 optimizer that lists the model's own weights.
_WEIGHTS = "_trainable_variables"


class ObjectGraph:
    """A graph of objects that is edited.

    Attributes:
        message: The TrackableObjectGraph.
    """

    def __init__(self, encoded: bytes) -> None:
        """Read a graph.

        Raises:
            Damaged: It does not decode, or its edges lead nowhere.
        """
        try:
            self.message: Message = message_class("TrackableObjectGraph").FromString(encoded)
        except decode_errors():
            raise Damaged("the graph of objects does not decode") from None
        count = len(self.message.nodes)
        slots = [s for node in self.message.nodes for s in node.slot_variables]
        numbers = [c.node_id for node in self.message.nodes for c in node.children]
        numbers += [s.original_variable_node_id for s in slots]
        numbers += [s.slot_variable_node_id for s in slots]
        if not count or any(not 0 <= n < count for n in numbers):
            raise Damaged("the graph of objects names objects that are not there")

    def encoded(self) -> bytes:
        """The graph as it is stored."""
        return bytes(self.message.SerializeToString(deterministic=True))

    def names(self) -> dict[str, tuple[str, ...]]:
        """By key, all names that a value goes by: the key, its paths, its name in its program."""
        paths = self._paths()
        found = {}
        for number, node in enumerate(self.message.nodes):
            for attribute in node.attributes:
                key = attribute.checkpoint_key
                own = [key, key.removesuffix(OBJECT_END), *paths.get(number, ())]
                found[key] = tuple(dict.fromkeys([*own, attribute.full_name or key]))
        return found

    def full_names(self) -> dict[str, str]:
        """By key, the name that a variable had in its program."""
        return {a.checkpoint_key: a.full_name for n in self.message.nodes for a in n.attributes}

    def slots(self) -> set[str]:
        """Keys of the slots of optimizers."""
        numbers = {s.slot_variable_node_id for n in self.message.nodes for s in n.slot_variables}
        return {a.checkpoint_key for n in numbers for a in self.message.nodes[n].attributes}

    def training(self) -> set[str]:
        """Keys of what only training needs: slots, what hangs on optimizers alone, the step."""
        nodes = self.message.nodes
        reached = {0}
        queue = [0]
        for number in queue:  # grows while it is walked
            optimizer = self._is_optimizer(number)
            for child in nodes[number].children:
                if (not optimizer or child.local_name == _WEIGHTS) and child.node_id not in reached:
                    reached.add(child.node_id)
                    queue.append(child.node_id)
        found = {a.checkpoint_key for n, x in enumerate(nodes) for a in x.attributes
                 if n not in reached or a.full_name == GLOBAL_STEP}  # fmt: skip
        return found | self.slots()

    def _is_optimizer(self, number: int) -> bool:
        node = self.message.nodes[number]
        names = {child.local_name for child in node.children}
        return bool(node.slot_variables) or any(known <= names for known in _OPTIMIZERS)

    def with_slots(self, keys: Iterable[str]) -> set[str]:
        """Keys, with those of the slots of their variables."""
        found = set(keys)
        nodes = self.message.nodes
        for node in nodes:
            for slot in node.slot_variables:
                owner = nodes[slot.original_variable_node_id]
                if any(a.checkpoint_key in found for a in owner.attributes):
                    slots = nodes[slot.slot_variable_node_id].attributes
                    found |= {a.checkpoint_key for a in slots}
        return found

    def drop(self, keys: Iterable[str]) -> None:
        """Let values leave: their attributes, and the entries of slots that lose theirs."""
        gone = set(keys)
        emptied = set()
        for number, node in enumerate(self.message.nodes):
            kept = [a for a in node.attributes if a.checkpoint_key not in gone]
            if len(kept) < len(node.attributes):
                _replace(node.attributes, kept)
                if not kept:
                    emptied.add(number)
        for node in self.message.nodes:
            kept = [
                s
                for s in node.slot_variables
                if not {s.slot_variable_node_id, s.original_variable_node_id} & emptied
            ]
            if len(kept) < len(node.slot_variables):
                _replace(node.slot_variables, kept)

    def rename(self, change: NameChange) -> dict[str, str]:
        """Change names of edges, and the keys that they stand in.

        Args:
            change: The change of paths; where it means none, it is that of names in programs.

        Returns:
            New keys by old ones, of all that was meant: it may have its key by another path.

        Raises:
            InvalidValue: No renaming of edges does just this.
        """
        edges = self._changed_edges(change)
        if not edges:
            return self._rename_in_program(change)
        keys = {key: self._key(key, edges) for key in self.names()}
        meant = {k for k, known in self.names().items() if any(map(change, known))}
        for number, node in enumerate(self.message.nodes):
            for child in node.children:
                child.local_name = edges.get((number, child.local_name), child.local_name)
            names = [child.local_name for child in node.children]
            if len(set(names)) < len(names):
                twice = next(n for n in names if names.count(n) > 1)
                raise InvalidValue(f"an object would have two children of the name {twice!r}")
            for attribute in node.attributes:
                attribute.checkpoint_key = keys[attribute.checkpoint_key]
        return {old: new for old, new in keys.items() if old != new or old in meant}

    def _changed_edges(self, change: NameChange) -> dict[tuple[int, str], str]:
        edges: dict[tuple[int, str], str] = {}
        wanted: dict[str, str] = {}
        paths = [p for n, found in self._paths().items() for p in found if self._holds(n)]
        for path in paths:
            new = change(path)
            if new is None or new == path:
                continue
            wanted[path] = new
            old_parts, new_parts = path.split("/"), new.split("/")
            if len(old_parts) != len(new_parts):
                raise InvalidValue(
                    f"{path!r} cannot become {new!r}: objects are renamed, and stay where they are",
                    "give a new name of as many parts",
                )
            number = 0
            for part, renamed in zip(old_parts, new_parts, strict=True):
                if part != renamed and edges.setdefault((number, part), renamed) != renamed:
                    raise InvalidValue(f"{part!r} of {path!r} would have two names")
                number = self._child(number, part)
        for path in paths:
            number, parts = 0, []
            for part in path.split("/"):
                parts.append(edges.get((number, part), part))
                number = self._child(number, part)
            if "/".join(parts) != wanted.get(path, path):
                raise InvalidValue(
                    f"{path!r} would become {'/'.join(parts)!r} as well: it hangs there, too",
                    "rename all that hangs on it",
                )
        return edges

    def _rename_in_program(self, change: NameChange) -> dict[str, str]:
        found = {}
        for node in self.message.nodes:
            for attribute in node.attributes:
                new = change(attribute.full_name) if attribute.full_name else None
                if new:
                    attribute.full_name = new
                    found[attribute.checkpoint_key] = attribute.checkpoint_key
        return found

    def _holds(self, number: int) -> bool:
        return bool(self.message.nodes[number].attributes)

    def _child(self, number: int, name: str) -> int:
        for child in self.message.nodes[number].children:
            if child.local_name == name:
                return int(child.node_id)
        raise KeyError(name)

    def _paths(self) -> dict[int, list[str]]:
        """By object its paths: each edge to it, behind the shortest path of where this begins.

        A name with a slash in it, as those of dictionaries may have, is in none.
        """
        nodes = self.message.nodes
        shortest = {0: ""}
        found: dict[int, list[str]] = {}
        queue = [0]
        for number in queue:  # grows while it is walked
            for child in nodes[number].children:
                if "/" in child.local_name:
                    continue
                path = f"{shortest[number]}/{child.local_name}".lstrip("/")
                found.setdefault(child.node_id, []).append(path)
                if child.node_id not in shortest:
                    shortest[child.node_id] = path
                    queue.append(child.node_id)
        return found

    def _key(self, key: str, edges: dict[tuple[int, str], str]) -> str:
        """A key with other names of edges, its slot's optimizer included."""
        path, end, attribute = key.partition(_ATTRIBUTES)
        variable, slot, rest = path.partition(OBJECT_SLOT)
        return self._walked(variable, edges) + slot + self._walked(rest, edges) + end + attribute

    def _walked(self, path: str, edges: dict[tuple[int, str], str]) -> str:
        number = 0
        parts = path.split("/")
        for place, part in enumerate(parts):
            name = _unescaped(part)
            try:
                following = self._child(number, name)
            except KeyError:  # the name of a slot, behind its optimizer
                break
            if (number, name) in edges:
                parts[place] = _escaped(edges[number, name])
            number = following
        return "/".join(parts)


def _escaped(name: str) -> str:
    return name.replace(".", "..").replace("/", ".S")


def _unescaped(part: str) -> str:
    return part.replace("..", "\0").replace(".S", "/").replace("\0", ".")


def _replace(field: object, kept: list[Message]) -> None:
    """Put other messages in the place of those of a repeated field."""
    copies = [type(m).FromString(m.SerializeToString()) for m in kept]
    del field[:]  # type: ignore[attr-defined]
    field.extend(copies)  # type: ignore[attr-defined]
