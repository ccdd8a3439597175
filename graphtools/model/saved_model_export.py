"""From a graph to a SavedModel: `export_saved_model`, and other signatures for one that is there.

Names, dtypes and shapes of signatures are those of the graph: TensorFlow's loaders check them late
or never. Source: measured with TensorFlow 1.15, 2.21 and its converter.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from graphtools.analysis.signatures import DEFAULT_SIGNATURE
from graphtools.display import Displayed
from graphtools.errors import FileProblem, InvalidGraph, InvalidValue
from graphtools.formats.metagraph import MetaGraph, Signature, TensorInfo
from graphtools.formats.metagraph_writing import VariableEntry
from graphtools.formats.saved_model import SavedModel
from graphtools.formats.saved_model_writing import (
    PREDICT,
    Content,
    KeptVariable,
    write_saved_model,
)
from graphtools.formats.tensor_bundle_writing import NewTensor
from graphtools.front_end import param, step
from graphtools.graph.dtypes import STRING, dtype
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.graph.saved_keys import SavedAs
from graphtools.graph.shape import UNKNOWN_SHAPE
from graphtools.graph.tensor import Tensor
from graphtools.graph.variables import VARIABLE_OPS
from graphtools.idioms.side_effects import READING_OPS
from graphtools.model.endpoints import no_outputs
from graphtools.model.loading import LoadedModel, load_model
from graphtools.model.options import ModelOptions
from graphtools.ops.handing_on import SAME_TENSOR, source_node
from graphtools.ops.inference import infer_shapes, node_output_dtypes
from graphtools.rewrite.prune import lost_table_fillers, needed_nodes, unfilled_tables
from graphtools.schema.wire import PROTOBUF_LIMIT
from graphtools.transforms._state import holds_state
from graphtools.transforms._variable_values import saved_as, stored_values
from graphtools.transforms.pipeline import transform
from graphtools.transforms.saver_nodes import put_saver
from graphtools.transforms.unfreeze import unfreeze
from graphtools.wording import and_others, counted

#: What Python takes for the name of an argument: TensorFlow 2 calls a signature by such.
_KEY = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_FILLS_FROM_FILE = frozenset(op for op in READING_OPS if op.startswith("InitializeTable"))


@dataclasses.dataclass(frozen=True)
class SavedModelExport(Displayed):
    """A SavedModel that was written.

    Attributes:
        source: What it was made of.
        path: Its folder; empty where nothing was written.
        tags: Its tags.
        signatures: Its signatures.
        nodes: Number of nodes of its graph.
        variables: Number of its variables.
        bytes: Bytes of its files.
        assets: Names of its asset files.
        main_op: The node that is run after loading; empty for none.
        notes: What was chosen and left out, for the user.
    """

    source: str
    path: str
    tags: tuple[str, ...]
    signatures: tuple[Signature, ...]
    nodes: int
    variables: int
    bytes: int
    assets: tuple[str, ...] = ()
    main_op: str = ""
    notes: tuple[str, ...] = ()


def export_saved_model(
    source: str | os.PathLike[str],
    folder: str | os.PathLike[str] | None,
    *,
    signature: str = "",
    inputs: Mapping[str, str] | Sequence[str] | None = None,
    outputs: Mapping[str, str] | Sequence[str] | None = None,
    tags: Sequence[str] = ("serve",),
    assets: Sequence[str] = (),
    checkpoint: str | os.PathLike[str] | None = None,
    unfrozen: bool = False,
    tag_set: Sequence[str] | None = None,
    limit: int = PROTOBUF_LIMIT,
) -> SavedModelExport:
    """Make a SavedModel of a frozen graph, of a .meta with its checkpoint, or of another one.

    The graph is cut to what the signatures need. Variables stay variables; a graph above 2 GB gets
    such for its constants. Look-up tables are filled when the SavedModel is loaded.

    Args:
        source: The graph.
        folder: The folder to write; None to write nothing.
        signature: The key of the signature; `serving_default` if empty.
        inputs: Its inputs, as {"x": "image:0"} or names of tensors; the likely ones if None.
        outputs: Its outputs, likewise.
        tags: The tags of the SavedModel.
        assets: Files that tables are filled from, where they are not where the graph says.
        checkpoint: Where the values of variables are; found beside a .meta if None.
        unfrozen: Whether constants become variables below 2 GB, too.
        tag_set: For a SavedModel with several meta graphs, the tags of the one to take.
        limit: Bytes of a graph that TensorFlow reads.

    Raises:
        UnknownName: A tensor is not in the graph.
        InvalidValue: No outputs are known, a key is none, or there are no values of variables.
        InvalidGraph: The outputs need state that is gone, as a table that nothing fills.
        FileProblem: There is no graph, a file is not there, or the folder cannot be written.

    Example:
        >>> done = export_saved_model("fixtures/classifier/frozen.pb", None)
        >>> [(key.key, key.name) for key in done.signatures[0].inputs]
        [('input', 'input:0')]
    """
    named = NamedTensors.of(inputs), NamedTensors.of(outputs)
    options = ModelOptions(
        inputs=named[0].tensors,
        outputs=named[1].tensors,
        tags=tag_set,
        checkpoint=checkpoint,
    )
    model = load_model(source, options)
    notes: list[str] = []
    graph, signatures = _signed(model, signature or DEFAULT_SIGNATURE, named, notes)
    graph, fillers = _cut(graph, signatures, notes)
    content = Content(tuple(tags), signatures)
    if not (unfrozen or sum(map(len, graph.pieces())) > limit):
        limit = 0
    content = _with_values(model, graph, content, notes, unfrozen=bool(limit))
    content = _with_assets(model, graph, content, assets)
    content = content._replace(main_op=_main_op(graph, fillers))
    return _written(model, graph, content, folder, notes)


def _with_values(
    model: LoadedModel, graph: Graph, content: Content, notes: list[str], *, unfrozen: bool = False
) -> Content:
    """The variables of a graph, or those that its constants become."""
    variables = [node for node in graph if node.op in VARIABLE_OPS]
    if variables:
        return _with_variables(model, graph, variables, content)
    return _with_unfrozen(graph, content, notes) if unfrozen else content


def _written(
    model: LoadedModel,
    graph: Graph,
    content: Content,
    folder: str | os.PathLike[str] | None,
    notes: Sequence[str],
) -> SavedModelExport:
    placed = [node for node in graph if node.device]
    for node in placed:
        graph.set_device(node, "")
    if placed:
        notes = [*notes, f"{counted(len(placed), 'node')} stood on a device, which others lack"]
    size = 0 if folder is None else write_saved_model(folder, graph, content)
    return SavedModelExport(
        model.path,
        "" if folder is None else os.fspath(folder),
        tuple(content.tags),
        tuple(content.signatures),
        len(graph),
        len(content.variables),
        size,
        tuple(content.asset_files),
        content.main_op,
        tuple(notes),
    )


def save_as_saved_model(
    model: LoadedModel, graph: Graph, folder: str | os.PathLike[str]
) -> SavedModelExport:
    """Write what a transform has made of a SavedModel's graph as one again.

    Variables keep their values, tables what fills them, if it is still there. Signatures follow
    the nodes; one whose nodes are gone leaves.

    Args:
        model: The SavedModel.
        graph: The graph that was made of its own.
        folder: The folder to write.

    Raises:
        InvalidValue: No signature is left.
        GraphtoolsError: See `export_saved_model`.
    """
    file = model.file
    assert isinstance(file, SavedModel)
    graph = graph.copy()
    names = graph.renamed

    def follow(info: TensorInfo) -> TensorInfo:
        ref = Ref.from_user(info.name)
        return info._replace(name=Ref(names.get(ref.node, ref.node), ref.index).tensor)

    kept, notes = [], []
    for signature in (s for s in model.signatures if not s.is_internal):
        sides = (tuple(map(follow, side)) for side in (signature.inputs, signature.outputs))
        inputs, outputs = sides
        inputs = tuple(i for i in inputs if producer(i.name) in graph)  # nothing needs the others
        if all(producer(o.name) in graph for o in outputs):
            kept.append(
                checked_signature(graph, signature._replace(inputs=inputs, outputs=outputs))
            )
        else:
            notes.append(f"the signature {signature.key!r} left: its nodes are gone")
    if not kept:
        raise InvalidValue(
            f"no signature of {model.path} is left: their nodes are gone",
            "write a graph to a file that ends in .pb, and make a SavedModel of that: "
            + step("saved-model", "GRAPH", output="FOLDER"),
        )
    meta = file.meta_graph(model.options.tags)
    if meta.has_objects:
        notes.append("the objects of TensorFlow 2 left: it is loaded for its signatures")
    graph, fillers = _cut(_with_initializers(model, graph), kept, notes)
    content = _with_values(model, graph, Content(meta.tags, kept), notes)
    content = _with_assets(model, graph, content, ())
    content = content._replace(main_op=_main_op(graph, fillers))
    return _written(model, graph, content, folder, notes)


def _with_initializers(model: LoadedModel, graph: Graph) -> Graph:
    """A graph with what fills its tables in the model that it was made of."""
    source, renamed = model.source, graph.renamed
    tables = unfilled_tables(graph)
    fillers = lost_table_fillers(source, {name for name in tables if name not in renamed})
    restore_nodes(graph, source, fillers)
    return graph


def restore_nodes(graph: Graph, source: Graph, names: Iterable[str]) -> None:
    """Put nodes back into a graph, with what they need, as they were in the one it was made of.

    Args:
        graph: The graph, which is changed.
        source: What it was made of.
        names: The nodes; one of which something has another name now stays away.
    """
    for name in names:
        there = {node.name for node in graph}
        lost = needed_nodes(source, [name], there) - there
        if lost & graph.renamed.keys():
            continue
        for node in source:
            if node.name in lost:
                graph.add(node.copy())


class NamedTensors(NamedTuple):
    """Tensors that were named, and what they are to be called."""

    tensors: list[str] | None
    keys: dict[str, str]

    @classmethod
    def of(cls, given: Mapping[str, str] | Sequence[str] | None) -> NamedTensors:
        """What a user says.

        Raises:
            InvalidValue: A key is none, or a tensor has two.
        """
        if given is None:
            return cls(None, {})
        if not isinstance(given, Mapping):
            return cls(list(given), {})
        for key in given:
            if not _KEY.fullmatch(key):
                raise InvalidValue(
                    f"{key!r} cannot be a key: TensorFlow 2 calls signatures by Python arguments",
                    f"name it {_key_for(key)}",
                )
        return cls(list(given.values()), {str(Ref.from_user(t)): k for k, t in given.items()})


def _key_for(text: str) -> str:
    """A key that is made of a name."""
    plain = re.sub(r"\W", "_", text, flags=re.ASCII)
    return plain if _KEY.fullmatch(plain) else f"_{plain}"


def _signed(
    model: LoadedModel, key: str, named: tuple[NamedTensors, NamedTensors], notes: list[str]
) -> tuple[Graph, list[Signature]]:
    """The graph of a model with the signatures that it is to have.

    Raises:
        UnknownName, InvalidValue: See `export_saved_model`.
    """
    kept = [s for s in model.signatures if not s.is_internal]
    if kept and named[0].tensors is None and named[1].tensors is None:
        return model.source, [checked_signature(model.source, s) for s in kept]
    stored = model.stored
    notes += stored.notes
    if not stored.outputs:
        raise no_outputs(model.path)
    keys = dict(stored.keys) if named[0].tensors is None or named[1].tensors is None else {}
    sides = []
    for ends, side in ((stored.inputs, named[0]), (stored.outputs, named[1])):
        used: dict[str, str] = {}
        for tensor in ends:
            found = side.keys.get(tensor) or keys.get(tensor) or _key_for(tensor)
            if found in used:
                raise InvalidValue(
                    f"{used[found]!r} and {tensor!r} would both be called {found!r}",
                    "name them KEY=TENSOR",
                )
            used[found] = tensor
        sides.append(tuple(TensorInfo(k, t, dtype(0), UNKNOWN_SHAPE) for k, t in used.items()))
    made = checked_signature(stored.graph, Signature(key, PREDICT, *sides))
    return stored.graph, [*(checked_signature(stored.graph, s) for s in kept if s.key != key), made]


def checked_signature(graph: Graph, signature: Signature) -> Signature:
    """A signature with the names, dtypes and shapes that the graph has.

    Raises:
        UnknownName: A tensor is not in the graph.
        InvalidValue: A node has no such output.
    """
    named = [*signature.inputs, *signature.outputs]
    refs = {info.name: Ref.from_user(info.name) for info in named}
    for ref in refs.values():
        graph.find(ref.node)
    inference = infer_shapes(graph, targets={ref.node for ref in refs.values()})

    def of_graph(info: TensorInfo) -> TensorInfo:
        ref = refs[info.name]
        kinds = node_output_dtypes(graph, graph[ref.node])
        kind = inference.dtype(ref.node, ref.index) or info.dtype
        if not kind.number or len(kinds) <= ref.index:
            raise InvalidValue(
                f"{info.name!r} is no tensor with a known type, which a signature needs",
                f"see what the node gives: {step('node', 'GRAPH', ref.node)}",
            )
        shape = inference.shape(ref.node, ref.index)
        shape = info.shape if shape.dims is None else shape
        return TensorInfo(info.key, ref.tensor, kind.base, shape)

    sides = (tuple(map(of_graph, s)) for s in (signature.inputs, signature.outputs))
    return Signature(signature.key, signature.method or PREDICT, *sides)


def _cut(
    graph: Graph, signatures: Sequence[Signature], notes: list[str]
) -> tuple[Graph, list[str]]:
    """What signatures need of a graph, and the nodes that fill its tables.

    Raises:
        InvalidGraph: A table is not filled, or there is state that is no variable.
    """
    fed = list(dict.fromkeys(i.name for s in signatures for i in s.inputs))
    fetched = list(dict.fromkeys(o.name for s in signatures for o in s.outputs))
    ends = set(map(producer, fed))
    fillers = lost_table_fillers(graph, needed_nodes(graph, map(producer, fetched), ends))
    done = transform(graph, "strip_unused_nodes", fed, [*fetched, *fillers])
    notes += (n for s in done.report.steps for n in s.notes)
    unfilled = unfilled_tables(done.graph)
    if unfilled:
        raise InvalidGraph(
            f"{unfilled[0]!r}{and_others(unfilled)} is a look-up table that nothing fills: what "
            "fills it is not in the graph, and TensorFlow would say 'Table not initialized'",
            "freezing has removed it: make the SavedModel of the .meta or SavedModel that was "
            f"frozen, or freeze that with {param('initializers')}",
        )
    for node in done.graph:
        if holds_state(node):
            raise InvalidGraph(
                f"{node.name!r} ({node.op}) holds state that is no variable, which would be lost",
                "export it with the program that made it",
            )
    return done.graph, fillers


def _with_variables(
    model: LoadedModel, graph: Graph, variables: Sequence[Node], content: Content
) -> Content:
    """The variables of a graph with their values, under their names.

    Raises:
        InvalidValue, UnknownName: They are not in the checkpoint, or there is none.
    """
    if model.checkpoint is None:
        raise InvalidValue(
            f"the graph has {counted(len(variables), 'variable')}, {variables[0].name!r} among "
            "them, and no checkpoint was given",
            f"give it with {param('checkpoint')}",
        )
    first = {now: old for old, now in graph.renamed.items()}
    known = saved_as(model.source, model.checkpoint)
    known |= {now: known.get(old, SavedAs(old, "")) for now, old in first.items()}
    values, keys = {}, {}
    for name, (stored, part) in stored_values(variables, model.checkpoint, known).items():
        key = stored.name if part else name
        keys[name] = SavedAs(key, part)
        values[key] = NewTensor.of_stored(stored, key)
    collections = _collections(model)
    saver = put_saver(graph, variables, keys)
    kept = [
        KeptVariable(_entry(graph, node, saver.restore), collections.get(node.name, ("variables",)))
        for node in variables
    ]
    return content._replace(variables=kept, saver=saver, values=tuple(values.values()))


def _collections(model: LoadedModel) -> dict[str, tuple[str, ...]]:
    """The collections in which variables stand, by their nodes."""
    file = model.file
    meta = file.meta_graph(model.options.tags) if isinstance(file, SavedModel) else file
    if not isinstance(meta, MetaGraph):
        return {}
    return {
        producer(name): tuple(dict.fromkeys(("variables", *where)))
        for name, where in meta.variables.items()
    }


def _entry(graph: Graph, node: Node, restore: str) -> VariableEntry:
    """What a SavedModel tells of a variable, with a node that gives its value."""
    is_resource = node.op == "VarHandleOp"
    reading = "ReadVariableOp" if is_resource else "Identity"
    read = next((n for n in graph.consumers(node.name) if n.op == reading), None)
    if read is None:
        kind = node.attr("dtype")
        name = graph.free_name(f"{node.name}/read")
        read = graph.add(Node(name, reading, [node.name], {"dtype" if is_resource else "T": kind}))
    # its values are restored: nothing else initialises it
    return VariableEntry(node.name, restore, read.name, is_resource)


def _with_unfrozen(graph: Graph, content: Content, notes: list[str]) -> Content:
    """Variables in the place of the constants of a graph."""
    found = unfreeze(graph)
    if not found:
        notes.append("no constant was a variable, and none is large: all stay constants")
        return content
    nodes = [graph[variable.node] for variable in found]
    saver = put_saver(graph, nodes, {v.node: SavedAs(v.name, "") for v in found})
    kept = [KeptVariable(VariableEntry(v.node, saver.restore, v.read, True)) for v in found]
    notes.append(f"{counted(len(found), 'constant')} became variables")
    values = tuple(variable.stored() for variable in found)
    return content._replace(variables=kept, saver=saver, values=values)


def _with_assets(
    model: LoadedModel, graph: Graph, content: Content, given: Sequence[str]
) -> Content:
    """The files from which tables are filled.

    Raises:
        FileProblem: One is not there.
        InvalidValue: A file was given that no table is filled from.
    """
    import numpy as np

    unused = {os.path.basename(os.path.normpath(path)): path for path in given}
    by_name = dict(unused)
    named = ((Ref.from_user(tensor).node, path) for tensor, path in model.assets.items())
    recorded = {graph.renamed.get(name, name): path for name, path in named}
    tensors: dict[str, str] = {}
    files: dict[str, str] = {}
    for node in list(graph):
        if node.op not in _FILLS_FROM_FILE or len(node.data_inputs) < 2:
            continue
        constant = source_node(graph, node.data_inputs[1], SAME_TENSOR)
        if constant is None or f"{constant.name}:0" in tensors:
            continue
        texts = constant.tensor.strings(1) if constant.tensor else None
        stated = recorded.get(constant.name) or (
            texts[0].decode("utf-8", "replace") if texts else ""
        )
        name = os.path.basename(stated)
        unused.pop(name, None)
        path = _found(by_name.get(name) or stated, model.path)
        if not path or constant.op != "Const":
            raise FileProblem(
                f"{node.name!r} fills a look-up table from {stated or 'a file'}, which is not "
                "there",
                f"give the file with {param('assets')}",
            )
        name = _free(name, path, files)
        files[name] = path
        tensors[f"{constant.name}:0"] = name
        graph.set_value(constant, Tensor.from_array(np.array(name.encode(), object), STRING))
    if unused:
        raise InvalidValue(
            f"no table is filled from {next(iter(unused))}",
            f"the tables are filled from: {', '.join(files) or 'no file'}",
        )
    return content._replace(assets=tensors, asset_files=files)


def _found(path: str, source: str) -> str:
    """A file, or the one of its name beside a model; empty if there is neither."""
    beside = os.path.dirname(source)
    tried = (path, os.path.join(beside, path), os.path.join(beside, os.path.basename(path)))
    return next((p for p in tried if os.path.isfile(p)), "") if path else ""


def _free(name: str, path: str, files: Mapping[str, str]) -> str:
    """A name for a file that no other one has."""
    found, number = name, 0
    while files.get(found, path) != path:
        number += 1
        found = f"{number}_{name}"
    return found


def _main_op(graph: Graph, fillers: Sequence[str]) -> str:
    """The node that fills the tables of a graph; empty where there is nothing to fill."""
    if not fillers:
        return ""
    waits = [f"^{name}" for name in fillers]
    return graph.add(Node(graph.free_name("init_all_tables"), "NoOp", waits)).name
