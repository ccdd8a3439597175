"""The number of classes, in the configuration, the label map and the checkpoint."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator

from graphtools.findings.finding import ERROR, INFO, WARNING
from graphtools.findings.rule import Found
from graphtools.formats.label_map import LabelItem
from graphtools.lint.configuration import Configuration
from graphtools.lint.tables import config_rule
from graphtools.restore.predictors import class_predictors
from graphtools.wording import counted

#: COCO's own label map: 80 classes with ids up to 90.
_COCO = (80, 90)


def num_classes(subject: Configuration) -> int:
    """The configuration's number of classes; 0 where it has none."""
    return subject.whole(f"{subject.model_path}.num_classes")


def expected_slots(subject: Configuration) -> int:
    """Classes that the configuration's predictors tell apart, the background among them."""
    path = f"{subject.model_path}.add_background_class"
    background = subject.pipeline.meta_architecture != "ssd" or subject.flag(path)
    return num_classes(subject) + background


@config_rule("GTC201", "num-classes-missing", ERROR)
def num_classes_missing(subject: Configuration) -> Iterator[Found]:
    """`num_classes` is missing or zero.

    The default of num_classes is 0: a detector that knows the background only. It counts the
    classes of the label map, without the background.
    """
    known = subject.pipeline.meta_architecture in ("ssd", "faster_rcnn", "center_net")
    count = num_classes(subject)
    if known and count < 1:
        field = f"{subject.model_path}.num_classes"
        yield Found(
            field,
            f"num_classes is {count}" + ("" if subject.has(field) else ", as it is not given"),
            "write the number of classes in the label map, without the background",
        )


@config_rule("GTC202", "num-classes-against-label-map", ERROR)
def num_classes_against_label_map(subject: Configuration) -> Iterator[Found]:
    """`num_classes` does not fit the label map.

    Ids run from 1 to num_classes. An object with a greater id is trained as the background, as it
    has no place among the classes; with fewer ids, the detector has classes that nothing trains.
    """
    label_map, count = subject.label_map, num_classes(subject)
    if label_map is None or count < 1:
        return
    items = len({item.id for item in label_map.classes})
    what = f"num_classes is {count}, the label map {label_map.path} has "
    what += f"{counted(items, 'class', 'classes')} with ids up to {label_map.max_id}"
    field = f"{subject.model_path}.num_classes"
    if label_map.max_id > count:
        lost = sum(item.id > count for item in label_map.classes)
        yield Found(
            field,
            f"{what}: {lost} of them cannot be learned",
            f"write num_classes: {label_map.max_id}"
            + ("" if items == label_map.max_id else ", or number the classes from 1 on"),
        )
    elif label_map.max_id < count:
        yield Found(
            field,
            f"{what}: the detector has classes without a name, {count - label_map.max_id} of them",
            f"write num_classes: {label_map.max_id}, or give the label map of this model",
            severity=WARNING,
        )


@config_rule("GTC203", "label-ids-start-at-1", ERROR)
def label_ids_start_at_1(subject: Configuration) -> Iterator[Found]:
    """Ids of the label map do not start at 1.

    Id 0 is the background's, and TensorFlow refuses a label map that gives it to another class; an
    item without an id has the id 0. Ids that start above 1 leave classes that nothing trains.
    """
    items = subject.label_map.items if subject.label_map else ()
    for item in items:
        if item.id < 0:
            yield _at(
                item, f"the id of {item.label!r} is {item.id}", "number the classes from 1 on"
            )
        elif item.id == 0 and not item.is_background:
            why = "has no id, which is 0" if not item.has_id else "has the id 0"
            yield _at(
                item,
                f"{item.label!r} {why}: that is the background's, and TensorFlow refuses it",
                "number the classes from 1 on, and write num_classes accordingly",
            )
    ids = [item.id for item in items if item.id > 0]
    if ids and min(ids) > 1:
        first = next(item for item in items if item.id == min(ids))
        yield _at(
            first, f"the lowest id is {first.id}", "number the classes from 1 on", severity=WARNING
        )


