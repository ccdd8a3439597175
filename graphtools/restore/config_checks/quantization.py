"""Quantization-aware training."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.restore.findings import ERROR, INFO, WARNING, Found, Subject, check
from graphtools.restore.predictors import has_ranges

SECTION = "graph_rewriter.quantization"


@check("GTC501", "quantization-without-ranges", WARNING)
def quantization_without_ranges(subject: Subject) -> Iterator[Found]:
    """The configuration quantizes, but the checkpoint has no ranges.

    Quantization-aware training keeps a minimum and a maximum of weights and activations
    (`.../act_quant/min`, `.../weights_quant/max`). Training from a float checkpoint learns them;
    evaluating or exporting such a checkpoint with this configuration fails: "Key ... not found in
    checkpoint".
    """
    if subject.has(SECTION) and subject.checkpoint and not has_ranges(subject.checkpoint):
        yield Found(
            f"the configuration quantizes, but {subject.checkpoint.path} has no ranges "
            "(act_quant/min and the like)",
            "fine-tune with it to learn them; to export a float model, drop graph_rewriter",
            SECTION,
            severity=INFO if subject.is_fine_tuned else "",
        )


@check("GTC502", "ranges-without-quantization", WARNING)
def ranges_without_quantization(subject: Subject) -> Iterator[Found]:
    """The checkpoint has ranges, but the configuration does not quantize.

    Without graph_rewriter { quantization { } } the ranges are dropped, and what is trained or
    exported is a float model.
    """
    if not subject.has(SECTION) and subject.checkpoint and has_ranges(subject.checkpoint):
        yield Found(
            f"{subject.checkpoint.path} has the ranges of quantization-aware training, but the "
            "configuration has no graph_rewriter { quantization { } }: they are dropped",
            "write graph_rewriter { quantization { delay: 0 weight_bits: 8 activation_bits: 8 } }",
            "graph_rewriter",
        )


@check("GTC503", "quantization-delay-too-long", WARNING)
def quantization_delay_too_long(subject: Subject) -> Iterator[Found]:
    """Quantization starts after training has ended.

    `delay` is the step at which quantization starts, by default 500000. With fewer steps, the model
    is never trained as a quantized one.
    """
    delay, steps = subject.whole(f"{SECTION}.delay"), subject.whole("train_config.num_steps")
    if subject.has(SECTION) and 0 < steps <= delay:
        yield Found(
            f"quantization starts at step {delay}"
            + ("" if subject.has(f"{SECTION}.delay") else " (the default)")
            + f", but training ends at step {steps}",
            f"write a delay below {steps}, or 0 to fine-tune a trained model",
            f"{SECTION}.delay",
        )


@check("GTC504", "quantization-bits", ERROR)
def quantization_bits(subject: Subject) -> Iterator[Found]:
    """Other than 8 bits are asked for.

    The API refuses them: "Only 8bit quantization is supported".
    """
    for name in ("weight_bits", "activation_bits"):
        bits = subject.whole(f"{SECTION}.{name}")
        if subject.has(SECTION) and bits != 8:
            yield Found(
                f"{name} is {bits}; only 8 is supported", f"write {name}: 8", f"{SECTION}.{name}"
            )
