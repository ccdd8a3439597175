"""The learning rate over the steps of training, and the batches."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

from graphtools.findings.finding import ERROR, INFO, WARNING
from graphtools.findings.rule import Found
from graphtools.lint.configuration import Configuration
from graphtools.lint.tables import config_rule

STEPS = "train_config.num_steps"
_OPTIMIZERS = ("rms_prop_optimizer", "momentum_optimizer", "adam_optimizer")
_SCHEDULES = (
    "constant_learning_rate",
    "exponential_decay_learning_rate",
    "manual_step_learning_rate",
    "cosine_decay_learning_rate",
)
#: A learning rate below this part of its start teaches nothing any more.
_NOTHING = 1e-6


def schedule(subject: Configuration) -> tuple[str, str]:
    """Name of the learning rate's schedule, and the path of its section; empty without one."""
    optimizer = _last(subject, "train_config.optimizer", _OPTIMIZERS)
    path = f"train_config.optimizer.{optimizer}.learning_rate"
    name = _last(subject, path, _SCHEDULES)
    return name, f"{path}.{name}" if name else ""


def _last(subject: Configuration, path: str, names: Sequence[str]) -> str:
    """Which of some fields of a message is set last, as that one counts; empty for none."""
    message = subject.pipeline.tree.tree(path)
    return next(
        (f.name for f in reversed(message.fields if message else []) if f.name in names), ""
    )


def _burn_in(subject: Configuration) -> tuple[str, int]:
    """The field that says how long the learning rate rises, and its value."""
    name, path = schedule(subject)
    if name == "cosine_decay_learning_rate":
        return f"{path}.warmup_steps", subject.whole(f"{path}.warmup_steps")
    if name == "exponential_decay_learning_rate":
        return f"{path}.burnin_steps", subject.whole(f"{path}.burnin_steps")
    steps = manual_steps(subject)
    if name == "manual_step_learning_rate" and subject.flag(f"{path}.warmup") and steps:
        return f"{path}.schedule.step", steps[0]
    return "", 0


def manual_steps(subject: Configuration) -> list[int]:
    """The steps of a manual schedule, in the order of the file."""
    name, path = schedule(subject)
    if name != "manual_step_learning_rate":
        return []
    values = [field.value for field in subject.fields(f"{path}.schedule.step")]
    return [v for v in values if isinstance(v, int) and not isinstance(v, bool)]


@config_rule("GTC601", "learning-rate-missing", ERROR)
def learning_rate_missing(subject: Configuration) -> Iterator[Found]:
    """There is no optimizer, or it has no learning rate.

    Training fails at once: "Optimizer None not supported", "Learning_rate None not supported".
    """
    if not subject.has("train_config"):
        return
    if not any(subject.has(f"train_config.optimizer.{name}") for name in _OPTIMIZERS):
        yield Found(
            "train_config.optimizer",
            "train_config has no optimizer",
            "write optimizer { momentum_optimizer { learning_rate { ... } } }",
        )
    elif not schedule(subject)[0]:
        yield Found(
            "train_config.optimizer",
            "the optimizer has no learning_rate",
            "write learning_rate { constant_learning_rate { learning_rate: 0.002 } } or another",
        )


@config_rule("GTC602", "warm-up-too-long", WARNING)
def warm_up_too_long(subject: Configuration) -> Iterator[Found]:
    """The warm-up takes longer than the training, or than the schedule it is part of.

    The learning rate never gets where it should. A cosine schedule refuses a warm-up that is longer
    than its total_steps; its warmup_steps are 10000 by default.
    """
    field, warm_up = _burn_in(subject)
    name, path = schedule(subject)
    steps = subject.whole(STEPS)
    shown = f"the warm-up takes {warm_up} steps"
    if field and not subject.has(field):
        shown += " (the default)"
    if name == "cosine_decay_learning_rate":
        total = subject.whole(f"{path}.total_steps")
        if warm_up > total:
            yield Found(
                field,
                f"{shown}, the whole schedule {total}: TensorFlow refuses that",
                "write fewer warmup_steps than total_steps",
                severity=ERROR,
            )
            return
        base, start = (
            subject.real(f"{path}.{n}") for n in ("learning_rate_base", "warmup_learning_rate")
        )
        if warm_up > 0 and base < start:
            yield Found(
                f"{path}.warmup_learning_rate",
                f"the warm-up starts at {start:g}, above the learning_rate_base of {base:g}: "
                "TensorFlow refuses that",
                "write a warmup_learning_rate below learning_rate_base",
                severity=ERROR,
            )
    if 0 < steps <= warm_up:
        yield Found(
            field,
            f"{shown}, the whole training {steps}",
            "shorten the warm-up to a tenth of num_steps or less",
        )


