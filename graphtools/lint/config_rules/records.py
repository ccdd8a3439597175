"""The records that a training reads, held against its classes."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.findings.finding import ERROR, WARNING
from graphtools.findings.rule import Found
from graphtools.lint.configuration import Configuration
from graphtools.lint.tables import config_rule
from graphtools.wording import counted

_FIELD = "train_input_reader.tf_record_input_reader.input_path"


@config_rule("GTC701", "damaged-records", ERROR)
def damaged_records(subject: Configuration) -> Iterator[Found]:
    """A record cannot be read: the file is cut off, or its checksum is wrong.

    Training ends there: "truncated record", "corrupted record". Copy the file again, or write it
    again.
    """
    for found in subject.records.values():
        if found.damage:
            yield Found(_FIELD, found.damage, "copy the file again from where it was written")


@config_rule("GTC702", "records-without-key", ERROR)
def records_without_key(subject: Configuration) -> Iterator[Found]:
    """No sample has a feature that the Object Detection API reads.

    Without an encoded image there is nothing to train on; without the sides of boxes or their
    classes everything is background.
    """
    for path, found in subject.records.items():
        for key in found.missing_keys:
            yield Found(
                _FIELD, f"no sample of {path} has the feature {key}", "write it into each sample"
            )
        if found.records and not found.is_detection:
            yield Found(
                _FIELD,
                f"{path} has samples without objects: {counted(len(found.features), 'feature')}, "
                "none of image/object/...",
                "give records of a detector, as create_tf_record.py of the API writes them",
            )


@config_rule("GTC703", "records-with-faults", WARNING)
def records_with_faults(subject: Configuration) -> Iterator[Found]:
    """Samples have classes, boxes or images that training drops, refuses or learns wrongly.

    Classes beyond the label map or num_classes count as background, id 0 is the background itself;
    boxes are fractions of the image's sides, and empty ones make losses NaN.
    """
    for path, found in subject.records.items():
        for fault in found.faults:
            where = ", ".join(map(str, fault.records))
            yield Found(
                _FIELD,
                f"{path}: {counted(fault.count, 'time')} {fault.what}, as in record {where}",
                fault.remedy,
            )
