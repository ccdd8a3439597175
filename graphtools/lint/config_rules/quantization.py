"""Quantization-aware training."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.findings.finding import ERROR, INFO, WARNING
from graphtools.findings.rule import Found
from graphtools.lint.configuration import Configuration
from graphtools.lint.tables import config_rule
from graphtools.restore.predictors import has_ranges

SECTION = "graph_rewriter.quantization"


@config_rule("GTC501", "quantization-without-ranges", WARNING)
def quantization_without_ranges(subject: Configuration) -> Iterator[Found]:
    """The configuration quantizes, but the checkpoint has no ranges.

    Quantization-aware training keeps a minimum and a maximum of weights and activations
    (`.../act_quant/min`, `.../weights_quant/max`). Training from a float checkpoint learns them;
    evaluating or exporting such a checkpoint with this configuration fails: "Key ... not found in
    checkpoint".
    """
    if subject.has(SECTION) and subject.checkpoint and not has_ranges(subject.checkpoint):
        yield Found(
            SECTION,
            f"the configuration quantizes, but {subject.checkpoint.path} has no ranges "
            "(act_quant/min and the like)",
            "fine-tune with it to learn them; to export a float model, drop graph_rewriter",
            severity=INFO if subject.is_fine_tuned else "",
        )


@config_rule("GTC502", "ranges-without-quantization", WARNING)
def ranges_without_quantization(subject: Configuration) -> Iterator[Found]:
    """The checkpoint has ranges, but the configuration does not quantize.

    Without graph_rewriter { quantization { } } the ranges are dropped, and what is trained or
    exported is a float model.
    """
    if not subject.has(SECTION) and subject.checkpoint and has_ranges(subject.checkpoint):
        yield Found(
            "graph_rewriter",
            f"{subject.checkpoint.path} has the ranges of quantization-aware training, but the "
            "configuration has no graph_rewriter { quantization { } }: they are dropped",
            "write graph_rewriter { quantization { delay: 0 weight_bits: 8 activation_bits: 8 } }",
        )


@config_rule("GTC503", "quantization-delay-too-long", WARNING)
def quantization_delay_too_long(subject: Configuration) -> Iterator[Found]:
    """Quantization starts after training has ended.

    `delay` is the step at which quantization starts, by default 500000. With fewer steps, the model
    is never trained as a quantized one.
    """
    delay, steps = subject.whole(f"{SECTION}.delay"), subject.whole("train_config.num_steps")
    if subject.has(SECTION) and 0 < steps <= delay:
        yield Found(
            f"{SECTION}.delay",
            f"quantization starts at step {delay}"
            + ("" if subject.has(f"{SECTION}.delay") else " (the default)")
            + f", but training ends at step {steps}",
            f"write a delay below {steps}, or 0 to fine-tune a trained model",
        )


@config_rule("GTC504", "quantization-bits", ERROR)
def quantization_bits(subject: Configuration) -> Iterator[Found]:
    """Other than 8 bits are asked for.

    The API refuses them: "Only 8bit quantization is supported".
    """
    for name in ("weight_bits", "activation_bits"):
        bits = subject.whole(f"{SECTION}.{name}")
        if subject.has(SECTION) and bits != 8:
            yield Found(
                f"{SECTION}.{name}", f"{name} is {bits}; only 8 is supported", f"write {name}: 8"
            )
