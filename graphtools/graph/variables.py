"""What ops and names of variables tell; which ones a graph has is told by `idioms.variables`."""

from __future__ import annotations

import re

VARIABLE_OPS = frozenset({"Variable", "VariableV2", "VarHandleOp", "AutoReloadVariable"})
#: What TensorFlow calls the variable that counts the steps.
GLOBAL_STEP = "global_step"
_SLOT = re.compile(
    r"/(Adam|Adam_1|Adagrad|Adadelta|Adadelta_1|Momentum|RMSProp|RMSProp_1|Ftrl|Ftrl_1|beta[12]_power)"
    r"(_\d+)?$|^beta[12]_power(_\d+)?$"
)
#: Part of a slot's key in checkpoints of TF2 objects, and the end of all keys of variables there.
_OBJECT_SLOT = "/.OPTIMIZER_SLOT/"
_OBJECT_END = "/.ATTRIBUTES/VARIABLE_VALUE"


def is_optimizer_slot(name: str) -> bool:
    """Whether a variable's name is that of an optimizer's slot."""
    return _OBJECT_SLOT in name or bool(_SLOT.search(name.removesuffix(_OBJECT_END)))
