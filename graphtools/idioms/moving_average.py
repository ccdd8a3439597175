"""What a moving average is: a variable that follows another one, or a statistic, in training.

`tf.train.ExponentialMovingAverage` names that of `w` `w/ExponentialMovingAverage`; batch norms have
a `moving_mean` and a `moving_variance` beside their gamma and beta. Ranges of FakeQuants that are
followed in training are told by `idioms.fake_quant`.
"""

from __future__ import annotations

#: What the name of a variable's average ends in.
AVERAGE = "/ExponentialMovingAverage"
#: Last names of those of batch norms.
MEAN, VARIANCE = "moving_mean", "moving_variance"


def is_moving_average(name: str) -> bool:
    """Whether a variable's name is that of the moving average of another one."""
    return name.endswith(AVERAGE)
