"""What ops and names of variables tell; which ones a graph has is told by `idioms.variables`."""

from __future__ import annotations

import re

VARIABLE_OPS = frozenset({"Variable", "VariableV2", "VarHandleOp", "AutoReloadVariable"})
#: What TensorFlow calls the variable that counts the steps.
GLOBAL_STEP = "global_step"
#: Beginnings of the ops by which optimizers change variables, and of all that change them.
OPTIMIZER_UPDATES = ("Apply", "ResourceApply", "SparseApply", "ResourceSparseApply")
UPDATES = ("Assign", "Scatter", "Apply", "ResourceApply", "ResourceScatter")
#: What optimizers put behind the name of a variable.
SLOTS = (
    "Adam", "Adam_1", "AdamW", "AdamW_1", "AdaMax", "AdaMax_1", "Adagrad", "Adadelta",
    "Adadelta_1", "Momentum", "RMSProp", "RMSProp_1", "RMSProp_2", "Ftrl", "Ftrl_1",
    "ProximalAdagrad", "AdagradDA", "AdagradDA_1", "PowerSignOptimizer", "adam_m", "adam_v",
)  # fmt: skip
#: The last name of the variables in which optimizers of Adam's kind count, one for each beta.
BETA_POWER = re.compile(r"(.+/)?beta[12]_power(_\d+)?")
_SLOT = re.compile(rf"/({'|'.join(SLOTS)}|beta[12]_power)(_\d+)?$|^beta[12]_power(_\d+)?$")
#: Part of a slot's key in checkpoints of TF2 objects, and the end of all keys of variables there.
OBJECT_SLOT = "/.OPTIMIZER_SLOT/"
OBJECT_END = "/.ATTRIBUTES/VARIABLE_VALUE"


def is_optimizer_slot(name: str) -> bool:
    """Whether a variable's name is that of an optimizer's slot."""
    return OBJECT_SLOT in name or bool(_SLOT.search(name.removesuffix(OBJECT_END)))
