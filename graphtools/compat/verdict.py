"""What the converter would do with a graph: the results of `prediction.predict_conversion`."""

from __future__ import annotations

import dataclasses

from graphtools.display import Displayed


@dataclasses.dataclass(frozen=True)
class Blocker:
    """A node that keeps a graph from being converted to TFLite, or an interpreter from taking it.

    Attributes:
        node: Its name, as the converter's message names it: in functions, `name@function`.
        op: Its op.
        reason: The property that decides, as `T=float64: TFLite's Conv2D takes T=float32`.
        kind: `flex`: needs Select TF ops. `custom`: only a custom operator would do.
            `unsupported`: the converter refuses the graph for it. `error`: a failure inside the
            converter. `crash`: the converter's process dies. `allocation`: it converts, and an
            interpreter refuses its operator.
        remedy: What to do about it; empty where nothing can be advised.
        function: The function in which it is, empty outside functions.
    """

    node: str
    op: str
    reason: str
    kind: str
    remedy: str = ""
    function: str = ""


@dataclasses.dataclass(frozen=True)
class NodeVerdict:
    """What becomes of one node that the outputs need.

    Attributes:
        node: Its name; in functions, `name@function`.
        op: Its op.
        verdict: `builtin`; `folded`: computed by the converter, since it depends on constants and
            known shapes only; `unknown`: the op is not in the tables; or the kind of its blocker.
        reason: Why it is not builtin, else empty.
    """

    node: str
    op: str
    verdict: str
    reason: str = ""


@dataclasses.dataclass(frozen=True)
class Verdict(Displayed):
    """What the converter would do with a graph.

    Attributes:
        tf_version: TensorFlow version whose converter is meant.
        builtins: Whether it converts with TFLite's builtin operators only.
        select: Whether it converts with Select TF ops allowed.
        blockers: What keeps it from the first, in the order of the graph.
        allocates: Whether an interpreter would take the converted model, if it converts with
            builtin operators only.
        warnings: What goes wrong after the conversion: why it does not allocate.
        unknown: Names of nodes with ops that are not known, which count as custom ops.
        nodes: The verdict of each node that the outputs need.
        inputs: Names of the inputs that were taken.
        outputs: Names of the outputs that were taken.
        allocation: What `warnings` tells, by node.
    """

    tf_version: str
    builtins: bool
    select: bool
    blockers: tuple[Blocker, ...]
    allocates: bool
    warnings: tuple[str, ...]
    unknown: tuple[str, ...]
    nodes: tuple[NodeVerdict, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    allocation: tuple[Blocker, ...] = ()
