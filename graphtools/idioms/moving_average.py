"""What a moving average is: a variable that follows another one, or a statistic, in training.

`tf.train.ExponentialMovingAverage` names that of `w` `w/ExponentialMovingAverage`; batch norms have
a `moving_mean` and a `moving_variance` beside their gamma and beta; and fake_quantize_training lets
the ends of a range be followed, which a frozen graph still does, of what are constants by then.
"""

from __future__ import annotations

from graphtools.idioms.fake_quant import FAKE_QUANT
from graphtools.rewrite.pattern import ANY, Op, Pattern, constant

#: What the name of a variable's average ends in.
AVERAGE = "/ExponentialMovingAverage"
#: Last names of those of batch norms.
MEAN, VARIANCE = "moving_mean", "moving_variance"


def is_moving_average(name: str) -> bool:
    """Whether a variable's name is that of the moving average of another one."""
    return name.endswith(AVERAGE)


def _followed(end: str) -> Pattern:
    """How fake_quantize_training follows one end of a range, as it stands in a frozen graph."""
    started = Op("Switch", Op(end.capitalize()), Op("IsVariableInitialized"))
    decay = Op("Sub", Op("Const"), Op("Const"))
    followed = Op("Sub", Op("Const"), Op("Mul", Op("Sub"), decay))
    return Op("Assign", constant(end), Op("Merge", started, followed))


#: A FakeQuant whose range, `min` and `max`, is still followed as in training.
FOLLOWED_RANGE = Op(FAKE_QUANT, ANY, _followed("min"), _followed("max"))
