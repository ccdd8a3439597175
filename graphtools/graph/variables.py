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
_EMA = re.compile(r"/ExponentialMovingAverage$")
#: Last names of the variables that layers make.
_WEIGHT_NAMES = frozenset(
    {
        "weights", "biases", "beta", "gamma", "moving_mean", "moving_variance",
        "depthwise_weights", "pointwise_weights", "kernel", "bias", "depthwise_kernel",
        "pointwise_kernel", "recurrent_kernel", "embeddings",
    }
)  # fmt: skip
#: Last names of the variables that hold quantization ranges, and the end of the scopes of these.
_RANGE_NAMES = frozenset({"min", "max"})
_NOT_TRAINED = frozenset({"moving_mean", "moving_variance", GLOBAL_STEP, *_RANGE_NAMES})


def is_weight_name(name: str) -> bool:
    """Whether a name is one that layers give to their variables."""
    scope, _, last = name.rpartition("/")
    if last in _WEIGHT_NAMES:
        return bool(scope)
    return last in _RANGE_NAMES and scope.endswith("_quant")


def is_optimizer_slot(name: str) -> bool:
    """Whether a variable's name is that of an optimizer's slot."""
    return _OBJECT_SLOT in name or bool(_SLOT.search(name.removesuffix(_OBJECT_END)))


def is_moving_average(name: str) -> bool:
    """Whether a variable's name is that of a moving average."""
    return bool(_EMA.search(name))


def is_trained_by_name(name: str) -> bool:
    """Whether a variable of this name is one that an optimizer changes, as far as names tell."""
    last = name.rpartition("/")[2]
    return not (last in _NOT_TRAINED or is_optimizer_slot(name) or is_moving_average(name))