@config_rule("GTC603", "decay-does-not-fit", WARNING)
def decay_does_not_fit(subject: Configuration) -> Iterator[Found]:
    """The learning rate never decays, or is as good as zero long before the end.

    Every decay_steps, the rate is multiplied by decay_factor. With more decay_steps than num_steps
    and staircase (the default), it is constant; with far fewer, nothing is learned any more.
    """
    name, path = schedule(subject)
    steps = subject.whole(STEPS)
    if name != "exponential_decay_learning_rate" or steps <= 0:
        return
    every, factor = subject.whole(f"{path}.decay_steps"), subject.real(f"{path}.decay_factor")
    field = f"{path}.decay_steps"
    if every < 1:
        yield Found(field, "decay_steps is 0", "write how many steps a decay takes", severity=ERROR)
    elif every >= steps and subject.flag(f"{path}.staircase"):
        yield Found(
            field,
            f"the learning rate decays every {every} steps, but training ends at step {steps}: it "
            "stays as it is",
            "write fewer decay_steps, if it is to decay",
            severity=INFO,
        )
    elif 0 < factor < 1 and not subject.real(f"{path}.min_learning_rate") > 0:
        until = every * math.log(_NOTHING) / math.log(factor)
        if until < steps / 2:
            yield Found(
                field,
                f"from step {round(until)} of {steps} on, the learning rate is below a millionth "
                f"of its start: it is multiplied by {factor:g} every {every} steps",
                "write more decay_steps, or a min_learning_rate",
            )


@config_rule("GTC604", "cosine-steps-unlike-num-steps", WARNING)
def cosine_steps_unlike_num_steps(subject: Configuration) -> Iterator[Found]:
    """The cosine schedule is shorter or longer than the training.

    Behind total_steps the learning rate is zero, and training goes on without learning. A schedule
    that is much longer ends at a high rate. total_steps is 4000000 by default.
    """
    name, path = schedule(subject)
    steps = subject.whole(STEPS)
    if name != "cosine_decay_learning_rate" or steps <= 0:
        return
    total = subject.whole(f"{path}.total_steps")
    field = f"{path}.total_steps"
    shown = f"total_steps is {total}" + ("" if subject.has(field) else " (the default)")
    if total < steps:
        yield Found(
            field,
            f"{shown}, num_steps {steps}: in the last {steps - total} steps the learning rate is 0",
            f"write total_steps: {steps}",
        )
    elif total > steps:
        yield Found(
            field,
            f"{shown}, num_steps {steps}: training ends before the learning rate has come down",
            f"write total_steps: {steps}",
            severity="" if total >= 2 * steps else INFO,
        )


@config_rule("GTC605", "manual-steps", ERROR)
def manual_steps_in_order(subject: Configuration) -> Iterator[Found]:
    """The steps of a manual schedule do not rise, or lie behind the end of training.

    TensorFlow refuses steps that are not strictly increasing ("Entries in boundaries must be
    strictly increasing"), and since 2018 a first step of 0 ("First step cannot be zero").
    """
    name, path = schedule(subject)
    steps, end = manual_steps(subject), subject.whole(STEPS)
    field = f"{path}.schedule.step"
    if name != "manual_step_learning_rate" or not steps:
        return
    fallen = [(a, b) for a, b in itertools.pairwise(steps) if b <= a]
    if fallen:
        yield Found(
            field,
            f"step {fallen[0][1]} of the schedule follows step {fallen[0][0]}: TensorFlow refuses "
            "steps that do not rise",
            "write the steps in rising order",
        )
    if steps[0] == 0:
        yield Found(
            field,
            "the first step of the schedule is 0, which all but the oldest versions of the API "
            "refuse",
            "drop it, and write its rate as initial_learning_rate",
            severity=WARNING,
        )
    behind = [step for step in steps if 0 < end <= step]
    if behind:
        yield Found(
            field,
            f"{len(behind)} of {len(steps)} steps of the schedule are never reached: training ends "
            f"at step {end}",
            "write earlier steps, or more num_steps",
            severity=WARNING if len(behind) == len(steps) else INFO,
        )


@config_rule("GTC606", "batch-size", ERROR)
def batch_size(subject: Configuration) -> Iterator[Found]:
    """The batch size is 0, or 1 for a model that needs the statistics of a batch.

    Batch normalization of an SSD learns from the images of a batch; of a single image, its moving
    averages are noise. Freeze it, or take larger batches.
    """
    if not subject.has("train_config"):
        return
    field = "train_config.batch_size"
    batch = subject.whole(field)
    frozen = subject.flag(f"{subject.model_path}.freeze_batchnorm")
    if batch < 1:
        yield Found(field, f"batch_size is {batch}", "write 1 at least; the default is 32")
    elif batch == 1 and subject.pipeline.meta_architecture == "ssd" and not frozen:
        yield Found(
            field,
            "with a batch_size of 1, batch normalization has one image to learn from",
            "write a larger batch_size, or freeze_batchnorm: true in the model",
            severity=WARNING,
        )
    replicas = subject.whole("train_config.replicas_to_aggregate")
    if subject.flag("train_config.sync_replicas") and replicas > batch > 0:
        yield Found(
            field,
            f"batch_size is {batch}, shared by {replicas} replicas",
            "write a batch_size that is a multiple of the replicas",
            severity=INFO,
        )
