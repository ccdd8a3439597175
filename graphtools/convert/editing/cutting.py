"""A model that ends earlier, and one without what no run needs."""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.convert.editing.editor import Editor
from graphtools.errors import InvalidValue
from graphtools.formats.tflite.tree import Tree
from graphtools.wording import counted

#: Operators that do more than to give their outputs.
_ACTS = frozenset({"ASSIGN_VARIABLE", "CALL_ONCE", "HASHTABLE_IMPORT"})
#: Metadata that a runtime reads.
_NEEDED = frozenset({"min_runtime_version"})


def cut(editor: Editor, outputs: Sequence[str]) -> None:
    """End a model at other tensors; operators that these do not need go.

    Args:
        editor: The model.
        outputs: Names or indices of the tensors that become its outputs.

    Raises:
        UnknownName: There is no such tensor.
        InvalidValue: One is a constant or an input.
    """
    found = [editor.find(text) for text in outputs]
    for index in found:
        if editor.producer(index) is None:
            raise InvalidValue(
                f"the tensor {editor.name(index)!r} is computed by no operator, so that the model "
                "cannot end there"
            )
    before = len(editor.operators)
    editor.outputs[:] = found
    names = {
        index: entry.get("name", "")
        for s in editor.own_signatures
        for entry in s.get("outputs", ())
        for index in [entry.get("tensor_index", 0)]
    }
    for signature in editor.own_signatures:
        signature["outputs"] = [
            {"name": names.get(i) or editor.name(i).removesuffix(":0"), "tensor_index": i}
            for i in found
        ]
    needed = set(found)
    kept = []
    for operator in reversed(editor.operators):
        if needed & {*operator.get("outputs", ())} or editor.op(operator) in _ACTS:
            needed |= {*operator.get("inputs", ())}
            kept.append(operator)
    editor.operators[:] = reversed(kept)
    if editor.metadata is not None:
        editor.metadata = None
        editor.files.clear()
        editor.changes.append("the metadata, which were of other outputs, are gone")
    remove_unused(editor)
    editor.changes.append(
        f"the model ends at {', '.join(editor.name(i) for i in editor.outputs)}; "
        f"{counted(before - len(kept), 'operator')} of {before:,} went"
    )


def strip(editor: Editor) -> None:
    """Remove what no run needs: metadata, files, names of inner tensors, unused buffers."""
    metadata = editor.tree.get("metadata", [])
    editor.tree["metadata"] = [m for m in metadata if m.get("name") in _NEEDED]
    editor.metadata = None
    editor.files.clear()
    for subgraph in editor.tree["subgraphs"]:
        ends = {*subgraph.get("inputs", ()), *subgraph.get("outputs", ())}
        for index, tensor in enumerate(subgraph.get("tensors", ())):
            if index not in ends:
                tensor.pop("name", None)
        for table in (subgraph, *subgraph.get("operators", ())):
            table.pop("debug_metadata_index", None)
    before = len(editor.tree["buffers"])
    remove_unused(editor)
    gone = len(metadata) - len(editor.tree["metadata"])
    editor.changes.append(
        f"names of inner tensors, {counted(gone, 'piece')} of metadata and "
        f"{counted(before - len(editor.tree['buffers']), 'buffer')} went"
    )


def remove_unused(editor: Editor) -> None:
    """Remove tensors of the first subgraph, buffers and operator codes that nothing reads."""
    _renumber_tensors(editor)
    used = {0}
    tables: list[Tree] = [t for s in editor.tree["subgraphs"] for t in s.get("tensors", ())]
    tables += editor.tree.get("metadata", ())
    used |= {table.get("buffer", 0) for table in tables}
    used |= set(editor.tree.get("metadata_buffer", ()))
    numbers = _kept(editor.tree, "buffers", used)
    for table in tables:
        if "buffer" in table:
            table["buffer"] = numbers[table["buffer"]]
    if "metadata_buffer" in editor.tree:
        editor.tree["metadata_buffer"] = [numbers[i] for i in editor.tree["metadata_buffer"]]
    operators = [o for s in editor.tree["subgraphs"] for o in s.get("operators", ())]
    numbers = _kept(editor.tree, "operator_codes", {o.get("opcode_index", 0) for o in operators})
    for operator in operators:
        operator["opcode_index"] = numbers[operator.get("opcode_index", 0)]


def _renumber_tensors(editor: Editor) -> None:
    graph = editor.graph
    used = {*editor.inputs, *editor.outputs}
    keys = ("inputs", "outputs", "intermediates")
    used |= {i for o in editor.operators for key in keys for i in o.get(key, ()) if i >= 0}
    entries = [
        e for s in editor.own_signatures for k in ("inputs", "outputs") for e in s.get(k, ())
    ]
    used |= {e.get("tensor_index", 0) for e in entries}
    details = [t.get("quantization", {}).get("details", {}) for t in editor.tensors]
    used |= {d[k] for d in details for k in ("scales", "zero_points") if k in d}
    numbers = _kept(graph, "tensors", used)
    numbers[-1] = -1
    for ends in (editor.inputs, editor.outputs):
        ends[:] = [numbers[i] for i in ends]
    for operator in editor.operators:
        for key in keys:
            if key in operator:
                operator[key] = [numbers[i] for i in operator[key]]
    for entry in entries:
        entry["tensor_index"] = numbers[entry.get("tensor_index", 0)]
    for detail in details:
        for key in ("scales", "zero_points"):
            if key in detail:
                detail[key] = numbers.get(detail[key], detail[key])


def _kept(tree: Tree, key: str, used: set[int]) -> dict[int, int]:
    """Keep the used tables of a list; return their new numbers by the old ones."""
    items = tree.get(key, [])
    places = [i for i in range(len(items)) if i in used]
    tree[key] = [items[i] for i in places]
    return {old: new for new, old in enumerate(places)}
