"""Which public names TensorFlow 1 and 2 have: version skew as data.

`public_names.txt` beside this module is made by `tests.builders.public_names` from installed
TensorFlows: a line with their versions, and a line for each public name without `tf.`, with `1` if
the old one has it, `2` if the new one has it, `v` if that has it in `tf.compat.v1`, and behind it
the name that the new one has for the same thing where it is another.
"""

from __future__ import annotations

import functools
import os
from typing import NamedTuple

FILE = os.path.join(os.path.dirname(__file__), "public_names.txt")
#: Since when what is in no current TensorFlow is gone, by the beginning of its name.
_GONE_SINCE = {
    "contrib": "2.0",
    "estimator": "2.16",
    "keras.estimator": "2.16",
    "keras.wrappers": "2.13",
    "keras.experimental": "2.16",
    "train.experimental.enable_mixed_precision_graph_rewrite": "2.4",
    "layers": "2.16",
    "data.experimental.make_saveable_from_iterator": "2.16",
}
#: Names of releases before 1.0, and what they became there.
_RENAMED_IN_1_0 = {
    "pack": "stack",
    "unpack": "unstack",
    "mul": "multiply",
    "sub": "subtract",
    "neg": "negative",
    "select": "where",
    "concat_v2": "concat",
    "batch_matmul": "matmul",
    "complex_abs": "abs",
    "inv": "math.reciprocal",
    "initialize_all_variables": "compat.v1.global_variables_initializer",
    "initialize_local_variables": "compat.v1.local_variables_initializer",
    "initialize_variables": "compat.v1.variables_initializer",
    "all_variables": "compat.v1.global_variables",
    "histogram_summary": "summary.histogram",
    "image_summary": "summary.image",
    "scalar_summary": "summary.scalar",
    "audio_summary": "summary.audio",
    "merge_all_summaries": "compat.v1.summary.merge_all",
    "merge_summary": "compat.v1.summary.merge",
    "train.SummaryWriter": "compat.v1.summary.FileWriter",
    "python": "",
}


class Fate(NamedTuple):
    """What became of a public name.

    Attributes:
        known: In which TensorFlows it is: `1`, `2`, both, or none (empty).
        cause: Why a program does not find it: a whole sentence.
        cure: What to do: a clause.
    """

    known: str
    cause: str
    cure: str


@functools.cache
def _table() -> tuple[tuple[str, str], dict[str, tuple[str, str]]]:
    with open(FILE, encoding="ascii") as file:
        old, new = file.readline().split()
        names = {}
        for line in file:
            flags, name, *same = line.split()
            names[name] = (flags, same[0] if same else "")
    return (old, new), names


def fate(name: str) -> Fate:
    """What became of a name, without `tf.`.

    Example:
        >>> fate("gfile").cure
        'write tf.io.gfile, or tf.compat.v1.gfile'
    """
    (old, new), names = _table()
    flags, same = names.get(name, ("", ""))
    here = f"tf.{name}"
    if "1" in flags and "2" in flags:
        return Fate(
            "12",
            f"{here} is in TensorFlow {old} and in {new}: what is imported as tensorflow is "
            "broken, half removed, a mixture of two releases, far older, or a file or folder of "
            "that name.",
            "print tensorflow.__file__ and __version__; remove every tensorflow package (also "
            "tensorflow_estimator, keras, -gpu, -intel) and install one",
        )
    if "2" in flags:
        return Fate(
            "2",
            f"{here} came with TensorFlow 2 ({old} does not have it): the TensorFlow that is "
            "installed is older than the program.",
            "print tensorflow.__version__ and install the release that the program was written for",
        )
    if "v" in flags:
        now = same or _namesake(name)
        also = f"; TensorFlow 2's own is tf.{now}" if now else ""
        return Fate(
            "1",
            f"{here} is of TensorFlow 1. TensorFlow 2 has it as tf.compat.v1.{name}{also}.",
            f"write tf.{now}, or tf.compat.v1.{name}"
            if now
            else f"write tf.compat.v1.{name}, or import tensorflow.compat.v1 as tf",
        )
    if flags:
        return Fate("1", *_gone(name, old))
    if name in _RENAMED_IN_1_0:
        now = _RENAMED_IN_1_0[name]
        return Fate(
            "",
            f"{here} was renamed in TensorFlow 1.0" + (f": it is tf.{now} now." if now else "."),
            f"write tf.{now}" if now else "use public names only",
        )
    return Fate(
        "",
        f"{here} is in neither TensorFlow {old} nor {new}: it is misspelt, of a release between "
        "them, or no public name.",
        "see in the documentation of your release what it is called there",
    )


def _namesake(name: str) -> str:
    """The one name of TensorFlow 2 that ends as this one does, as `io.gfile` for `gfile`."""
    last = name.rpartition(".")[2]
    _, names = _table()
    found = [n for n, (flags, _) in names.items() if "2" in flags and n.endswith(f".{last}")]
    return found[0] if len(found) == 1 else ""


def _gone(name: str, old: str) -> tuple[str, str]:
    """Cause and cure of what no current TensorFlow has."""
    parts = name.split(".")
    starts = (".".join(parts[: n + 1]) for n in range(len(parts)))
    since = next((_GONE_SINCE[s] for s in starts if s in _GONE_SINCE), "")
    if since in ("", "2.0"):
        return (
            f"tf.{name} is of TensorFlow 1 and not in TensorFlow 2, in tf.compat.v1 neither.",
            f"run the program with TensorFlow {old} and Python 3.7, or port it",
        )
    return (
        f"tf.{name} is gone since TensorFlow {since}, in tf.compat.v1, too.",
        f"install tensorflow<{since}, or port what uses it to Keras",
    )