@config_rule("GTC204", "label-ids-repeated", WARNING)
def label_ids_repeated(subject: Configuration) -> Iterator[Found]:
    """Several items of the label map have the same id, or the same name.

    Names with one id are trained as one class, and shown by the first of them. Of one name with
    several ids, the last one counts.
    """
    items = subject.label_map.classes if subject.label_map else ()
    ids = Counter(item.id for item in items if item.has_id)
    seen_ids: dict[int, LabelItem] = {}
    seen_names: dict[str, LabelItem] = {}
    for item in items:
        first = seen_ids.setdefault(item.id, item)
        if first is not item and ids[item.id] > 1:
            yield _at(
                item,
                f"{item.label!r} has the id {item.id}, as {first.label!r} in line {first.line}",
                "give each class an id of its own",
            )
        first = seen_names.setdefault(item.name, item)
        if first is not item and item.name and first.id != item.id:
            yield _at(
                item,
                f"{item.name!r} has the id {item.id} here and {first.id} in line {first.line}",
                "name each class once",
            )


@config_rule("GTC205", "label-ids-with-holes", WARNING)
def label_ids_with_holes(subject: Configuration) -> Iterator[Found]:
    """Ids of the label map have holes.

    The detector gets a class for each missing id, which nothing trains; `num_classes` must be the
    greatest id, not the number of items. COCO's own label map is so made: 80 classes, ids up to 90.
    """
    items = subject.label_map.classes if subject.label_map else ()
    ids = sorted({item.id for item in items if item.id > 0})
    holes = [(low + 1, high - 1) for low, high in itertools.pairwise(ids) if high - low > 1]
    if holes:
        shown = ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in holes[:5])
        missing = sum(b - a + 1 for a, b in holes)
        is_coco = (len(ids), ids[-1]) == _COCO and num_classes(subject) == ids[-1]
        yield Found(
            "item",
            f"no class has the id {shown}{' and others' if len(holes) > 5 else ''}: "
            f"{len(ids)} classes have ids up to {ids[-1]}, {missing} are missing",
            f"number the classes without holes, or keep num_classes: {ids[-1]}",
            line=items[0].line,
            severity=INFO if is_coco else "",
        )


@config_rule("GTC206", "label-without-name", WARNING)
def label_without_name(subject: Configuration) -> Iterator[Found]:
    """An item of the label map has no name.

    Records name the classes of their boxes; boxes of a class that the label map does not name are
    dropped.
    """
    for item in subject.label_map.items if subject.label_map else ():
        if not item.name:
            yield _at(item, f"the item with the id {item.id} has no name", "write its name")


@config_rule("GTC207", "num-classes-against-checkpoint", WARNING)
def num_classes_against_checkpoint(subject: Configuration) -> Iterator[Found]:
    """`num_classes` is not that of the checkpoint.

    The last dimension of a class predictor is anchors times classes, with one for the background.
    Fine-tuning starts with new predictors then, as it should; evaluating, exporting or going on
    training with this checkpoint fails: "Assign requires shapes of both tensors to match".
    """
    clash = clashing_classes(subject)
    if clash:
        yield Found(
            f"{subject.model_path}.num_classes",
            clash,
            "nothing, if the classes are to be learned anew; else write the num_classes that the "
            "checkpoint was trained with",
            severity=INFO if subject.is_fine_tuned else "",
        )


def clashing_classes(subject: Configuration) -> str:
    """How num_classes differs from the checkpoint's; empty if it does not, or nothing tells."""
    count = num_classes(subject)
    if subject.checkpoint is None or count < 1:
        return ""
    slots = expected_slots(subject)
    predictors = class_predictors(subject.checkpoint, _box_code_size(subject))
    wrong = [p for p in predictors if p.slots != slots]
    if not wrong:
        return ""
    first = wrong[0]
    background = slots - count
    return (
        f"num_classes is {count}, the checkpoint {subject.checkpoint.path} has predictors for "
        f"{first.slots - background}: {first.name} is {first.shape}"
        + (f", {first.slots} classes with the background" if background else "")
    )


def _box_code_size(subject: Configuration) -> int:
    predictor = subject.pipeline.model.tree("box_predictor")
    for field in predictor.fields if predictor else []:
        path = f"{subject.model_path}.box_predictor.{field.name}.box_code_size"
        if subject.whole(path) > 0:
            return subject.whole(path)
    return 4


def _at(item: LabelItem, message: str, remedy: str, severity: str = "") -> Found:
    """What is found at an item of the label map."""
    return Found("item", message, remedy, line=item.line, severity=severity)
