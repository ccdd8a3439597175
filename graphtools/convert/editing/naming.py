"""Other names for inputs, outputs and signatures."""

from __future__ import annotations

from graphtools.convert.editing.editor import Editor
from graphtools.errors import InvalidValue, UnknownName
from graphtools.formats.tflite.tree import Tree
from graphtools.wording import did_you_mean


def rename(editor: Editor, old: str, new: str) -> None:
    """Rename an input or output: its tensor, its name in signatures, or a signature itself.

    Raises:
        UnknownName: Nothing is called so.
        InvalidValue: Something is called `new` already.
    """
    ends = [*dict.fromkeys([*editor.inputs, *editor.outputs])]
    tensors = [editor.tensors[i] for i in ends]
    entries = [
        entry
        for signature in editor.signatures
        for side in ("inputs", "outputs")
        for entry in signature.get(side, ())
    ]
    places: list[tuple[str, Tree, str]] = [
        *(("tensor", t, "name") for t in tensors),
        *(("name in a signature", e, "name") for e in entries),
        *(("signature", s, "signature_key") for s in editor.signatures),
    ]
    found = [(what, tree, key) for what, tree, key in places if tree.get(key) == old]
    if not found:
        known = [str(tree.get(key, "")) for _, tree, key in places]
        raise UnknownName(
            f"{editor.path} has no input, output or signature {old!r}", did_you_mean(old, known)
        )
    for kind in {what for what, _, _ in found}:
        taken = any(what == kind and tree.get(key) == new for what, tree, key in places)
        if taken and kind != "name in a signature":
            raise InvalidValue(f"{editor.path} has a {kind} {new!r} already")
    for signature in editor.signatures:
        for side in ("inputs", "outputs"):
            called = [e.get("name") for e in signature.get(side, ())]
            if old in called and new in called:
                raise InvalidValue(f"{editor.path} has a name {new!r} in a signature already")
    for what, tree, key in found:
        tree[key] = new
        editor.changes.append(f"the {what} {old} is called {new}")


def add_signature(editor: Editor, key: str) -> None:
    """Add a signature with all inputs and outputs, by the names of their tensors.

    Raises:
        InvalidValue: There is one of this key, or two ends have one name.
    """
    if any(s.get("signature_key") == key for s in editor.signatures):
        raise InvalidValue(f"{editor.path} has a signature {key!r} already")
    sides: dict[str, list[Tree]] = {}
    for side, ends in (("inputs", editor.inputs), ("outputs", editor.outputs)):
        called = [editor.name(i).removesuffix(":0") for i in ends]
        if len(set(called)) < len(called):
            raise InvalidValue(
                f"{editor.path} has {side} with one name, {max(called, key=called.count)!r}",
                "rename one of them first",
            )
        sides[side] = [
            {"name": name, "tensor_index": index} for name, index in zip(called, ends, strict=True)
        ]
    editor.signatures.append({**sides, "signature_key": key, "subgraph_index": 0})
    editor.changes.append(f"the signature {key} is added")
