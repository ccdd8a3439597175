"""GT920-GT939: shapes that not everything takes, and what nothing needs."""

from __future__ import annotations

from graphtools.formats.tflite.model import TFLiteModel
from tests.lint.tflite_models import Op, Spec, TFLiteCase, model

F = Spec("float32", [1, 8, 8, 3])
OPEN = F._replace(shape=[-1, 8, 8, 3])


def one(given: Spec, result: Spec | None = None, **others: Spec) -> TFLiteModel:
    return model({"x": given, "y": result or given, **others}, [Op("RELU", ["x"], ["y"])])


STORED = Spec("float32", [400], data=bytes(range(200)) * 8)
OTHER = STORED._replace(data=bytes(1600))
CASES = [
    TFLiteCase("GT921", one(OPEN), one(F), "x", says="[?,8,8,3]"),
    TFLiteCase("GT922", one(F, OPEN), one(OPEN), "y", says="RELU gives a size"),
    TFLiteCase("GT923", one(F._replace(shape=[8, 8, 8, 3])), one(F), "x", says="batch of 8"),
    TFLiteCase("GT924", one(F._replace(shape=[1, 2, 2, 2, 2])), one(F), "y", says="5 dimensions"),
    TFLiteCase("GT931", one(F, w=STORED), one(F, w=F._replace(shape=[1], data=bytes(4))), "w",
               says="1 constant of 1.6 kB"),
    TFLiteCase("GT932", model({"x": F, "y": F}, [Op("RELU", ["x"], ["y"])], extra=[bytes(2048)]),
               one(F), "", says="1 buffer of 2.0 kB"),
    TFLiteCase("GT933", one(F, w=STORED, v=STORED), one(F, w=STORED, v=OTHER), "v",
               says="1 buffer of 1.6 kB"),
]  # fmt: skip
