"""How often `place_operators` agrees with the Edge TPU compiler.

    python -m tests.benchmarks.edge_tpu [FOLDER]

The folder holds edgetpu.json and edgetpu.tar.xz: quantized models, and which of their operators the
compiler left on the CPU, by kind. Prints a line a model, and the agreement by operators.
"""

from __future__ import annotations

import collections
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from graphtools.compat.placement import place_operators
from graphtools.formats import open_model
from graphtools.formats.tflite.model import TFLiteModel
from tests.support import edge_tpu_models, shared


class Compared(NamedTuple):
    """A model with what was told, and what the compiler did.

    Attributes:
        file: Its name.
        operators: Number of operators.
        told: Number of operators that are told to stay on the CPU.
        left: Number of those that the compiler left there.
        too_many: Operators by kind that are told to stay there, and do not.
        too_few: Those that do, and are not told.
    """

    file: str
    operators: int
    told: int
    left: int
    too_many: dict[str, int]
    too_few: dict[str, int]

    @property
    def agreeing(self) -> int:
        """Number of operators that are told rightly."""
        return self.operators - sum(self.too_many.values()) - sum(self.too_few.values())


def compare(folder: Path) -> Iterator[Compared]:
    """The models of a folder, one by one."""
    models = edge_tpu_models(folder)
    for entry in json.loads((folder / "edgetpu.json").read_text("utf-8")):
        model = open_model(str(models / entry["file"]))
        assert isinstance(model, TFLiteModel)
        places = place_operators(model, "edgetpu").operators
        told = collections.Counter(place.op for place in places if place.reason)
        left = collections.Counter(entry["operators_left_on_cpu"])
        numbers = len(places), sum(told.values()), sum(left.values())
        yield Compared(entry["file"], *numbers, dict(told - left), dict(left - told))


def main() -> None:
    """Print the table."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else shared("corpus")
    found = list(compare(folder))
    print(f"{'operators':>9}  {'told':>4}  {'left':>4}  model")
    for model in found:
        wrong = f"  wrong: {model.too_many} {model.too_few}" * bool(model.too_many or model.too_few)
        print(f"{model.operators:9}  {model.told:4}  {model.left:4}  {model.file}{wrong}")
    total = sum(model.operators for model in found)
    agreeing = sum(model.agreeing for model in found)
    print(f"{agreeing} of {total} operators agree: {100 * agreeing / total:.1f} %")


if __name__ == "__main__":
    main()
