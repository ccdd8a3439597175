"""GT940-GT949: what a TFLite model says of itself, for MediaPipe and the Task Library.

Source: the metadata writers of tflite-support, and the checks of the Task Library and MediaPipe.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.analysis.tflite_summary import DescribedModel, described_model
from graphtools.findings.finding import ERROR, INFO, WARNING
from graphtools.findings.rule import Found
from graphtools.lint.tables import tflite_rule
from graphtools.lint.tflite_subject import TFLiteSubject
from graphtools.wording import counted

_TARGETS = ("tflite", "tflite-select", "gpu", "edgetpu")


@tflite_rule("GT941", "no-metadata", INFO, targets=_TARGETS, is_default=False)
def no_metadata(subject: TFLiteSubject) -> Iterator[Found]:
    """A model without metadata.

    Why:
        MediaPipe's tasks and the Task Library learn from them how an image is normalized, and what
        the classes are called. They refuse a model without: "Input tensor has type kTfLiteFloat32:
        it requires specifying NormalizationOptions metadata to preprocess input images".

    Example:
        What the converter writes, for an app that uses ImageClassifier.createFromFile.

    Remedy:
        Put them in: graphtools edit-tflite MODEL -o OUT --metadata FILE.json
    """
    if subject.model.subgraphs and _described(subject) is None:
        yield Found(None, "it has no metadata, which MediaPipe and the Task Library want")


def _described(subject: TFLiteSubject) -> DescribedModel | None:
    found = described_model(subject.model)
    return None if found is None or (not found.inputs and not found.outputs) else found


@tflite_rule("GT942", "metadata-disagree", ERROR, targets=_TARGETS)
def metadata_disagree(subject: TFLiteSubject) -> Iterator[Found]:
    """Metadata that cannot be read, or describe another number of inputs or outputs.

    Why:
        MediaPipe and the Task Library refuse the model: "Mismatch between number of input tensors
        (1) and input tensors metadata (2)".

    Example:
        Metadata of a detector that were kept as its four outputs became one.

    Remedy:
        Write them anew: graphtools edit-tflite MODEL -o OUT --metadata FILE.json
    """
    found = described_model(subject.model)
    if found is not None and found.problem:
        yield Found(None, found.problem)
        return
    if found is None:
        return
    sides = (
        ("input", found.inputs, subject.main.inputs),
        ("output", found.outputs, subject.main.outputs),
    )
    for side, described, there in sides:
        if described and len(described) != len(there):
            what = counted(len(described), side)
            yield Found(None, f"the metadata describe {what}, and the model has {len(there):,}")


@tflite_rule("GT943", "missing-associated-file", WARNING, targets=_TARGETS)
def missing_files(subject: TFLiteSubject) -> Iterator[Found]:
    """The metadata name a file, as labels, that is not behind the model.

    Why:
        The labels are missing in the results, or the model is refused.

    Example:
        A model that was copied through a tool that keeps the FlatBuffer alone.

    Remedy:
        Put the labels in: graphtools edit-tflite MODEL -o OUT --labels labels.txt
    """
    found = _described(subject)
    for port in (*found.inputs, *found.outputs) if found is not None else ():
        for name in port.files:
            if found is not None and name not in found.files:
                yield Found(
                    None, f"the metadata of {port.name!r} name {name!r}, which is not there"
                )


@tflite_rule("GT944", "no-normalization", WARNING, targets=_TARGETS)
def no_normalization(subject: TFLiteSubject) -> Iterator[Found]:
    """An image input of floats, of which the metadata do not say how it is normalized.

    Why:
        MediaPipe and the Task Library refuse the model: "Input tensor has type kTfLiteFloat32: it
        requires specifying NormalizationOptions metadata".

    Example:
        `image` with ImageProperties, float32 [1,224,224,3], and no process unit.

    Remedy:
        Put mean and deviation in: graphtools edit-tflite MODEL -o OUT --metadata FILE.json
    """
    found = _described(subject)
    inputs = [subject.main.tensors[i] for i in subject.main.inputs if i >= 0]
    for port, tensor in zip(found.inputs if found else (), inputs, strict=False):
        is_image = port.content.startswith("ImageProperties")
        if is_image and tensor.dtype == "float32" and not port.normalization:
            yield Found(tensor.plain_name, f"the image {tensor.name!r} has no normalization")
