"""What the rules look at: a graph, what is known of it, and what it is meant for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from graphtools.errors import InvalidGraph, InvalidValue
from graphtools.findings.finding import Finding
from graphtools.graph.dtypes import DType
from graphtools.graph.graph import Graph
from graphtools.graph.node import Node
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.idioms.side_effects import Effect, survey_effects
from graphtools.model.endpoints import loose_ends, rank_endpoints
from graphtools.ops.inference import Inference, infer_shapes
from graphtools.rewrite.prune import needed_nodes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphtools.analysis.inputs_outputs import InputsOutputs
    from graphtools.compat.prediction import Verdict
    from graphtools.formats.metagraph import Signature
    from graphtools.model.handover import Handover
    from graphtools.model.loading import LoadedModel, ModelGraph
    from graphtools.model.options import ModelOptions
    from graphtools.ops.defects.defect import Defect
    from graphtools.ops.dims import Dims
    from graphtools.rewrite.transform import Job
    from graphtools.transforms.pipeline import Transformed


class Subject:
    """A graph that is linted. What is expensive to know is worked out when a rule asks for it.

    Attributes:
        graph: The graph. Rules do not change it.
        path: The file it came from; empty if from none.
        target: What it is meant for, one of `rule.TARGETS`.
        signatures: The signatures whose inputs and outputs are taken.
        input_shapes: By tensor, the shapes that the user gave.
        tf_version: The TensorFlow whose converter is meant, as `2.21`, or the path of a table of
            what it converts; empty for the newest that is known.
        is_filled: Whether a checkpoint of the file's gave its variables their values.
        unfrozen: Why the values of its variables were not put in, though there are some.
        has_given_inputs: Whether the user named the inputs.
        has_given_outputs: Whether the user named the outputs.
    """

    def __init__(
        self,
        graph: Graph,
        target: str = "tflite",
        *,
        path: str = "",
        inputs: Sequence[str] | None = None,
        outputs: Sequence[str] | None = None,
        input_shapes: Mapping[str, Shape] | None = None,
        signatures: Sequence[Signature] = (),
        tf_version: str = "",
    ) -> None:
        """A graph to be linted.

        Args:
            graph: See the attributes.
            target: See the attributes.
            path: See the attributes.
            inputs: Names of the inputs' tensors; the likely ones if None.
            outputs: Names of the outputs' tensors; the likely ones if None.
            input_shapes: See the attributes.
            signatures: See the attributes.
            tf_version: See the attributes.
        """
        self.graph = graph
        self.path = path
        self.target = target
        self.signatures = signatures
        self.input_shapes: Mapping[str, Shape] = input_shapes or {}
        self.tf_version = tf_version
        self.is_filled = False
        self.unfrozen = ""
        self.has_given_inputs = inputs is not None
        self.has_given_outputs = outputs is not None
        self._inputs = inputs
        self._outputs = outputs
        self._transformed: dict[str, Transformed] = {}
        self._ranked: InputsOutputs | None = None
        self._loaded: LoadedModel | None = None

    @classmethod
    def of_model(
        cls,
        model: ModelGraph,
        options: ModelOptions,
        target: str = "tflite",
        *,
        tf_version: str = "",
        loaded: LoadedModel | None = None,
    ) -> Subject:
        """The graph of a model to be linted.

        Args:
            model: The graph with its inputs and outputs.
            options: What was said of it.
            target: What it is meant for.
            tf_version: See the attributes.
            loaded: The file that it was made from.
        """
        subject = cls(
            model.graph,
            target,
            path=model.path,
            inputs=model.inputs,
            outputs=model.outputs,
            input_shapes=model.input_shapes,
            signatures=model.signatures,
            tf_version=tf_version,
        )
        subject.is_filled = bool(model.checkpoint)
        subject.unfrozen = model.unfrozen
        subject.has_given_inputs = options.inputs is not None
        subject.has_given_outputs = options.outputs is not None
        subject._loaded = loaded
        subject._ranked = model.ranked
        return subject

    # What it takes and gives

    @cached_property
    def ends(self) -> InputsOutputs:
        """The candidates for inputs and outputs, ranked."""
        from graphtools.analysis.inputs_outputs import with_shapes

        ranked = rank_endpoints(
            self.graph, self.signatures, self._inputs, self._outputs, ranked=self._ranked
        )
        return with_shapes(self.graph, ranked, self.inference)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs' tensors: those that were given, else the likely ones."""
        if self._inputs is None:
            return tuple(c.name for c in self.ends.likely_inputs)
        return tuple(str(Ref.from_user(name)) for name in self._inputs)

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs' tensors: those that were given, else the likely ones."""
        if self._outputs is None:
            return tuple(c.name for c in self.ends.likely_outputs)
        return tuple(str(Ref.from_user(name)) for name in self._outputs)

    @cached_property
    def input_nodes(self) -> frozenset[str]:
        """Names of the inputs' nodes."""
        return frozenset(map(producer, self.inputs))

    @cached_property
    def output_nodes(self) -> frozenset[str]:
        """Names of the outputs' nodes."""
        return frozenset(map(producer, self.outputs))

    # Nodes

    @cached_property
    def live(self) -> frozenset[str]:
        """Names of the nodes that the outputs need when the inputs are fed; all without outputs."""
        if not self.output_nodes:
            return frozenset(node.name for node in self.graph)
        return frozenset(needed_nodes(self.graph, self.output_nodes, self.input_nodes))

    @cached_property
    def live_nodes(self) -> tuple[Node, ...]:
        """The nodes that the outputs need, in file order."""
        return tuple(node for node in self.graph if node.name in self.live)

    @cached_property
    def _by_op(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for node in self.graph:
            found.setdefault(node.op, []).append(node)
        return found

    @property
    def ops(self) -> frozenset[str]:
        """The ops of all nodes."""
        return frozenset(self._by_op)

    def nodes_of(self, *ops: str, live: bool = True) -> Iterator[Node]:
        """The nodes of some ops, in file order by op.

        Args:
            ops: The ops.
            live: Whether only those that the outputs need.
        """
        for op in ops:
            for node in self._by_op.get(op, ()):
                if not live or node.name in self.live:
                    yield node

    def op_of(self, node: str) -> str:
        """Op of a node by its name; empty where there is none."""
        found = self.graph.get(node)
        return found.op if found else ""

    def line_of(self, _node: str) -> int:
        """A graph has no lines."""
        return 0

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {node.name: number for number, node in enumerate(self.graph)}

    def position(self, finding: Finding) -> int:
        """Findings stand in the order of the nodes; what is about the whole graph comes first."""
        if not finding.node:
            return -1
        return self._positions.get(finding.node, len(self.graph))

    def source(self, node: Node, position: int) -> Node | None:
        """The node that a data input of a node reads; None where there is none."""
        data = node.data_inputs
        return self.graph.get(producer(data[position])) if position < len(data) else None

    def readers(self, name: str) -> list[Node]:
        """The nodes that read a node, and are needed by the outputs."""
        return [n for n in self.graph.consumers(name) if n.name in self.live]

    # Tensors

    @cached_property
    def inference(self) -> Inference:
        """The shapes, dtypes and values of all tensors, with the shapes that the user gave."""
        return infer_shapes(self.graph, self.input_shapes)

    def dims(self, tensor: str) -> Dims:
        """The shape of a tensor by its name, `node` or `node:1`: a tuple with None for an unknown
        dimension; None for an unknown rank.
        """
        ref = Ref.parse(tensor)
        return self.inference.dims(ref.node, ref.index)

    def dtype(self, tensor: str) -> DType | None:
        """The dtype of a tensor by its name, None where it is not known."""
        ref = Ref.parse(tensor)
        return self.inference.dtype(ref.node, ref.index)

    def value(self, tensor: str) -> NDArray[Any] | None:
        """The value of a constant tensor by its name, None where it is not constant."""
        ref = Ref.parse(tensor)
        return self.inference.value(ref.node, ref.index)

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """What the graph does beside computing; of one that was read from a file what the file does
        when it is loaded, too.
        """
        if self._loaded is not None:
            return self._loaded.effects
        return survey_effects(self.graph, self.output_nodes)

    # Verdicts

    def transformed(
        self, pipeline: str, run: Callable[[Graph, Job], None] | None = None
    ) -> Transformed:
        """What a pipeline of transforms makes of a copy of the graph; worked out once.

        Args:
            pipeline: The pipeline.
            run: What does the same to a graph, with what is known of this one already.

        Raises:
            InvalidGraph: A transform cannot be applied.
            InvalidValue, UnknownName: The pipeline, an input or an output is wrong.
        """
        from graphtools.transforms.pipeline import transform

        if pipeline not in self._transformed:
            self._transformed[pipeline] = transform(
                self.graph, run or pipeline, self.inputs, self.outputs, is_trial=True
            )
        return self._transformed[pipeline]

    @cached_property
    def defects(self) -> tuple[Defect, ...]:
        """What TensorFlow would refuse in the graph."""
        from graphtools.ops.defects.find import find_defects

        return find_defects(self.graph, lambda: self.inference)

    @cached_property
    def unreadable(self) -> str:
        """Why nothing can be said of what the graph computes: a cycle, inputs that are missing;
        empty if it can.
        """
        from graphtools.ops.defects.defect import describe_defects

        kinds = ("cycle", "input-count")
        return describe_defects(d for d in self.defects if d.kind in kinds and not d.function)

    @cached_property
    def tensorflow(self) -> str:
        """The version of TensorFlow that is meant; empty for the newest that is known."""
        from graphtools.compat.table import table

        return table(self.tf_version).version if self.tf_version else ""

    @cached_property
    def verdict(self) -> Verdict:
        """What the TFLite converter makes of the graph, node by node.

        Where no inputs are likely, or no outputs, those are taken that the converter would take.
        """
        from graphtools.compat.prediction import predict_conversion

        ends = loose_ends(self.graph) if not (self.inputs and self.outputs) else ((), ())
        fed = self.inputs if self.has_given_inputs else self.inputs or ends[0]
        fetched = self.outputs or ends[1]
        version = self.tf_version or None
        handed = self._handed_over(fed, fetched)
        if handed is not None:
            return predict_conversion(
                handed.graph,
                handed.inputs,
                handed.outputs,
                tf_version=version,
                inference=handed.inference,
            )
        return predict_conversion(
            self.graph,
            fed,
            fetched,
            input_shapes=self.input_shapes,
            tf_version=version,
            inference=self.inference,
            defects=self.defects,
        )

    def _handed_over(self, inputs: Sequence[str], outputs: Sequence[str]) -> Handover | None:
        """The graph that the converter gets, None where that is this one or there is none."""
        from graphtools.model.handover import changes_in_handover, hand_over

        if not changes_in_handover(self.graph, inputs, self.input_shapes):
            return None
        if any(defect.is_fatal for defect in self.defects):
            return None
        try:
            return hand_over(self.graph, inputs, outputs, self.input_shapes)
        except (InvalidGraph, InvalidValue):  # what contradicts the shapes is found by its rule
            return None
