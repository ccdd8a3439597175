"""What training leaves in a checkpoint beside the model: slots, averages, counters.

Names alone do not tell it: `conv/Adam` is the slot of `conv` only if there is a `conv`, of the same
shape. Sources: the optimizers of tf.train and tf.contrib.opt (`slot_creator`), BERT's (adam_m and
adam_v beside a variable), `ExponentialMovingAverage`, `assign_moving_average` with zero_debias,
`ExponentialUpdateLossScaleManager`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from graphtools.graph.shape import Shape
from graphtools.graph.variables import BETA_POWER, GLOBAL_STEP, SLOTS
from graphtools.idioms.moving_average import AVERAGE

SLOT, MOVING_AVERAGE, COUNTER = "optimizer slot", "moving average", "counter of training"
#: A second optimizer of a kind numbers its slots on.
_SLOT = re.compile(rf"(.+)/(?:{'|'.join(SLOTS)})(?:_\d+)?")
_BIASED, _LOCAL_STEP = "/biased", "/local_step"
_LOSS_SCALE = frozenset({"current_loss_scale", "good_steps"})


class TrainingState(NamedTuple):
    """What a variable is there for, in training.

    Attributes:
        kind: `optimizer slot`, `moving average` or `counter of training`.
        owner: The variable that it belongs to; empty where there is none.
    """

    kind: str
    owner: str = ""


def training_state(shapes: Mapping[str, Shape]) -> dict[str, TrainingState]:
    """The variables of a checkpoint that only training needs.

    Args:
        shapes: The shapes of all its variables, by name.

    Example:
        >>> training_state({"w": Shape([2]), "w/Adam": Shape([2]), "Adam/w": Shape([2])})
        {'w/Adam': TrainingState(kind='optimizer slot', owner='w')}
    """
    found = {}
    for name, shape in shapes.items():
        state = _state(name, shape, shapes)
        if state:
            found[name] = state
    return found


def _state(name: str, shape: Shape, shapes: Mapping[str, Shape]) -> TrainingState | None:
    if name == GLOBAL_STEP:
        return TrainingState(COUNTER)
    slot = _SLOT.fullmatch(name)
    if slot and shapes.get(slot[1]) == shape:
        return TrainingState(SLOT, slot[1])
    if name.endswith(AVERAGE):
        owner = name.removesuffix(AVERAGE)
        return TrainingState(MOVING_AVERAGE, owner if shapes.get(owner) == shape else "")
    for end, other in ((_BIASED, _LOCAL_STEP), (_LOCAL_STEP, _BIASED)):
        base = name.removesuffix(end)
        if base != name and base + other in shapes:
            owner = _averaged(base, shapes[base + _BIASED], shapes)
            if owner and shapes[base + _LOCAL_STEP].rank == 0:
                return TrainingState(MOVING_AVERAGE, owner)
    if shape.rank == 0 and (BETA_POWER.fullmatch(name) or name.rpartition("/")[2] in _LOSS_SCALE):
        return TrainingState(COUNTER)
    return None


def _averaged(base: str, shape: Shape, shapes: Mapping[str, Shape]) -> str:
    """The average that `biased` is the sum of; the scope may stand before its name twice."""
    while base:
        if shapes.get(base) == shape:
            return base
        base = base.partition("/")[2]
    return ""


def companions(state: Mapping[str, TrainingState]) -> dict[str, list[str]]:
    """By variable, what goes where it goes: its slots and averages, and what belongs to these."""
    own: dict[str, list[str]] = {}
    for name, one in state.items():
        if one.owner:
            own.setdefault(one.owner, []).append(name)
    # an owner's name is shorter: what belongs to its own comes first
    for owner in sorted(own, key=len, reverse=True):
        own[owner] += [other for name in own[owner] for other in own.get(name, ())]
    return own
