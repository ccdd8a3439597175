"""What a picture of a graph shows: boxes in clusters of scopes, and what flows between them.

1. Constants are no boxes: they hang on the nodes that read them, as weights. One that nothing
   reads, or that is asked for by name, stays a box.
2. Scopes below a depth are one box each. Without a depth, the deepest is taken at which the picture
   still has at most `MOST_BOXES`.
3. Where a scope has more than `MOST_SIDE_BY_SIDE` boxes of its own, those of the same op are one
   box, and so are the scopes in it.
4. Between two boxes there is at most one edge for data and one for control.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from graphtools.analysis.op_families import family_of
from graphtools.analysis.picture import SHOWN_ELEMENTS, Box, Edge, GraphView, Weight
from graphtools.errors import Damaged, InvalidValue, unknown_scope
from graphtools.front_end import param
from graphtools.graph.dtypes import DType
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.graph.tensor import Tensor
from graphtools.ops.dims import Dims
from graphtools.ops.inference import Inference

#: More boxes than these a person does not take in at once.
MOST_BOXES = 80
#: More than these in one scope are not looked at one by one.
MOST_SIDE_BY_SIDE = 200
#: Clusters stand in one another this deep at most; the rest of a name is the label.
_MOST_NESTED = 8


def view_graph(
    graph: Graph,
    inference: Inference,
    *,
    names: Collection[str] | None = None,
    scope: str = "",
    depth: int | None = None,
    collapse: bool = True,
) -> GraphView:
    """Find out what a picture shows.

    Args:
        graph: The graph.
        inference: Its shapes.
        names: Names of the nodes that are part of it; all if None.
        scope: Only nodes of this scope are part of it.
        depth: How many scopes deep nodes are told apart, counted from `scope`; if None as deep as
            the picture stays small.
        collapse: Whether scopes become boxes at all.

    Raises:
        UnknownName: Nothing is in the scope.
        InvalidValue: The depth is less than 1.
    """
    if depth is not None and depth < 1:
        raise InvalidValue(f"a depth of {depth}: it is at least 1", f"as {param(depth=2)}")
    base = tuple(p for p in scope.strip("/").split("/") if p)
    chosen = [n for n in graph if names is None or n.name in names]
    if base:
        chosen = [n for n in chosen if _is_within(n.name, base)]
        if not chosen:
            raise unknown_scope(scope, [n.name for n in graph], "the graph")
    hung = hanging_constants(graph, chosen)
    shown = [n for n in chosen if n.name not in hung]
    if not collapse:
        depth = None
    elif depth is None:
        depth = _fitting_depth(shown, len(base))
    return _Picture(graph, inference, shown, hung, base, depth).view(len(chosen))


def _is_within(name: str, base: tuple[str, ...]) -> bool:
    prefix = "/".join(base)
    return name == prefix or name.startswith(prefix + "/")


def hanging_constants(graph: Graph, nodes: Iterable[Node]) -> dict[str, Node]:
    """By name, the nodes that are shown on their readers: constants, and what only passes them on.

    The values are the constants themselves.
    """
    hung: dict[str, Node] = {}
    waiting = []
    for node in nodes:
        # the control inputs of a constant only tell in which loop it is
        if node.op == "Const" and graph.is_read(node.name):
            hung[node.name] = node
        elif node.op in ("Identity", "Enter") and len(node.data_inputs) == 1:
            waiting.append(node)
    for node in waiting:
        source = producer(node.data_inputs[0])
        if source in hung and graph.is_read(node.name) and not node.control_inputs:
            hung[node.name] = hung[source]
    return hung


def _fitting_depth(nodes: Iterable[Node], base: int) -> int | None:
    """The largest depth at which there are few boxes; None if all nodes are few."""
    scopes = Counter(tuple(n.name.split("/")[:-1]) for n in nodes)
    deepest = max((len(s) for s in scopes), default=0) - base
    fitting: int | None = 1
    for depth in range(1, deepest + 2):
        collapsed = {s[: base + depth] for s in scopes if len(s) >= base + depth}
        boxes = len(collapsed) + sum(n for s, n in scopes.items() if len(s) < base + depth)
        if boxes > MOST_BOXES and depth > 1:
            return fitting
        fitting = depth
    return None if sum(scopes.values()) <= MOST_BOXES else fitting


class _Picture:
    """Gathers boxes and edges."""

    def __init__(
        self,
        graph: Graph,
        inference: Inference,
        shown: list[Node],
        hung: Mapping[str, Node],
        base: tuple[str, ...],
        depth: int | None,
    ) -> None:
        self.graph = graph
        self.inference = inference
        self.shown = shown
        self.hung = hung
        self.base = base
        self.depth = depth
        self.place = self._places()
        #: The boxes outside: by what tells one from another, its number among them, and the names
        #: that it stands for.
        self.outside: dict[tuple[str, ...], tuple[int, dict[str, None]]] = {}

    def _places(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """By node, the kind of its box and what tells the box from others."""
        limit = None if self.depth is None else len(self.base) + self.depth
        places: dict[str, tuple[str, tuple[str, ...]]] = {}
        members: Counter[tuple[str, ...]] = Counter()
        for node in self.shown:
            parts = tuple(node.name.split("/"))
            if limit is not None and len(parts) > limit:
                places[node.name] = ("scope", parts[:limit])
                members[parts[:limit]] += 1
            else:
                places[node.name] = ("node", parts)
        for name, (kind, key) in places.items():
            if kind == "scope" and members[key] == 1:
                places[name] = ("node", tuple(name.split("/")))
        crowd: Counter[tuple[str, ...]] = Counter()
        for _, key in set(places.values()):
            crowd[key[:-1]] += 1
        crowded = {scope for scope, number in crowd.items() if number > MOST_SIDE_BY_SIDE}
        if crowded and self.depth is not None:
            for node in self.shown:
                kind, key = places[node.name]
                if key[:-1] in crowded:
                    group = ("group", node.op) if kind == "node" else ("scopes", "")
                    places[node.name] = (group[0], (*key[:-1], group[1]))
        return places

    def view(self, nodes: int) -> GraphView:
        """The view."""
        members: dict[tuple[str, tuple[str, ...]], list[Node]] = {}
        for node in self.shown:
            members.setdefault(self.place[node.name], []).append(node)
        number = {place: index for index, place in enumerate(members)}
        weights: dict[int, dict[str, Weight]] = {index: {} for index in number.values()}
        flows: dict[tuple[int, int, bool], dict[str, None]] = {}
        for node in self.shown:
            target = number[self.place[node.name]]
            for text in node.inputs:
                name, control = producer(text), text[:1] == "^"
                if name in self.hung and not control:
                    constant = self.hung[name]
                    weights[target].setdefault(constant.name, weight_of(constant))
                    continue
                place = self.place.get(name)
                if place is not None:
                    source = number[place]
                elif name in self.graph and name not in self.hung:
                    source = len(number) + self._outside(name, "into", target)
                else:
                    continue
                if source != target:
                    flow = flows.setdefault((source, target, control), {})
                    flow[name if control else str(Ref.parse(text))] = None
        self._readers_outside(number, flows)
        boxes = [
            self._box(number[place], place, found, tuple(weights[number[place]].values()))
            for place, found in members.items()
        ]
        boxes += [
            _box_outside(len(number) + index, list(names), self.base)
            for index, names in self.outside.values()
        ]
        edges = tuple(
            Edge(source, target, control, tuple(tensors), self._label(control, list(tensors)))
            for (source, target, control), tensors in flows.items()
        )
        return GraphView(tuple(boxes), edges, self.depth, nodes)

    def _outside(self, name: str, direction: str, box: int) -> int:
        """The place among the boxes outside of that for a node which is not part of the picture.

        Of a scope's picture there is one for each scope around, else one for each box inside and
        direction.
        """
        key: tuple[str, ...] = (direction, str(box))
        if self.base:
            parts = name.split("/")
            shared = 0
            while (
                shared < min(len(self.base), len(parts) - 1) and parts[shared] == self.base[shared]
            ):
                shared += 1
            key = tuple(parts[: shared + 1])
            name = "/".join(key)
        index, names = self.outside.setdefault(key, (len(self.outside), {}))
        names[name] = None
        return index

    def _readers_outside(
        self,
        number: Mapping[tuple[str, tuple[str, ...]], int],
        flows: dict[tuple[int, int, bool], dict[str, None]],
    ) -> None:
        """Add what flows to nodes that are not part of the picture."""
        if len(self.shown) + len(self.hung) >= len(self.graph):
            return
        for node in self.shown:
            source = number[self.place[node.name]]
            for reader in self.graph.consumers(node.name):
                if reader.name in self.place or reader.name in self.hung:
                    continue
                target = len(number) + self._outside(reader.name, "out of", source)
                for text in reader.inputs:
                    if producer(text) == node.name:
                        control = text[:1] == "^"
                        flow = flows.setdefault((source, target, control), {})
                        flow[node.name if control else str(Ref.parse(text))] = None

    def _box(
        self,
        index: int,
        place: tuple[str, tuple[str, ...]],
        members: list[Node],
        weights: tuple[Weight, ...],
    ) -> Box:
        kind, key = place
        ops = Counter(n.op for n in members)
        ranked = tuple(ops.most_common())  # of those as frequent, the first to stand in the file
        scope = key[:-1][:_MOST_NESTED]
        if kind == "group" and len(members) == 1:
            kind, key = "node", tuple(members[0].name.split("/"))
        label = "/".join(key[len(scope) :])
        if kind == "group":
            label = f"{len(members):,} {key[-1]}"
        elif kind == "scopes":
            label = f"{len({n.name.split('/')[len(key) - 1] for n in members}):,} scopes"
        return Box(
            id=index,
            kind=kind,
            name=members[0].name if kind in ("group", "scopes") else "/".join(key),
            label=label,
            scope=scope,
            nodes=tuple(n.name for n in members),
            ops=ranked,
            family=_main_family(ranked),
            weights=weights,
        )

    def _label(self, control: bool, tensors: list[str]) -> str:
        if control:
            return ""
        if len(tensors) > 1:
            return f"{len(tensors)} tensors"
        ref = Ref.parse(tensors[0])
        return describe_tensor(
            self.inference.dtype(ref.node, ref.index), self.inference.dims(ref.node, ref.index)
        )


#: Families that tell what a scope is for, before those that only bring things into shape.
TELLING = (
    "convolution",
    "matrix product",
    "detection",
    "pooling",
    "normalization",
    "activation",
    "image",
    "quantization",
    "variable",
)


def _main_family(ops: Iterable[tuple[str, int]]) -> str:
    families: Counter[str] = Counter()
    for op, number in ops:
        families[family_of(op)] += number
    for family in TELLING:
        if family in families:
            return family
    return families.most_common(1)[0][0] if families else "other"


def describe_tensor(kind: DType | None, dims: Dims) -> str:
    """Dtype and shape of a tensor as `float32 [?,300,300,3]`, as far as they are known."""
    name = kind.base.name if kind is not None else ""
    shape = "" if dims is None else "[" + ",".join("?" if d is None else str(d) for d in dims) + "]"
    return f"{name} {shape}".strip()


def weight_of(node: Node) -> Weight:
    """A constant as it is shown on the nodes that read it."""
    tensor = node.tensor
    name = node.name.rsplit("/", 1)[-1]
    if tensor is None or tensor.shape.elements is None:
        return Weight(node.name, name, 0, 0)
    text = str(tensor.shape)
    if tensor.elements <= SHOWN_ELEMENTS:
        text = _values(tensor)
    return Weight(node.name, f"{name} {text}", tensor.nbytes, tensor.elements)


def _values(tensor: Tensor) -> str:
    """The few values of a constant; its shape, where they cannot be read."""
    values: Sequence[object] | None = tensor.integers(SHOWN_ELEMENTS)
    if values is None:
        try:
            values = tensor.array().ravel().tolist()
        except (Damaged, InvalidValue):
            return str(tensor.shape)
    texts = [f"{v:g}" if isinstance(v, float) else str(v) for v in values]
    return f"= [{','.join(texts)}]" if tensor.shape.dims else f"= {','.join(texts)}"


def _box_outside(index: int, names: Sequence[str], base: tuple[str, ...]) -> Box:
    label = _short(names[0], base) if len(names) == 1 else f"{len(names)} nodes"
    return Box(index, "outside", ", ".join(names), label, (), (), (), "other")


def _short(name: str, base: tuple[str, ...]) -> str:
    prefix = "/".join(base[:-1])
    return name[len(prefix) + 1 :] if prefix and name.startswith(prefix + "/") else name
