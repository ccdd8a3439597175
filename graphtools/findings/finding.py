"""Something that is wrong, of a graph or of a configuration: where, how bad, and what to do."""

from __future__ import annotations

import dataclasses

#: Severities, the worst first: it fails, it does something else than meant, it is good to know.
ERROR, WARNING, INFO = SEVERITIES = ("error", "warning", "info")


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that a rule found in a file.

    Attributes:
        code: Stable code of the rule, as `GT101`.
        name: Its stable name, as `dangling-input`.
        severity: `error`, `warning` or `info`.
        message: What is found, and why it matters.
        remedy: What to do about it; empty where nothing can be advised.
        node: Name of the node it is about, `node@function` in a function; empty if about the whole
            graph. In a training configuration the field, as `train_config.batch_size`.
        op: Op of the node; empty where there is none.
        cure: The pipeline of transforms that removes it, as `fold_batch_norms`; empty if none does.
        is_safe_cure: Whether the cure keeps what the outputs are, but for rounding.
        line: Line in a text file, counted from 1; 0 where there is none, as in a binary graph.
    """

    code: str
    name: str
    severity: str
    message: str
    remedy: str
    node: str = ""
    op: str = ""
    cure: str = ""
    is_safe_cure: bool = False
    line: int = 0
