"""The restore plan of a graph's own Saver, which reads variables under other names.

A .meta for evaluation often restores moving averages in the place of the variables:
`tf.train.Saver(averages.variables_to_restore())`. All that the Saver reads has to be there, in the
shape of its variable.
"""

from __future__ import annotations

from graphtools.restore.model_variables import ModelVariables, Tensors
from graphtools.restore.plan import (
    RESTORED,
    PlannedVariable,
    RestorePlan,
    compare,
    counts_of,
    dtype_warnings,
    left_random,
    not_asked,
    unused_tensors,
)
from graphtools.restore.slim_plan import SlimSettings, failure_in_words, with_error
from graphtools.wording import counted


def saver_plan(tensors: Tensors, model: ModelVariables, checkpoint: str = "") -> RestorePlan:
    """Which variables the Saver of a graph restores from a checkpoint.

    Args:
        tensors: What the checkpoint holds.
        model: The variables of the graph, with the keys that its Saver reads.
        checkpoint: The checkpoint's path.

    Example:
        >>> saver_plan(tensors, model_variables(graphtools.load_model("eval.meta"))).failure
        'Key w/ExponentialMovingAverage not found in checkpoint (w); 1 variable not in the ...'
    """
    planned = tuple(sorted(_planned(tensors, model), key=lambda v: v.name))
    counts = counts_of(planned)
    failure = failure_in_words(planned)
    name, key = next(iter(model.renamed.items()))
    fitting = sum(v.name in tensors for v in planned if v.status != RESTORED)
    return RestorePlan(
        tool="saver",
        checkpoint=checkpoint,
        model=model.path,
        model_source=model.source,
        settings={},
        in_words=f"The Saver in {model.path} restores what it reads, "
        f"{counted(len(model.renamed), 'variable')} under other names, as {key!r} for {name!r}. "
        "What the checkpoint lacks, or has in another shape, makes it fail.",
        counts=counts,
        complete=any(v.status == RESTORED for v in planned) and not failure,
        decided=True,
        variables=planned,
        randomly_initialised=left_random(planned),
        unused=unused_tensors(planned, tensors),
        warnings=tuple(dtype_warnings(planned, {v.name: v for v in model.variables}, tensors)),
        notes=(
            f"by its own name the checkpoint has {counted(fitting, 'variable')} that the Saver "
            "does not find: the .meta of the training reads them so, and so does TF-slim, whose "
            "plan any of its options asks for",
        )
        if fitting
        else (),
        failure=failure,
    )


def _planned(tensors: Tensors, model: ModelVariables) -> list[PlannedVariable]:
    found = []
    for variable in model.variables:
        key = model.saved.get(variable.name)
        if key is None:
            reason = "the Saver of the graph does not read it"
            found.append(not_asked(variable, reason, variable.trainable))
        else:
            planned = compare(variable, key, tensors, "the Saver reads it", variable.trainable)
            found.append(with_error(planned, SlimSettings()))
    return found
