"""Another number of samples in a run: the batch of a model, and all that follows from it.

Which dimension of which tensor is the batch is followed from the inputs through each operator by
what the operator does. A tensor of a shape that was worked out before, as RESHAPE's, is changed
where it is the batch that stands there. What an operator makes of the batch that is not known here
is refused, with its name: that a number is the same proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from graphtools.convert.editing.editor import Editor
from graphtools.errors import InvalidValue
from graphtools.formats.tflite.tree import Tree
from graphtools.registry import Registry


class BatchAxis(NamedTuple):
    """The dimension of a tensor that the batch stands in, as `number` times the batch.

    Attributes:
        axis: The dimension; of a tensor that holds a shape, the place in it.
        times: How many times the batch it is, as [batch * 3, 4] after a RESHAPE of [batch, 3, 4].
        is_outermost: Whether samples stand one behind the other, and are not interleaved.
    """

    axis: int
    times: int = 1
    is_outermost: bool = True


class Unfollowed(Exception):
    """Says why it is not known what an operator makes of the batch."""


def set_batch(editor: Editor, batch: int) -> None:
    """Give a model another batch.

    Args:
        editor: The model.
        batch: Samples in a run.

    Raises:
        InvalidValue: The inputs have no common batch, or an operator does something with it that
            another batch would not fit; it is named.
    """
    sizes = {editor.name(i): editor.tensors[i].get("shape") or [0] for i in editor.inputs}
    batches = {shape[0] for shape in sizes.values()}
    if len(batches) != 1 or min(batches) < 1:
        told = ", ".join(f"{name} {shape}" for name, shape in sizes.items())
        raise InvalidValue(f"the inputs of {editor.path} have no batch in common: {told}")
    before = batches.pop()
    walk = _BatchWalk(editor, before, batch)
    for operator in list(editor.operators):
        walk.follow(operator)
    walk.write()
    editor.changes.append(f"the batch is {batch} (was {before})")


class _BatchWalk:
    """Follows the batch through the operators, in the order of execution."""

    def __init__(self, editor: Editor, before: int, after: int) -> None:
        self.editor = editor
        self.before, self.after = before, after
        self.axes: dict[int, BatchAxis] = {i: BatchAxis(0) for i in editor.inputs}
        #: Of tensors that hold a shape: which of its numbers is the batch.
        self.shapes: dict[int, BatchAxis] = {}

    def follow(self, operator: Tree) -> None:
        step = BatchStep(self, operator)
        if not any(i in self.axes or i in self.shapes for i in step.inputs):
            return
        rule = batch_rule.get(step.op)
        try:
            if rule is None:
                raise Unfollowed("what it makes of the batch is not known here")
            rule(step)
        except Unfollowed as problem:
            raise InvalidValue(
                f"the batch cannot be changed: {self.editor.label(operator)}: {problem}",
                "cut the model before it, or convert the original with the other batch",
            ) from None

    def write(self) -> None:
        for index, found in self.axes.items():
            tensor = self.editor.tensors[index]
            for key in ("shape", "shape_signature"):
                dims = list(tensor.get(key, ()))
                if found.axis < len(dims) and dims[found.axis] >= 0:
                    dims[found.axis] = dims[found.axis] // self.before * self.after
                    tensor[key] = dims


class BatchStep:
    """An operator that reads a tensor with the batch, for the rule of its op."""

    def __init__(self, walk: _BatchWalk, operator: Tree) -> None:
        """A step of a walk."""
        self._walk = walk
        self.operator = operator
        self.editor = walk.editor
        self.op = walk.editor.op(operator)
        self.inputs: list[int] = operator.get("inputs", [])
        self.outputs: list[int] = operator.get("outputs", [])
        self.before = walk.before

    def dims(self, index: int) -> list[int]:
        """The shape of a tensor, before the change."""
        return self.editor.tensors[index].get("shape") or []

    def axis(self, place: int) -> BatchAxis | None:
        """Where the batch is in an input; None where it is not."""
        return self._walk.axes.get(self.inputs[place]) if place < len(self.inputs) else None

    def shape_axis(self, place: int) -> BatchAxis | None:
        """Which number of a shape that is an input is the batch."""
        return self._walk.shapes.get(self.inputs[place]) if place < len(self.inputs) else None

    def only(self, *places: int) -> None:
        """Refuse a batch in other inputs than these."""
        for place in range(len(self.inputs)):
            if place not in places and self.axis(place) is not None:
                raise Unfollowed(f"its input {place} has the batch")

    def constant(self, place: int) -> list[int]:
        """The values of an input of integers."""
        index = self.inputs[place] if place < len(self.inputs) else -1
        found = self.editor.integers(index) if index >= 0 else None
        if found is None:
            raise Unfollowed(f"its input {place} is no constant of integers")
        return found

    def give(self, found: BatchAxis, outputs: Sequence[int] | None = None) -> None:
        """State where the batch is in the outputs."""
        for index in self.outputs if outputs is None else outputs:
            dims = self.dims(index)
            if found.axis >= len(dims) or dims[found.axis] != self.before * found.times:
                raise Unfollowed(f"its output has the shape {dims}, which does not have the batch")
            self._walk.axes[index] = found

    def give_shape(self, place: int, times: int = 1) -> None:
        """State that the first output holds a shape, of which one number is the batch."""
        self._walk.shapes[self.outputs[0]] = BatchAxis(place, times)

    def scaled(self, number: int) -> int:
        """A number that has the batch, after the change."""
        return number // self.before * self._walk.after

    def change(self, place: int, position: int, times: int = 1) -> None:
        """Change the number of the batch in a constant, which only this operator then reads."""
        values = self.constant(place)
        if values[position] < 0:
            return
        if values[position] != self.before * times:
            raise Unfollowed(f"its input {place} is {values}, which does not have the batch")
        values[position] = self.scaled(values[position])
        self.inputs[place] = self.editor.add_integers(values, self.inputs[place])


BatchRule = Callable[[BatchStep], None]
#: What operators make of the batch, by op.
batch_rule: Registry[BatchRule] = Registry("graphtools.convert.editing.batch_rules")
