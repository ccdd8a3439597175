"""A defect: something for which TensorFlow refuses a graph, or a part of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from graphtools.wording import and_others


class Defect(NamedTuple):
    """Something for which TensorFlow refuses a graph.

    Attributes:
        kind: What it is. Of the structure: `dangling-input`, `duplicate-name`, `cycle`, `bad-name`,
            `no-op`, `bad-input`, `function-result`, `colocation`. Of the whole: `too-large`.
            Against the op's definition: `missing-attribute`, `wrong-attribute`,
            `surplus-attribute`, `input-count`, `dtype`, `reference`. Of shapes: `shapes`,
            `stored-shapes`.
        node: Name of the node; empty for a function as a whole.
        message: One line saying what is wrong, which names the node.
        function: Name of the function that the node is in; empty for one of the graph itself.
        is_fatal: Whether TensorFlow 2.21 refuses the whole graph for it, when it is imported or,
            in the branches of If and While, when it runs. Functions that nobody calls are never
            looked at, nor are colocations in functions; unknown attributes are ignored.
        op: Op of the node; empty where it does not matter.
        attribute: The attribute it is about; empty for none.
        reason: What is wrong, without the node: where many nodes are told of.
    """

    kind: str
    node: str
    message: str
    function: str = ""
    is_fatal: bool = True
    op: str = ""
    attribute: str = ""
    reason: str = ""

    @property
    def place(self) -> str:
        """The node as findings name it, in functions `node@function`."""
        return f"{self.node}@{self.function}" if self.function else self.node


def describe_defects(defects: Iterable[Defect]) -> str:
    """One line for people: the first defect for which a graph is refused, and how many more."""
    listed = [defect for defect in defects if defect.is_fatal]
    if not listed:
        return ""
    return f"TensorFlow refuses this graph: {listed[0].message}{and_others(listed)}"
