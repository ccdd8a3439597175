"""What is fed to a graph and fetched from it: what was named, else signatures, else the likely."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from graphtools.analysis.signatures import serving_signatures
from graphtools.errors import InvalidValue, UnknownName, unknown_name
from graphtools.formats.metagraph import Signature, TensorInfo
from graphtools.front_end import param, step
from graphtools.graph.graph import Graph
from graphtools.graph.placeholders import PLACEHOLDERS
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.model.options import ModelOptions
from graphtools.ops.inference import infer_shapes, node_output_dtypes
from graphtools.rewrite.prune import needed_nodes
from graphtools.rewrite.transform import check_ends

if TYPE_CHECKING:  # ranking is loaded where something has to be ranked
    from graphtools.analysis.inputs_outputs import Candidate, InputsOutputs

#: Ops that are no output though nothing reads them.
_NO_OUTPUT = PLACEHOLDERS | {"Const", "NoOp", "Assert"}
#: What begins and ends the graph of an SSD that was exported for TFLite, and no other.
_OF_EXPORTED_SSD = ("TFLite_Detection_PostProcess", "raw_outputs/", "normalized_input_image_tensor")


@dataclasses.dataclass(frozen=True)
class Endpoints:
    """What is fed to a graph and fetched from it.

    Attributes:
        inputs: Names of the inputs' tensors.
        outputs: Names of the outputs' tensors; empty where none were named and none are likely.
        keys: By tensor, what it is called in a signature.
        signatures: The signatures that were taken.
        ranked: What may be fed and fetched, where it had to be looked for.
        signature_note: Which signature was taken, where there are others.
        notes: What was chosen, for the user.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    keys: Mapping[str, str]
    signatures: tuple[Signature, ...]
    ranked: InputsOutputs | None = None
    signature_note: str = ""
    notes: tuple[str, ...] = ()


def choose_endpoints(
    graph: Graph, signatures: Sequence[Signature], options: ModelOptions, where: str
) -> Endpoints:
    """The inputs and outputs of a graph.

    What is named is taken. Else those of the signature that is asked for; else of
    `serving_default`, which TensorFlow Serving and the converter take; else of all signatures but
    the internal ones of a SavedModel; else the likely ones. Where outputs are named and no
    signature is, the inputs are those that the outputs need, of any signature.

    Args:
        graph: The graph.
        signatures: The signatures that came with it.
        options: What was named.
        where: What the graph came from, for the notes.

    Raises:
        UnknownName: There is no such signature.
    """
    public = [s for s in signatures if not s.is_internal]
    is_open = options.signature is None
    taken = [_signature(options.signature, public, where)] if options.signature else public
    if is_open and options.outputs is None:
        taken = serving_signatures(signatures)
    keys = {
        str(Ref.from_user(info.name)): info.key
        for s in taken
        for info in (*s.inputs, *s.outputs)
        if info.name
    }
    notes, signature_note = [], ""
    others = [s.key for s in public if s not in taken]
    if others and is_open:
        names = ", ".join(s.key for s in taken)
        signature_note = (
            f"signature of {where}: {names}; {', '.join(others)} with {param('signature')}"
        )
        notes.append(signature_note)
    inputs, outputs = options.inputs, options.outputs
    likely = _Likely(graph, taken)
    if inputs is None or outputs is None:
        fetched = likely.outputs if outputs is None else outputs
        if inputs is None:
            inputs = likely.inputs
            if outputs is not None:
                inputs = _those_needed(graph, inputs, outputs)
            notes.append(f"inputs of {where}: {_listed(inputs, keys)}")
        if outputs is None and fetched:
            notes.append(f"outputs of {where}: {_listed(fetched, keys)}")
        outputs = fetched
    ends = _plain(inputs), _plain(outputs)
    return Endpoints(*ends, keys, tuple(taken), likely.ranked, signature_note, tuple(notes))


