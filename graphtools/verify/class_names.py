"""Names of the classes that a model tells apart, and its surest ones."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphtools.errors import Damaged, InvalidValue
from graphtools.formats.label_map import read_label_map
from graphtools.formats.source import open_source

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_ITEM = re.compile(r"^\s*item\s*[:{]", re.M)
_NUMBERED = re.compile(r"(\d+)(?:\s*[:,]\s*|\s+)(\S.*)")
#: What lists call the place that stands for no class.
_NO_CLASS = frozenset({"background", "__background__", "???", "none of the above"})


@dataclasses.dataclass(frozen=True)
class ClassNames:
    """Names of classes.

    Attributes:
        path: Where they are from.
        names: By id; 0 is the background, where there is one.
        most: The greatest id.
    """

    path: str
    names: Mapping[int, str]

    @property
    def most(self) -> int:
        """The greatest id."""
        return max(self.names)

    def first_id(self, classes: int) -> int | None:
        """The id of the first of so many scores; None where the names do not fit these.

        A model has a score for each class, or one more for the background, which comes first.
        """
        return {self.most + 1: 0, self.most: 1}.get(classes)

    def name(self, number: int) -> str:
        """The name of an id; the number itself where it has none."""
        return self.names.get(number, str(number))


def read_class_names(path: str | os.PathLike[str]) -> ClassNames:
    """Read the names of classes: a label map, or a list of them, one a line, in their order.

    Lines may begin with a number, as `12: cat`. A first name that is `background` or `???` stands
    for no class, and has the id 0; else ids count from 1.

    Raises:
        Damaged: There are no names, or the label map is damaged.
        FileProblem: The file cannot be read.
    """
    name = os.fspath(path)
    text = open_source(name).text()
    if _ITEM.search(text):
        items = read_label_map(name).items
        found = {item.id: item.label for item in items}
    else:
        lines = [line.strip() for line in text.splitlines()]
        while lines and not lines[-1]:
            lines.pop()
        numbered = [_NUMBERED.fullmatch(line) for line in lines]
        if lines and all(numbered):
            found = {int(m[1]): m[2] for m in numbered if m is not None}
        else:
            found = dict(enumerate(lines))
        if 0 in found and found[0].lower() not in _NO_CLASS:
            found = {number + 1: label for number, label in found.items()}
    if not found or not max(found):
        raise Damaged(
            f"{name} holds no names of classes", "wanted is one name a line, or a label map"
        )
    return ClassNames(name, found)


@dataclasses.dataclass(frozen=True)
class RankedClass:
    """A class that a model has found likely.

    Attributes:
        index: Its place among the scores.
        label: Its name; empty where no names were given.
        score: Its score.
    """

    index: int
    label: str
    score: float


@dataclasses.dataclass(frozen=True)
class SampleRanking:
    """The surest classes of a sample.

    Attributes:
        sample: What it is called, as its file.
        classes: The classes, the surest first.
    """

    sample: str
    classes: tuple[RankedClass, ...]


def class_scores(
    outputs: Mapping[str, Array], names: ClassNames | None = None
) -> tuple[str, Array]:
    """The output that has a score for each class, and these as [samples, classes].

    Of several it is the one whose scores add up to 1; else the first without height and width.

    Args:
        outputs: Real values by name.
        names: The names, whose number tells which output it is.

    Raises:
        InvalidValue: None has.
    """
    import numpy as np

    found = {}
    for name, array in sorted(outputs.items(), key=lambda item: item[1].ndim > 2):
        if array.dtype.kind not in "fiu" or not array.ndim or array.shape[-1] < 2:
            continue
        if array.size == array.shape[-1] * (array.shape[0] if array.ndim > 1 else 1):
            found[name] = array.reshape(-1, array.shape[-1])
    fitting = {
        name: scores
        for name, scores in found.items()
        if names is None or names.first_id(scores.shape[-1]) is not None
    }
    if not fitting:
        listed = ", ".join(f"{n} {s.shape[-1]}" for n, s in found.items()) or "none has classes"
        wanted = f"{names.path} names {names.most} classes" if names else "no output has classes"
        raise InvalidValue(f"{wanted}; of the outputs: {listed}", "give the names in their order")
    sums = {n: np.abs(s.sum(-1) - 1).max() for n, s in fitting.items() if s.dtype.kind == "f"}
    likely = next((name for name, off in sums.items() if off < 0.05), next(iter(fitting)))
    return likely, fitting[likely]


def rank_classes(
    scores: Array, samples: list[str], names: ClassNames | None, top: int
) -> tuple[SampleRanking, ...]:
    """The surest classes of each sample.

    Args:
        scores: [samples, classes].
        samples: What the samples are called.
        names: The names of the classes.
        top: How many are wanted.
    """
    import numpy as np

    first = (names.first_id(scores.shape[-1]) or 0) if names else 0
    found = []
    for sample, row in zip(samples, scores, strict=True):
        best = np.argsort(-row.astype(np.float64), kind="stable")[:top].tolist()
        classes = (
            RankedClass(i, names.name(i + first) if names else "", float(row[i])) for i in best
        )
        found.append(SampleRanking(sample, tuple(classes)))
    return tuple(found)
