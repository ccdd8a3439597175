"""Judges each node that is left to convert: rules first, then the table of types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from graphtools.compat.allocation import allocation_problems
from graphtools.compat.calls import Callee, callees, is_case
from graphtools.compat.control_flow import VANISHES
from graphtools.compat.judgement import BUILTIN, Builtin, Early, Failure, Judgement
from graphtools.compat.loop_shapes import changing_variables
from graphtools.compat.merging import OPPOSITE, compared, vanishes
from graphtools.compat.refusals import QUANTIZED, refusals
from graphtools.compat.scope import CompatBody
from graphtools.compat.site import Site, rule
from graphtools.compat.table import OpEntry, OpTable
from graphtools.compat.types import fitting, misfit, shown
from graphtools.compat.verdict import Blocker, NodeVerdict
from graphtools.front_end import param, step
from graphtools.graph.node import Node
from graphtools.graph.placeholders import FED
from graphtools.ops.control_flow import EXITS
from graphtools.ops.dims import Contradiction

if TYPE_CHECKING:
    from graphtools.ops.defects.defect import Defect
    from graphtools.ops.inference import Inference

#: What to do about a node, by the kind of its blocker.
_REMEDIES = {
    "custom": "replace the op, or supply a custom operator for it",
    "unsupported": "replace the op",
    "error": "replace the op",
    "crash": "replace the op before converting",
}


_LOST = Failure(
    "error",
    "the converter loses the Exit of a loop that is an output",
    "put an Identity behind it and name that as the output, as graphtools convert does by itself",
)


def _cure(node: Node) -> str:
    """What to do about nodes of some ops, whatever the kind; empty for others."""
    if node.op == "BatchNormWithGlobalNormalization":
        cure = step("transform", "FILE", output="OUT", spec="fold_old_batch_norms")
        return f"fold it into the convolution: {cure}"
    if node.op in ("AudioSpectrogram", "Mfcc"):
        return f"convert with {param(allow_custom_ops=True)}: LiteRT has it as a custom operator"
    if node.op in FED:
        spec = f'placeholder_to_const(value="{node.name}=VALUE")'
        cure = step("transform", "FILE", output="OUT", spec=spec)
        return f"name it as an input: {param('inputs')}, or give it a value: {cure}"
    return "cast to float32 before it, or leave the gradient out" * (node.op == "SigmoidGrad")


def _remedy(kind: str) -> str:
    """What to do about a node, by the kind of its blocker."""
    if kind == "flex":
        return f"convert with {param(select_tf_ops=True)}, or replace the op"
    return _REMEDIES[kind]


class Judge:
    """Collects the verdicts of a graph's nodes.

    Attributes:
        nodes: The verdict of each node that outputs need.
        blockers: What keeps the graph from converting with builtin operators, as far as the
            converter names it.
        select: Whether it converts with Select TF ops.
        unknown: Names of nodes with ops that are not known.
        allocation: Nodes for which an interpreter would not take the converted model.
    """

    def __init__(self, known: OpTable) -> None:
        """Judge by a table."""
        self._known = known
        self.nodes: list[NodeVerdict] = []
        self.blockers: list[Blocker] = []
        self.unknown: list[str] = []
        self.allocation: tuple[Blocker, ...] = ()
        self.select = True
        self._refused: set[str] = set()
        self._early: list[Blocker] = []
        self._lowering: list[Blocker] = []

    def judge_graph(
        self,
        inference: Inference,
        inputs: Sequence[str],
        outputs: Sequence[str],
        defects: Iterable[Defect],
    ) -> None:
        """Judge a graph and the functions that it calls."""
        scope = CompatBody(inference, outputs, inputs)
        for blocker in refusals(inference, inputs, defects):
            self._refused.add(blocker.node)
            self.blockers.append(blocker)
            self.nodes.append(NodeVerdict(blocker.node, blocker.op, blocker.kind, blocker.reason))
        for node in map(inference.graph.__getitem__, scope.outputs):
            if node.op in EXITS and node.name not in scope.fed:
                self._block(scope, node, _LOST)
        self._judge_scope(scope, frozenset())
        standing = [b for b in self.blockers if not (self._early and b in self._lowering)]
        self.select = all(blocker.kind == "flex" for blocker in standing)
        if self._early and self.select:
            self.blockers = self._early
        if not self.blockers:
            left = [node for node in scope.live if node.name not in scope.fed]
            self.allocation = tuple(allocation_problems(inference, left, scope.fed))

    def _judge_scope(self, scope: CompatBody, within: frozenset[str]) -> None:
        self.nodes += [NodeVerdict(scope.labels(n.name)[0], n.op, "folded") for n in scope.folded]
        if scope.control_flow.failure is not None:
            name, failure = scope.control_flow.failure
            self._block(scope, scope.graph[name], failure)
        elif scope.control_flow.is_there:
            for node, failure in changing_variables(scope.inference, scope.live):
                self._block(scope, node, failure)
        for node in scope.live:
            if node.name in scope.fed:
                continue
            if self._refused and self._refused.intersection(scope.labels(node.name)):
                continue
            if node.op not in VANISHES:
                self._judge_node(scope, node, within)

    def _judge_node(self, scope: CompatBody, node: Node, within: frozenset[str]) -> None:
        site = Site(scope, node, self._known)
        called = callees(site)
        judgement: Builtin | Failure | Early | str = BUILTIN
        if called is None or is_case(site):
            judgement = self.judgement(site)
        if isinstance(judgement, Builtin):
            self.nodes.append(NodeVerdict(scope.labels(node.name)[0], node.op, "builtin"))
        elif isinstance(judgement, Failure) or not scope.has_twin_before(node.name):
            self._block(scope, node, judgement)
        for callee in called or ():
            self._judge_callee(callee, within)

    def _judge_callee(self, callee: Callee, within: frozenset[str]) -> None:
        if callee.function in within:
            return  # it calls itself, which the shapes' inference has given up, too
        inner = CompatBody(
            callee.inference,
            callee.outputs,
            callee.arguments,
            callee.function,
            callee.constant_arguments,
            callee.caller,
        )
        self._judge_scope(inner, within | {callee.function})

    def _block(self, scope: CompatBody, node: Node, judgement: Failure | Early | str) -> None:
        entry = self._known.ops.get(node.op)
        remedy = ""
        if isinstance(judgement, Failure):
            kind, reason, remedy, _ = judgement
        else:
            reason = judgement.reason if isinstance(judgement, Early) else judgement
            kind = "flex" if entry is not None and entry.flex else "custom"
            if entry is None:
                kind = "unsupported"
        remedy = remedy or _cure(node) or _remedy(kind)
        for label in scope.labels(node.name):
            if entry is None:
                self.unknown.append(label)
            verdict = "unknown" if entry is None else kind
            self.nodes.append(NodeVerdict(label, node.op, verdict, reason))
            function = label[len(node.name) + 1 :]
            blocker = Blocker(label, node.op, reason, kind, remedy, function)
            self.blockers.append(blocker)
            if isinstance(judgement, Early):
                self._early.append(blocker)
            elif isinstance(judgement, Failure) and judgement.lowering:
                self._lowering.append(blocker)

    def judgement(self, site: Site) -> Builtin | Failure | Early | str:
        """Judge one node."""
        entry = site.entry
        if entry is None:
            return f"TensorFlow {self._known.version} has no op {site.node.op}"
        for kind in site.output_dtypes():
            if kind is not None and kind.name in QUANTIZED:
                return Failure("error", f"{kind.name}: TFLite has no tensors of this type")
        if vanishes(site):
            return BUILTIN
        comparison = compared(site)
        if comparison is not None:
            opposite = OPPOSITE[comparison.op]
            return self._by_rule(Site(site.scope, comparison, self._known, opposite))
        return self._by_rule(site)

    def _by_rule(self, site: Site) -> Builtin | Failure | Early | str:
        """What the rule for an op says, and where it says nothing, the table."""
        function = rule.get(site.node.op)
        found: Judgement = None
        if function is not None:
            try:
                found = function(site)
            except Contradiction as problem:
                return Failure("error", str(problem))
        if found is not None:
            return found
        return BUILTIN if site.entry is None else by_table(site, site.entry)


def by_table(site: Site, entry: OpEntry) -> Builtin | Failure | Early | str:
    """What the table says of a node."""
    op = site.node.op
    for types, kind in entry.fails:
        if types and fitting(site, types):
            odd = ", ".join(f"{name}={site.type_attr(name)}" for name in types)
            return Failure(kind, f"{odd}: the converter fails at {op} of these types")
    if not entry.builtin:
        return f"TFLite has no {op}"
    if not any(fitting(site, types) for types in entry.builtin):
        return misfit(site, entry.builtin)
    for name, values in entry.lost.items():
        if shown(site.attr(name)) in values:
            return f"{name}={shown(site.attr(name))}: TFLite's {op} has no such form"
    return _operands_problem(site, entry) or BUILTIN


def _operands_problem(site: Site, entry: OpEntry) -> str:
    """What is wrong with the inputs of a node by the table; empty if nothing."""
    op = site.node.op
    for position, rank in entry.ranks.items():
        found = site.rank(position)
        if found is not None and found > rank:
            return f"rank {found}: TFLite's {op} takes up to {rank} dimensions"
    for name in dict.fromkeys(entry.constant):
        for position in site.positions_of(name):
            if not site.is_constant(position):
                return f"{name} is not constant, as TFLite's {op} wants it"
    if not entry.unranked and site.inputs and site.inputs[0] is None:
        return "the rank of its input is unknown"
    return ""