def rank_endpoints(
    graph: Graph,
    signatures: Sequence[Signature] = (),
    inputs: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    *,
    ranked: InputsOutputs | None = None,
) -> InputsOutputs:
    """What may be fed and fetched, ranked, with what was chosen before all else; without shapes.

    Args:
        graph: The graph.
        signatures: The signatures that were taken.
        inputs: Names of the inputs that were chosen; the likely ones if None.
        outputs: Names of the outputs that were chosen; the likely ones if None.
        ranked: What may be fed and fetched, where it is known already.
    """
    from graphtools.analysis.inputs_outputs import rank_inputs_outputs

    found = ranked or rank_inputs_outputs(graph, signatures)
    if inputs is not None:
        found = dataclasses.replace(found, inputs=_chosen_first(graph, found.inputs, inputs))
    if outputs is not None:
        found = dataclasses.replace(found, outputs=_chosen_first(graph, found.outputs, outputs))
    return found


def _chosen_first(
    graph: Graph, candidates: Sequence[Candidate], chosen: Sequence[str]
) -> tuple[Candidate, ...]:
    from graphtools.analysis.inputs_outputs import Candidate
    from graphtools.analysis.output_ranking import LIKELY

    known = {c.name: c for c in candidates}
    first = []
    for ref in map(Ref.from_user, chosen):
        node = graph.get(ref.node)
        if node is None:
            continue
        dtypes = node_output_dtypes(graph, node)
        dtype = dtypes[ref.index] if ref.index < len(dtypes) else None
        kind = dtype.base.name if dtype else None
        found = known.pop(str(ref), Candidate(str(ref), node.op, kind, None, 1.0, "named"))
        first.append(dataclasses.replace(found, score=max(found.score, LIKELY)))
    rest = (dataclasses.replace(c, score=min(c.score, LIKELY - 0.01)) for c in known.values())
    return (*first, *rest)


def loose_ends(graph: Graph) -> tuple[list[str], list[str]]:
    """What is left to be taken where nothing is likely: placeholders, and what nothing reads.

    Returns:
        Names of the placeholders that something reads, and of the nodes that give something and
        that nothing reads.
    """
    fed = [n.name for n in graph if n.op in PLACEHOLDERS and graph.is_read(n.name)]
    ends = [n for n in graph if not graph.is_read(n.name)]
    fetched = [n.name for n in ends if n.op not in _NO_OUTPUT and node_output_dtypes(graph, n)]
    return fed, fetched or [n.name for n in ends]


def no_outputs(where: str) -> InvalidValue:
    """The error for a graph of which no outputs were named, and none are likely."""
    return InvalidValue(
        f"no outputs of {where} were given, and none are likely", f"name them: {param('outputs')}"
    )


def check_named(graph: Graph, names: Sequence[str]) -> None:
    """Check that the inputs and outputs that were named are there.

    Raises:
        UnknownName: One is not. Of a name that an SSD gets when it is exported for TFLite is said
            how to export one.
    """
    try:
        check_ends(graph, names, ())
    except UnknownName as problem:
        absent = [n for n in names if producer(str(Ref.from_user(n))) not in graph]
        if absent and absent[0].startswith(_OF_EXPORTED_SSD):
            problem.remedy = "an SSD has it when it is exported for TFLite: " + step(
                "export-ssd", "FILE", output="tflite_graph.pb"
            )
        raise


class _Likely:
    """The inputs and outputs of signatures; where these have none, the likely ones of a graph."""

    def __init__(self, graph: Graph, signatures: Sequence[Signature]) -> None:
        self._graph = graph
        self._signatures = signatures
        self.ranked: InputsOutputs | None = None

    @property
    def inputs(self) -> list[str]:
        if self._signatures:
            return _tensors(info for s in self._signatures for info in s.inputs)
        return [c.name for c in self._rank().likely_inputs]

    @property
    def outputs(self) -> list[str]:
        named = _tensors(info for s in self._signatures for info in s.outputs)
        return named or [c.name for c in self._rank().likely_outputs]

    def _rank(self) -> InputsOutputs:
        from graphtools.analysis.inputs_outputs import rank_inputs_outputs

        self.ranked = self.ranked or rank_inputs_outputs(self._graph, self._signatures)
        return self.ranked


