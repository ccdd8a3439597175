"""What a graph does beside computing when it runs: `effects_of`.

A graph that came from somewhere writes what it says, where it says; TensorFlow does not ask.
Source: TensorFlow's registered ops (io_ops, summary_ops, logging_ops, dataset_ops, script_ops,
debug_ops) and their kernels.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from graphtools.graph.following import ancestors_of, reach
from graphtools.graph.functions import CALLS, CASES, CONDITIONALS, LOOPS, called_by
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.placeholders import FED as FED_OPS
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.ref import producer
from graphtools.ops.bodies import body_of
from graphtools.ops.definitions import op_definition
from graphtools.ops.handing_on import INTO_FRAMES, SAME_TENSOR, VARIABLE_READS, source_node

WRITES = "writes"
READS = "reads"
NETWORK = "network"
PYTHON = "Python"
UNKNOWN = "unknown"

#: What TensorFlow's own `saved_model_cli scan` looks for, which is less.
SCANNED_OPS = frozenset({"WriteFile", "ReadFile", "PrintV2"})
#: By op that writes, the input that is the path or the attribute that holds it; None where a
#: resource tells it.
WRITING_OPS: dict[str, int | str | None] = {
    "WriteFile": 0, "Save": 0, "SaveSlices": 0, "SaveV2": 0, "DistributedSave": 1,
    "MergeV2Checkpoints": 1, "CreateSummaryFileWriter": 1, "CreateSummaryDbWriter": 1,
    "WriteSummary": None, "WriteRawProtoSummary": None, "WriteScalarSummary": None,
    "WriteHistogramSummary": None, "WriteImageSummary": None, "WriteAudioSummary": None,
    "WriteGraphSummary": None, "ImportEvent": None, "DatasetToTFRecord": 1,
    "ExperimentalDatasetToTFRecord": 1, "SaveDataset": 1, "SaveDatasetV2": 1,
    "SnapshotDataset": 1, "SnapshotDatasetV2": 1, "CacheDataset": 1, "CacheDatasetV2": 1,
    "PrintV2": "output_stream", "DumpTensor": "log_dir_path",
    "CalibrationStatisticsSaver": "output_file_path", "DebugIdentity": "debug_urls",
    "DebugIdentityV2": "debug_urls", "DebugIdentityV3": "debug_urls",
    "DebugNanCount": "debug_urls", "DebugNumericSummary": "debug_urls",
}  # fmt: skip
#: By op that reads files, likewise.
READING_OPS: dict[str, int | str | None] = {
    "ReadFile": 0, "MatchingFiles": 0, "Restore": 0, "RestoreSlice": 0, "RestoreV2": 0,
    "DTensorRestoreV2": 0, "LoadDataset": 0, "ListSnapshotChunksDataset": 0,
    "SnapshotChunkDataset": 0, "WholeFileReader": None, "WholeFileReaderV2": None,
    "TextLineReader": None, "TextLineReaderV2": None, "TFRecordReader": None,
    "TFRecordReaderV2": None, "FixedLengthRecordReader": None, "FixedLengthRecordReaderV2": None,
    "LMDBReader": None, "TFRecordDataset": 0, "TFRecordDatasetV2": 0, "TextLineDataset": 0,
    "FixedLengthRecordDataset": 0, "FixedLengthRecordDatasetV2": 0, "MatchingFilesDataset": 0,
    "ExperimentalMatchingFilesDataset": 0, "LMDBDataset": 0, "ExperimentalLMDBDataset": 0,
    "CSVDataset": 0, "CSVDatasetV2": 0, "ExperimentalCSVDataset": 0, "SqlDataset": 1,
    "ExperimentalSqlDataset": 1, "InitializeTableFromTextFile": 1,
    "InitializeTableFromTextFileV2": 1, "GenerateVocabRemapping": 0, "LoadAndRemapMatrix": 0,
    "RecordInput": "file_pattern", "FixedUnigramCandidateSampler": "vocab_file",
    "Skipgram": "filename",
}  # fmt: skip
_NETWORK_OPS: dict[str, int | str | None] = {
    "Rpc": 0, "TryRpc": 0, "RpcClient": 0, "RpcServer": 0, "DataServiceDataset": 2,
    "DataServiceDatasetV2": 2, "DataServiceDatasetV3": 2, "DataServiceDatasetV4": 2,
    "RegisterDataset": 1, "RegisterDatasetV2": 1, "BigQueryReader": None,
}  # fmt: skip
_PYTHON_OPS = frozenset({"PyFunc", "PyFuncStateless", "EagerPyFunc"})
#: By op, what it does and the input that names the file or address.
_EFFECTS: Mapping[str, tuple[str, int | str | None]] = {
    **{op: (WRITES, place) for op, place in WRITING_OPS.items()},
    **{op: (READS, place) for op, place in READING_OPS.items()},
    **{op: (NETWORK, place) for op, place in _NETWORK_OPS.items()},
    **dict.fromkeys(_PYTHON_OPS, (PYTHON, None)),
}
#: Without a path they do not touch files: what is cached stays in memory, ids are not named,
#: nothing is debugged.
_PATH_IS_OPTIONAL = frozenset(
    {"CacheDataset", "CacheDatasetV2", "FixedUnigramCandidateSampler"}
    | {op for op, place in WRITING_OPS.items() if place == "debug_urls"}
)
#: What saves and restores variables; whoever runs it says where.
SAVER_OPS = frozenset({"Save", "SaveSlices", "SaveV2", "MergeV2Checkpoints", "DistributedSave",
    "Restore", "RestoreSlice", "RestoreV2", "DTensorRestoreV2"})  # fmt: skip
_TO_FILE = "file://"
_ASSIGNS = frozenset({"Assign", "AssignVariableOp"})
#: Ops of no OpDef that TensorFlow itself puts into bodies of functions.
_BODY_OPS = frozenset({"_Arg", "_Retval"})
#: So many names of files are told of one node.
_MOST_NAMES = 5

#: Where the name of a file comes from, the worst first: it stands in the graph, also as what is
#: taken when nothing is fed, the graph works it out, it is fed, or it is a file of the SavedModel.
CONSTANT, COMPUTED, FED, ASSET = "constant", "computed", "fed", "asset"
_ORIGINS = (CONSTANT, COMPUTED, FED, ASSET)
#: When something happens: as a SavedModel is loaded, as outputs are fetched, as a function of a
#: loaded SavedModel is called, or never.
LOAD, RUN, CALL, NEVER = "load", "run", "call", "never"


class Effect(NamedTuple):
    """A node that does more than compute.

    Attributes:
        node: Its name; in the body of a function with `@` and the function's name.
        op: Its op.
        kind: `writes`, `reads`, `network`, `Python`, or `unknown` for an op that no TensorFlow has.
        path: The file or address, as far as it is constant; else empty.
        origin: Where the name of the file comes from: `constant`, `computed` or `fed`.
        when: `load`, `run`, `call` or `never`; see `survey_effects`.
    """

    node: str
    op: str
    kind: str
    path: str = ""
    origin: str = COMPUTED
    when: str = RUN

    @property
    def leaves_the_folder(self) -> bool:
        """Whether a file is named by more than a name beside the model: absolutely, by `..`, in
        the home folder.
        """
        path = self.path.replace("\\", "/")
        return path.startswith(("/", "~")) or path[1:2] == ":" or ".." in path.split("/")

    def __str__(self) -> str:
        """The node and what it does, for a message."""
        node = f"{self.node!r} ({self.op})"
        if self.kind == PYTHON:
            return f"{node} calls Python code, which is not in the file"
        if self.kind == UNKNOWN:
            return f"{node} is an op of a library that is no part of TensorFlow"
        verb, what = _WORDS[self.kind]
        which = "that is fed" if self.origin == FED else "whose name is not known"
        return f"{node} {verb} {self.path or f'a {what} {which}'}"


_WORDS = {WRITES: ("writes", "file"), READS: ("reads", "file"), NETWORK: ("connects to", "server")}


def effects_of(
    graph: Graph,
    fetches: Iterable[str] | None = None,
    *,
    functions: Mapping[str, Collection[int]] | None = None,
    assets: Collection[str] = (),
) -> tuple[Effect, ...]:
    """What nodes do beside computing when they run, in the functions that they call as well.

    What saves and restores variables under a name that is fed is left out, as that of a Saver; so
    are reads of a model's own assets.

    Args:
        graph: The graph.
        fetches: Names of the nodes that are to run; all nodes if None.
        functions: Functions that are run besides, each with those of its arguments that are files
            of the model.
        assets: Names of the nodes that hold the names of files of the model.

    Example:
        >>> effects_of(graph, ["probs"])
        (Effect(node='plant', op='WriteFile', kind='writes', path='/etc/cron.d/job', ...),)
    """
    return tuple(_Running(graph, fetches, functions or {}, assets, {}).effects())


def survey_effects(
    graph: Graph,
    fetches: Iterable[str],
    *,
    load: Iterable[str] = (),
    load_functions: Mapping[str, Collection[int]] | None = None,
    functions: Iterable[str] = (),
    assets: Collection[str] = (),
) -> tuple[Effect, ...]:
    """What a graph does beside computing, by when: each node at the first of these times.

    The ops of a Saver that no output needs are left out.

    Args:
        graph: The graph.
        fetches: Names of the nodes of the outputs, to be fetched when it runs.
        load: Names of nodes that run when the SavedModel is loaded.
        load_functions: Functions that run then, as in `effects_of`.
        functions: Functions that whoever loads the SavedModel may call.
        assets: As in `effects_of`.
    """
    if not _may_have_effects(graph):
        return ()
    known = {n.name for n in graph}
    at_load = [name for name in load if name in known]
    at_load_called: Mapping[str, Collection[int]] = dict(load_functions or {})
    found: dict[str, Effect] = {}
    bodies: dict[str, Graph] = {}
    stages: tuple[tuple[str, list[str] | None, Mapping[str, Collection[int]]], ...] = (
        (LOAD, at_load, at_load_called),
        (RUN, list(fetches), {}),
        (CALL, [], {**dict.fromkeys(functions, ()), **at_load_called}),
        (NEVER, None, {**dict.fromkeys(graph.functions, ()), **at_load_called}),
    )
    for when, names, called in stages:
        for effect in _Running(graph, names, called, assets, bodies).effects():
            if not (effect.op in SAVER_OPS and (when == NEVER or _is_savers(graph, effect))):
                found.setdefault(effect.node, effect._replace(when=when))
    return tuple(found.values())


def _is_savers(graph: Graph, effect: Effect) -> bool:
    """Whether only the outputs of a Saver wait for what saves: they are the file name again.

    A graph that does nothing else has these as its outputs.
    """
    readers = reach([effect.node], lambda name: [n.name for n in graph.consumers(name)])
    ends = [name for name in readers if not graph.is_read(name)]
    names = (source_node(graph, name, SAME_TENSOR) for name in ends)
    return not effect.leaves_the_folder and all(n and n.op in PLACEHOLDERS for n in names)


def _may_have_effects(graph: Graph) -> bool:
    """Whether an op is there that does more than compute; most graphs have none."""
    ops = {node.op for node in graph}
    for function in graph.functions.values():
        ops.update(node.op for node in function.nodes)
    return any(op in _EFFECTS or op_definition(op) is None for op in ops - _BODY_OPS)


def harmful(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """Those for which a graph is not run without being asked: they reach out of the process."""
    return tuple(e for e in effects if e.kind in (WRITES, READS, NETWORK))


def effects_of_kernels(ops: Iterable[str]) -> tuple[Effect, ...]:
    """What TensorFlow's kernels do that a TFLite model runs, of which only the ops are known.

    Args:
        ops: Their ops, as `WriteFile`.
    """
    return tuple(Effect(op, op, _EFFECTS[op][0]) for op in ops if op in _EFFECTS)


def described(effects: Iterable[Effect]) -> str:
    """What is done, for a message: each node with its file."""
    return ", ".join(map(str, effects))


@dataclasses.dataclass(frozen=True)
class _Body:
    """A graph or the body of a function, and those of its nodes that run."""

    graph: Graph
    nodes: list[Node]


class _Running:
    """The nodes that run, with the functions that they call."""

    def __init__(
        self,
        graph: Graph,
        fetches: Iterable[str] | None,
        functions: Mapping[str, Collection[int]],
        assets: Collection[str],
        bodies: dict[str, Graph],
    ) -> None:
        """Find them.

        Args:
            graph: As in `effects_of`, and so are the next three.
            fetches: See there.
            functions: See there.
            assets: See there.
            bodies: The bodies of functions that were made already, which is added to.
        """
        self.graph = graph
        self.functions = functions
        self.assets = assets
        needed = None if fetches is None else ancestors_of(graph, fetches)
        running = [n for n in graph if needed is None or n.name in needed]
        self.places = {"": _Body(graph, running)}
        library = graph.functions
        first = (called_by(running) | functions.keys()) & library.keys() if library else ()
        for name in sorted(reach(first, lambda f: called_by(library[f].nodes) & library.keys())):
            if name not in bodies:
                body = body_of(library[name], library, {})
                plain = library[name].nodes
                bodies[name] = body.graph if body else Graph(node.copy() for node in plain)
            self.places[name] = _Body(bodies[name], list(bodies[name]))

    def effects(self) -> Iterator[Effect]:
        """What the nodes do, in the order of the file."""
        for name, place in self.places.items():
            for node in place.nodes:
                effect = self._effect(name, node)
                if effect is not None:
                    yield effect._replace(node=f"{node.name}@{name}") if name else effect

    def _effect(self, place: str, node: Node) -> Effect | None:
        op = node.op
        if op not in _EFFECTS:
            is_known = op in self.graph.functions or op in _BODY_OPS or not op
            if is_known or op_definition(op) is not None:
                return None
            return Effect(node.name, op, UNKNOWN)
        kind, told_by = _EFFECTS[op]
        origin, names = COMPUTED, tuple[str, ...]()
        if isinstance(told_by, str):
            origin, names = CONSTANT, _texts(node.attr(told_by))
            if op == "PrintV2" and not names[0].startswith(_TO_FILE):
                return None
        elif told_by is not None and told_by < len(node.data_inputs):
            origin, names = self._origin(place, node.data_inputs[told_by], set())
        is_saver = op in SAVER_OPS and origin == FED
        is_idle = op in _PATH_IS_OPTIONAL and origin == CONSTANT and not any(names)
        if is_saver or is_idle or origin == ASSET:
            return None
        names = tuple(name.removeprefix(_TO_FILE) for name in names)
        if any("://" in name for name in names):
            kind = NETWORK
        return Effect(node.name, op, kind, ", ".join(names), origin)

    def _origin(
        self, place: str, text: str, visited: set[tuple[str, str]]
    ) -> tuple[str, tuple[str, ...]]:
        """Where the string that a tensor holds comes from, and what it is where that is known."""
        if (place, text) in visited:
            return FED, ()
        visited.add((place, text))
        graph = self.places[place].graph
        node = source_node(graph, text, SAME_TENSOR | INTO_FRAMES)
        if node is None:
            return COMPUTED, ()
        tensor = node.tensor
        if not place and node.name in self.assets:
            return ASSET, ()
        if tensor is not None:
            texts = tensor.strings(_MOST_NAMES)
            names = tuple(t.decode("utf-8", "replace") for t in texts or ())
            return (CONSTANT, names) if texts is not None else (COMPUTED, ())
        if node.op in FED_OPS:
            return FED, ()
        if node.op in PLACEHOLDERS and node.data_inputs:
            return self._origin(place, node.data_inputs[0], visited)
        if node.op == "_Arg":
            return self._argument(place, node.attr("index"), visited)
        if node.op in VARIABLE_READS and node.data_inputs:
            return self._variable(place, producer(node.data_inputs[0]), visited)
        made_of = map(graph.__getitem__, ancestors_of(graph, [node.name], control=False))
        given = [n.name for n in made_of if n.op in FED_OPS or n.op == "_Arg"]
        found = [self._origin(place, name, visited)[0] for name in given]
        return (FED if FED in found else COMPUTED), ()

    def _variable(
        self, place: str, name: str, visited: set[tuple[str, str]]
    ) -> tuple[str, tuple[str, ...]]:
        """Where the value of a variable comes from: the worst of all that it is given."""
        readers = self.places[place].graph.consumers(name)
        found = [
            self._origin(place, node.data_inputs[1], visited)
            for node in readers
            if node.op in _ASSIGNS and len(node.data_inputs) > 1
        ]
        return min(found, key=lambda pair: _ORIGINS.index(pair[0]), default=(COMPUTED, ()))

    def _argument(
        self, place: str, index: object, visited: set[tuple[str, str]]
    ) -> tuple[str, tuple[str, ...]]:
        """Where an argument of a function comes from: the worst of all calls."""
        found: list[tuple[str, tuple[str, ...]]] = []
        if index in self.functions.get(place, ()):
            found.append((ASSET, ()))
        for outer, call in self._callers.get(place, ()):
            data = call.data_inputs
            if call.op in CONDITIONALS | CASES:
                data = data[1:]
            elif not (call.op in CALLS | LOOPS or call.op == place):
                found.append((COMPUTED, ()))
                continue
            if isinstance(index, int) and index < len(data):
                found.append(self._origin(outer, data[index], visited))
        # a function that nothing calls is called from outside
        return min(found, key=lambda pair: _ORIGINS.index(pair[0]), default=(FED, ()))

    @cached_property
    def _callers(self) -> dict[str, list[tuple[str, Node]]]:
        found: dict[str, list[tuple[str, Node]]] = {}
        for name, place in self.places.items():
            for node in place.nodes:
                for function in called_by([node]) & self.places.keys():
                    found.setdefault(function, []).append((name, node))
        return found


def _texts(value: object) -> tuple[str, ...]:
    """The strings of an attribute."""
    values = value if isinstance(value, list) else [value]
    return tuple(v.decode("utf-8", "replace") for v in values if isinstance(v, bytes)) or ("",)
