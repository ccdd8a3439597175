"""What a transform is: a function that edits a graph, with its name, parameters and manual.

Each module of `graphtools.transforms` offers one as `TRANSFORM`. Its docstring is the manual that
people read; the function gets the graph and a `Job`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from graphtools.errors import InvalidValue, UnknownName
from graphtools.front_end import step
from graphtools.graph.dtypes import DType, dtype
from graphtools.graph.graph import Graph
from graphtools.graph.ref import Ref, producer
from graphtools.graph.shape import Shape
from graphtools.rewrite.prune import needed_nodes
from graphtools.wording import did_you_mean

if TYPE_CHECKING:
    from graphtools.ops.dims import Dims
    from graphtools.ops.inference import Inference

T = TypeVar("T")

#: Every transform takes it: report and go on instead of ending the run.
IGNORE_ERRORS = "ignore_errors"
_TRUE = ("true", "t", "1", "yes")
_FALSE = ("false", "f", "0", "no")


class Parameter(NamedTuple):
    """A parameter of a transform.

    Attributes:
        name: Name, as it stands in a pipeline.
        kind: `text`, `integer`, `number`, `flag`, `dtype` or `shape`.
        meaning: What it is for, a line.
        default: Its value where it is left out, as a text; None if it then has none.
        required: Whether it must be given.
        repeated: Whether it may be given several times.
    """

    name: str
    kind: str
    meaning: str
    default: str | None = None
    required: bool = False
    repeated: bool = False


_IGNORES = Parameter(IGNORE_ERRORS, "flag", "true reports an error and leaves the transform out")


class Transform(NamedTuple):
    """A transform.

    Attributes:
        name: Its name.
        run: Edits the graph of a job.
        manual: Its manual; the first line says what it does.
        example: A step of a pipeline.
        parameters: Its parameters.
        aliases: Other names it is known by.
        keeps_meaning: Whether the outputs stay the same, but for rounding.
        warns: Looks at a graph and says what should have been done before; empty if nothing.
    """

    name: str
    run: Callable[[Graph, Job], None]
    manual: str
    example: str
    parameters: Sequence[Parameter] = ()
    aliases: Sequence[str] = ()
    keeps_meaning: bool = True
    warns: Callable[[Graph, Job], str] | None = None


class Skipped(NamedTuple):
    """A place where a transform could have done something and did not.

    Attributes:
        node: Name of the node.
        reason: Why.
    """

    node: str
    reason: str


class Job:
    """One run of a transform: what it was asked, and what it says of it.

    Attributes:
        inputs: Names of the graph's inputs, as the user gave them.
        outputs: Names of its outputs.
        kept: Names of the nodes of both, which keep their names and results.
        skipped: What was not done, with reasons.
        notes: Further remarks for the user.
        is_trial: Whether what becomes of the nodes is wanted, and not yet with which values: a
            transform may then leave these to be computed by who asks for them.
    """

    def __init__(
        self,
        inputs: Sequence[str] = (),
        outputs: Sequence[str] = (),
        parameters: Mapping[str, Sequence[str]] | None = None,
        declared: Sequence[Parameter] = (),
        *,
        is_trial: bool = False,
    ) -> None:
        """A job.

        Args:
            inputs: Names of the graph's inputs.
            outputs: Names of its outputs.
            parameters: Values by parameter, checked by `check_parameters`.
            declared: The parameters of the transform.
            is_trial: See the attributes.
        """
        self.is_trial = is_trial
        self.inputs = [Ref.from_user(i) for i in inputs]
        self.outputs = [Ref.from_user(o) for o in outputs]
        self.kept = frozenset(r.node for r in self.inputs + self.outputs)
        self.skipped: list[Skipped] = []
        self.notes: list[str] = []
        self._inference: Inference | None = None
        self._values = dict(parameters or {})
        self._declared = {p.name: p for p in declared}

    def skip(self, node: str, reason: str) -> None:
        """Note that something was not done, once."""
        entry = Skipped(node, reason)
        if entry not in self.skipped:
            self.skipped.append(entry)

    def note(self, text: str) -> None:
        """Tell the user something; an empty text is nothing."""
        if text:
            self.notes.append(text)

    def is_kept(self, name: str) -> bool:
        """Whether a node is an input or output."""
        return name in self.kept

    def dims(self, graph: Graph, name: str) -> Dims:
        """The shape of a node's first output, inferred when the first is asked for.

        Nodes that the job has made since have no known shape. One that took the place of another
        under its name has to have its shape.
        """
        if self._inference is None:
            from graphtools.ops.inference import infer_shapes

            self._inference = infer_shapes(graph)
        return self._inference.dims(name)

    # Parameters

    def given(self, name: str) -> bool:
        """Whether a parameter was given."""
        return name in self._values

    def texts(self, name: str) -> list[str]:
        """All values of a parameter; its default, or none, where it was not given."""
        if name in self._values:
            return list(self._values[name])
        default = self._declared[name].default
        return [] if default is None else [default]

    def text(self, name: str) -> str:
        """The value of a parameter, empty where there is none."""
        values = self.texts(name)
        return values[-1] if values else ""

    def integer(self, name: str) -> int:
        """The value of a parameter that is an integer.

        Raises:
            InvalidValue: It is none; so for those that follow.
        """
        return read_value(self._declared[name], self.text(name), int)

    def number(self, name: str) -> float:
        """The value of a parameter that is a number."""
        return read_value(self._declared[name], self.text(name), float)

    def flag(self, name: str) -> bool:
        """The value of a parameter that is true or false."""
        return read_value(self._declared[name], self.text(name), read_flag)

    def dtype(self, name: str) -> DType:
        """The value of a parameter that is a dtype."""
        return read_value(self._declared[name], self.text(name), read_dtype)

    def shape(self, name: str) -> Shape:
        """The value of a parameter that is a shape."""
        return read_value(self._declared[name], self.text(name), Shape.parse)


def read_flag(text: str) -> bool:
    """A text that means true or false.

    Raises:
        ValueError: It means neither.
    """
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError(text)


def read_dtype(text: str) -> DType:
    """A text that names an element type.

    Raises:
        InvalidValue: It names none.
    """
    return dtype(text)


#: What a value of each kind of parameter is read by, and how it is called.
_KINDS: dict[str, tuple[Callable[[str], object], str]] = {
    "text": (str, "a text"),
    "integer": (int, "an integer"),
    "number": (float, "a number"),
    "flag": (read_flag, "true or false"),
    "dtype": (read_dtype, "an element type, as float or int32"),
    "shape": (Shape.parse, "a shape, as 1,299,299,3"),
}


def read_value(parameter: Parameter, text: str, reader: Callable[[str], T]) -> T:
    """A parameter's value.

    Raises:
        InvalidValue: It is of the wrong kind.
    """
    try:
        return reader(text)
    except (ValueError, InvalidValue):
        kind = _KINDS[parameter.kind][1]
        raise InvalidValue(f"{parameter.name}={text!r} must be {kind}", parameter.meaning) from None


def check_parameters(transform: Transform, given: Mapping[str, Sequence[str]]) -> None:
    """Check the parameters of a step.

    Raises:
        UnknownName: The transform has no such parameter; similar ones are suggested.
        InvalidValue: One is missing, given twice, or of the wrong kind.
    """
    declared = {p.name: p for p in transform.parameters}
    for name, values in given.items():
        if name == IGNORE_ERRORS:
            read_value(_IGNORES, values[-1], read_flag)
            continue
        if name not in declared:
            known = ", ".join(declared) or "none"
            remedy = did_you_mean(name, declared, f"its parameters: {known}")
            raise UnknownName(f"{transform.name} has no parameter {name!r}", remedy)
        parameter = declared[name]
        if len(values) > 1 and not parameter.repeated:
            raise InvalidValue(
                f"{transform.name} takes one {name}, not {len(values)}",
                f"its manual: {step('transforms', transform.name)}",
            )
        for value in values:
            read_value(parameter, value, _KINDS[parameter.kind][0])
    for parameter in transform.parameters:
        if parameter.required and parameter.name not in given:
            raise InvalidValue(
                f"{transform.name} needs {parameter.name}: {parameter.meaning}",
                f"for example: {transform.example}",
            )


def loose_ends(graph: Graph, inputs: Iterable[str], outputs: Iterable[str]) -> list[str]:
    """Remarks on inputs that no output needs."""
    inputs = list(inputs)
    # a fed input needs nothing itself, but another input behind it is no mistake
    needed = needed_nodes(graph, outputs)
    loose = [name for name in dict.fromkeys(inputs) if name not in needed]
    return [f"input {name!r} does not lead to the outputs" for name in loose]


def check_ends(graph: Graph, inputs: Sequence[str], outputs: Sequence[str]) -> None:
    """Check that the inputs and outputs are there.

    Raises:
        UnknownName: One is not; similar names are suggested.
    """
    for name in (*inputs, *outputs):
        graph.find(producer(str(Ref.from_user(name))))