def _signature(key: str, signatures: Sequence[Signature], where: str) -> Signature:
    """The signature of a key.

    Raises:
        UnknownName: There is none.
    """
    known = {s.key: s for s in signatures}
    if key in known:
        return known[key]
    problem = unknown_name("signature", key, known, where)
    if known and not problem.remedy.startswith("did you mean"):
        problem.remedy = f"it has {', '.join(known)}"
    raise problem


def _those_needed(graph: Graph, inputs: Sequence[str], outputs: Sequence[str]) -> Sequence[str]:
    """The inputs that outputs need; all if none of them leads there."""
    needed = needed_nodes(graph, [Ref.from_user(name).node for name in outputs])
    return [name for name in inputs if producer(name) in needed] or inputs


def _tensors(infos: Iterable[TensorInfo]) -> list[str]:
    return list(dict.fromkeys(str(Ref.from_user(info.name)) for info in infos if info.name))


def _plain(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(Ref.from_user(name)) for name in names)


def _listed(names: Sequence[str], keys: Mapping[str, str]) -> str:
    """Names, with what a signature calls them where that is something else."""
    shown = []
    for name in names:
        key = keys.get(str(Ref.from_user(name)), "")
        shown.append(f"{name} ({key})" if key and key != name else name)
    return ", ".join(shown) or "none"


def resolve_shapes(
    graph: Graph, shapes: Mapping[str, Shape], batch: int | None, ends: Endpoints
) -> dict[str, Shape]:
    """Shapes by tensor of a graph.

    Args:
        graph: The graph.
        shapes: By tensor or key in the signature; under "" that of the only input.
        batch: The first dimension of all other inputs; see `ModelOptions`.
        ends: The graph's inputs.

    Raises:
        InvalidValue: A shape does not say whose it is, and there is not just one input; or a batch
            is given, and no input has one, or it is not known whether it has.
        UnknownName: A name is none of the graph's, nor of the signature's.
    """
    by_key = {ends.keys[name]: name for name in ends.inputs if name in ends.keys}
    found = {}
    for name, shape in shapes.items():
        if not name:
            if len(ends.inputs) != 1:
                text = ",".join("?" if d is None else str(d) for d in shape.dims or ())
                raise InvalidValue(
                    f"{text!r} does not say whose shape it is",
                    f"write {ends.inputs[0] if ends.inputs else 'NAME'}={text}",
                )
            name = ends.inputs[0]
        ref = Ref.from_user(name)
        if ref.node not in graph and name in by_key:
            ref = Ref.from_user(by_key[name])
        graph.find(ref.node)
        found[str(ref)] = shape
    if batch is not None:
        found |= _batches(graph, ends.inputs, batch, found)
    return _single_values(graph) | found if found else found


def _batches(
    graph: Graph, inputs: Sequence[str], batch: int, given: Mapping[str, Shape]
) -> dict[str, Shape]:
    """The shapes of inputs with another first dimension, where none was given.

    Raises:
        InvalidValue: No input has one, or it is not known whether it has.
    """
    single = _single_values(graph)
    refs = [r for r in map(Ref.from_user, inputs) if str(r) not in given and str(r) not in single]
    inference = infer_shapes(graph, targets=[ref.node for ref in refs])
    found = {}
    for ref in refs:
        try:
            shape = inference.shape(ref.node, ref.index).with_batch(batch)
        except InvalidValue as problem:
            problem.message = f"{str(ref)!r}: {problem.message}"
            raise
        if shape is not None:
            found[str(ref)] = shape
    if not found:
        listed = ", ".join(map(repr, inputs)) or "none are known"
        raise InvalidValue(f"no input is left that has a batch: {listed}", "name the inputs")
    return found


def _single_values(graph: Graph) -> dict[str, Shape]:
    """The shapes of what switches training off, which old graphs do not tell."""
    from graphtools.idioms.training_switch import is_keep_probability, is_training_switch

    return {
        node.name: Shape(())
        for node in graph
        if node.op in PLACEHOLDERS
        and (is_training_switch(graph, node) or is_keep_probability(graph, node))
    }
