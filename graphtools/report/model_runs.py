"""What a model computes as a document."""

from __future__ import annotations

from collections.abc import Sequence

from graphtools.report.document import Document, Facts, Heading, Items, Table, shape
from graphtools.verify.class_names import SampleRanking
from graphtools.verify.model_run import FoundObject, ModelRun, TensorOfRun

#: Samples whose classes or objects are listed.
_MOST = 20


def model_run_document(found: ModelRun) -> Document:
    """What was fed, what came out, and what it means."""
    fed = ", ".join(f"{t.name} {t.dtype} {shape(t.shape)}" for t in found.inputs) or "nothing"
    facts = [("model", f"{found.path} ({found.what})"), ("fed", f"{fed} ({found.source})")]
    if len(found.samples) > 1:
        facts.append(("runs", f"{len(found.samples):,}"))
    document: Document = [Facts(facts), _tensors(found.tensors)]
    if found.rankings:
        document += [Heading(f"Classes by {found.classes_from}"), _classes(found.rankings[:_MOST])]
    if found.objects:
        document += [Heading("Objects"), _objects(found.objects)]
    return [*document, Items(found.notes)] if found.notes else document


def _tensors(tensors: Sequence[TensorOfRun]) -> Table:
    has_scales = any(t.scale for t in tensors)
    columns = ["tensor", "dtype", "shape", "min", "max", "first values"]
    rows = []
    for t in tensors:
        first = ", ".join(_number(v) for v in t.first)
        limits = ("" if v is None else _number(v) for v in (t.minimum, t.maximum))
        step = [f"{t.scale:.4g}" if t.scale else ""] if has_scales else []
        rows.append([t.name, t.dtype, shape(t.shape), *limits, first, *step])
    return Table([*columns, *(["step"] if has_scales else [])], rows, (3, 4))


def _classes(rankings: Sequence[SampleRanking]) -> Table:
    rows = []
    for ranking in rankings:
        for place, c in enumerate(ranking.classes):
            title = "" if place else ranking.sample
            rows.append([title, str(c.index), c.label, f"{c.score:.4g}"])
    return Table(["sample", "class", "name", "score"], rows, (1, 3))


def _objects(objects: Sequence[FoundObject]) -> Table:
    rows = [
        [o.sample, str(o.class_index), o.label, f"{o.score:.3f}", *(f"{x:.3f}" for x in o.box)]
        for o in objects
    ]
    columns = ["sample", "class", "name", "score", "ymin", "xmin", "ymax", "xmax"]
    return Table(columns, rows, (1, 3, 4, 5, 6, 7))


def _number(value: float | int | bool | str) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
