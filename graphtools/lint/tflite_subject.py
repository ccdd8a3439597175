"""What the rules for TFLite models look at: a model, and what it is meant for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from graphtools.findings.finding import Finding
from graphtools.formats.tflite.model import Operator, Subgraph, TFLiteModel

if TYPE_CHECKING:
    from graphtools.compat.placement import Placement
    from graphtools.compat.tflite_step import OperatorStep
    from graphtools.formats.tflite.runtimes import Runtime

#: By target, where operators of a model are to run.
_PLACES = {"edgetpu": "edgetpu", "gpu": "gpu", "micro": "micro"}


class TFLiteSubject:
    """A TFLite model that is linted. What takes time is worked out when a rule asks for it.

    Attributes:
        model: The model.
        target: What it is meant for, one of `rule.TARGETS`.
        runtime: The TensorFlow Lite that is to run it; None for any.
    """

    def __init__(self, model: TFLiteModel, target: str = "tflite", runtime: str = "") -> None:
        """A model to be linted.

        Args:
            model: See the attributes.
            target: See the attributes.
            runtime: As `2.5`; empty for any.

        Raises:
            InvalidValue: The runtime is no version.
        """
        from graphtools.formats.tflite.runtimes import parse_runtime

        self.model = model
        self.target = target
        self.runtime: Runtime | None = parse_runtime(runtime) if runtime else None

    @property
    def main(self) -> Subgraph:
        """The first subgraph; an empty one where there is none."""
        return self.model.subgraphs[0] if self.model.subgraphs else _EMPTY

    @property
    def operators(self) -> tuple[Operator, ...]:
        """The operators of the first subgraph."""
        return self.main.operators

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return tuple(self.main.tensors[i].name for i in self.main.inputs if i >= 0)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs."""
        return tuple(self.main.tensors[i].name for i in self.main.outputs if i >= 0)

    def steps(self) -> Iterator[OperatorStep]:
        """The operators of all subgraphs, with their tensors."""
        from graphtools.compat.tflite_step import OperatorStep

        for subgraph in self.model.subgraphs:
            for operator in subgraph.operators:
                yield OperatorStep(self.model, subgraph, operator)

    @cached_property
    def placement(self) -> Placement | None:
        """Where its operators run; None where it has none, or the target is not for such models."""
        from graphtools.compat.placement import place_operators

        if not self.model.subgraphs:
            return None
        return place_operators(self.model, _PLACES.get(self.target, "tflite"))

    def named_step(self, step: OperatorStep) -> str:
        """What an operator is called in findings: by its first output, as in `nodes`."""
        names = (tensor.plain_name for tensor in step.results)
        return next(names, f"{step.op}_{step.operator.index}")

    @cached_property
    def _places(self) -> dict[str, tuple[int, str]]:
        """By name of a tensor, when it is computed, and by which op."""
        found = {t.plain_name: (-1, "") for t in self.main.tensors}
        for operator in self.operators:
            for index in operator.outputs:
                if index >= 0:
                    name = self.main.tensors[index].plain_name
                    found[name] = (operator.index, operator.op)
        return found

    # What findings are told with

    def op_of(self, node: str) -> str:
        """Name of the operator that computes a tensor; empty where none does."""
        return self._places.get(node, (0, ""))[1]

    def line_of(self, _node: str) -> int:
        """A model has no lines."""
        return 0

    def position(self, finding: Finding) -> int:
        """Findings stand in the order of execution; what is about all of it comes first."""
        return self._places.get(finding.node, (-2, ""))[0]


_EMPTY = Subgraph("", (), (), (), ())
