"""A TFLite model that is being edited, and how it is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from graphtools.errors import InvalidValue, UnknownName
from graphtools.formats.tflite.metadata import (
    METADATA,
    archive_of,
    associated_files,
    encode_metadata,
    model_metadata,
)
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.formats.tflite.names import names
from graphtools.formats.tflite.schema import schema
from graphtools.formats.tflite.tree import Tree, read_tree, write_tree
from graphtools.wording import did_you_mean

_CUSTOM = 32
#: Numbers of operators up to this stand in a byte, too, where programs before TF 2.4 look.
_MOST_IN_BYTE = 127


class Editor:
    """A model whose tree is changed by edits, one after the other.

    Edits are of the first subgraph, which is the model; others are bodies of loops and branches.

    Attributes:
        path: The file.
        tree: The model, see `read_tree`.
        files: The files behind it, by name.
        metadata: Its metadata, see `model_metadata`; None without.
        changes: What was changed, one sentence each.
    """

    def __init__(self, model: TFLiteModel) -> None:
        """Begin to edit a model.

        Raises:
            FileProblem: It cannot be written again; see `read_tree`.
            InvalidValue: It has no subgraph.
            Damaged: It breaks the rules of its format.
        """
        self.path = model.path
        self.tree = read_tree(model)
        self.files = associated_files(model)
        self.metadata = model_metadata(model)
        self.changes: list[str] = []
        self._read = self.metadata
        if not self.tree.get("subgraphs"):
            raise InvalidValue(f"{model.path} has no subgraph, so that there is nothing to edit")

    @property
    def graph(self) -> Tree:
        """The first subgraph."""
        found: Tree = self.tree["subgraphs"][0]
        return found

    @property
    def tensors(self) -> list[Tree]:
        """Its tensors."""
        found: list[Tree] = self.graph.setdefault("tensors", [])
        return found

    @property
    def operators(self) -> list[Tree]:
        """Its operators, in the order of execution."""
        found: list[Tree] = self.graph.setdefault("operators", [])
        return found

    @property
    def inputs(self) -> list[int]:
        """Indices of the tensors that are fed."""
        found: list[int] = self.graph.setdefault("inputs", [])
        return found

    @property
    def outputs(self) -> list[int]:
        """Indices of the tensors that are fetched."""
        found: list[int] = self.graph.setdefault("outputs", [])
        return found

    @property
    def signatures(self) -> list[Tree]:
        """The signatures."""
        found: list[Tree] = self.tree.setdefault("signature_defs", [])
        return found

    @property
    def own_signatures(self) -> Iterator[Tree]:
        """The signatures of the first subgraph."""
        return (s for s in self.signatures if not s.get("subgraph_index", 0))

    # Asking

    def op(self, operator: Tree) -> str:
        """The name of an operator, as `CONV_2D`."""
        code = self.tree["operator_codes"][operator.get("opcode_index", 0)]
        number = max(code.get("builtin_code", 0), code.get("deprecated_builtin_code", 0))
        if number == _CUSTOM:
            return str(code.get("custom_code", ""))
        return names().operators.get(number, f"UNKNOWN_{number}")

    def label(self, operator: Tree) -> str:
        """An operator for messages: its op and its first output."""
        outputs = [i for i in operator.get("outputs", ()) if i >= 0]
        return f"{self.op(operator)} {self.name(outputs[0])!r}" if outputs else self.op(operator)

    def name(self, index: int) -> str:
        """The name of a tensor; its index where it has none."""
        return self.tensors[index].get("name") or f"tensor {index}"

    def dtype(self, index: int) -> str:
        """The element type of a tensor, as `float32`."""
        return names().types.get(self.tensors[index].get("type", 0), "unknown")

    def option(self, operator: Tree, key: str, default: Any = 0) -> Any:
        """An option of an operator."""
        return operator.get("builtin_options", {}).get(key, default)

    def readers(self, index: int) -> list[Tree]:
        """The operators that read a tensor."""
        return [o for o in self.operators if index in o.get("inputs", ())]

    def producer(self, index: int) -> Tree | None:
        """The operator that gives a tensor, None where none does."""
        return next((o for o in self.operators if index in o.get("outputs", ())), None)

    def content(self, index: int) -> bytes:
        """The stored bytes of a tensor; empty where it is computed."""
        buffer = self.tree["buffers"][self.tensors[index].get("buffer", 0)]
        return bytes(buffer.get("data", b""))

    def integers(self, index: int) -> list[int] | None:
        """The values of a constant of int32 or int64, None for any other tensor."""
        import struct

        content = self.content(index)
        code = {"int32": "i", "int64": "q"}.get(self.dtype(index))
        if not content or code is None:
            return None
        return list(struct.unpack(f"<{len(content) // struct.calcsize(code)}{code}", content))

    def find(self, text: str) -> int:
        """The tensor that a user means: by its name, `:0` or without, or by its index.

        Raises:
            UnknownName: There is none.
        """
        known = {t.get("name", ""): i for i, t in reversed(list(enumerate(self.tensors)))}
        for name in (text, f"{text}:0", text.removesuffix(":0")):
            if name in known:
                return known[name]
        if text.isdecimal() and int(text) < len(self.tensors):
            return int(text)
        raise UnknownName(
            f"{self.path} has no tensor {text!r}",
            did_you_mean(text, known, f"it has {len(self.tensors):,} tensors"),
        )

    # Changing

    def add_tensor(self, like: Tree, **fields: Any) -> int:
        """Add a tensor that is like another, with other fields; return its index."""
        self.tensors.append({**like, **fields})
        return len(self.tensors) - 1

    def add_integers(self, values: Sequence[int], like: int) -> int:
        """Add a constant of integers with the type and shape of another; return its index."""
        import struct

        code = {"int32": "i", "int64": "q"}[self.dtype(like)]
        self.tree["buffers"].append({"data": struct.pack(f"<{len(values)}{code}", *values)})
        return self.add_tensor(self.tensors[like], buffer=len(self.tree["buffers"]) - 1)

    def operator_code(self, op: str, version: int) -> int:
        """The index of an operator code, which is added where there is none."""
        number = {name: n for n, name in names().operators.items()}[op]
        wanted: Tree = {
            "deprecated_builtin_code": min(number, _MOST_IN_BYTE),
            "builtin_code": number,
            "version": version,
        }
        for index, code in enumerate(self.tree["operator_codes"]):
            found = max(code.get("builtin_code", 0), code.get("deprecated_builtin_code", 0))
            if (found, code.get("version", 1)) == (number, version):
                return index
        self.tree["operator_codes"].append(wanted)
        return len(self.tree["operator_codes"]) - 1

    def new_operator(self, op: str, version: int, source: int, target: int) -> Tree:
        """An operator with one input and one output, and no options of note."""
        table = f"{op.capitalize()}Options"
        kinds = {name: number for number, name in schema().enums["BuiltinOptions"].items()}
        return {
            "opcode_index": self.operator_code(op, version),
            "inputs": [source],
            "outputs": [target],
            "builtin_options_type": kinds[table],
            "builtin_options": {},
        }

    def replace_end(self, ends: list[int], old: int, new: int) -> None:
        """Let an input or output be another tensor, in the signatures, too."""
        side = "inputs" if ends is self.inputs else "outputs"
        ends[:] = [new if index == old else index for index in ends]
        for signature in self.own_signatures:
            for entry in signature.get(side, ()):
                if entry.get("tensor_index", 0) == old:
                    entry["tensor_index"] = new

    # Writing

    def pieces(self) -> list[bytes]:
        """The file, in pieces.

        Raises:
            InvalidValue: The metadata have what they cannot.
        """
        if self.metadata != self._read:
            self._write_metadata()
        model = write_tree(self.tree)
        return [model, archive_of(self.files, len(model))]

    def _write_metadata(self) -> None:
        """Put the metadata in the place of those that were there, or behind all else."""
        attached: list[Tree] = self.tree.setdefault("metadata", [])
        at = next((i for i, m in enumerate(attached) if m.get("name") == METADATA), len(attached))
        new: list[Tree] = []
        if self.metadata is not None:
            self.tree["buffers"].append({"data": encode_metadata(self.metadata)})
            new = [{"name": METADATA, "buffer": len(self.tree["buffers"]) - 1}]
        attached[at : at + 1] = new
