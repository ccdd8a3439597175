"""From paths to a restore plan; mixed-up arguments are recognised."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from graphtools.errors import FileProblem, GraphtoolsError, InvalidValue
from graphtools.formats import open_model, places
from graphtools.formats.checkpoint import Checkpoint
from graphtools.formats.checkpoint_path import find_checkpoint, look_for_checkpoint
from graphtools.formats.pipeline_config import Pipeline, read_pipeline
from graphtools.front_end import CommandLine, param, step
from graphtools.restore.detection_plan import detection_plan
from graphtools.restore.detection_rules import detection_settings
from graphtools.restore.fitting import fitted, fitting, program_names
from graphtools.restore.model_variables import (
    ModelVariables,
    Tensors,
    model_variables,
    tensors_of,
)
from graphtools.restore.plan import RestorePlan
from graphtools.restore.saver_plan import saver_plan
from graphtools.restore.slim_plan import SlimSettings, slim_plan


def _usage() -> str:
    planned = step("restore-plan", "CHECKPOINT", pipeline="pipeline.config")
    return f"{planned} [{param(model='GRAPH')}]"


def plan_for_pipeline(
    checkpoint: str,
    pipeline: str,
    model: str | None,
    slim: SlimSettings | None = None,
    tags: Sequence[str] | None = None,
) -> tuple[RestorePlan, str]:
    """The plan for a pipeline configuration of the Object Detection API.

    Args:
        checkpoint: Path of the checkpoint.
        pipeline: Path of the configuration.
        model: Path of the model's graph, None where there is none.
        slim: Settings of TF-slim, of which there must be none.
        tags: For a SavedModel, the tags of the meta graph.

    Returns:
        The plan, and how the path led to the checkpoint, where that needs saying.

    Raises:
        InvalidValue: The arguments are mixed up, or the configuration is one of the API's refusals.
        GraphtoolsError: A file cannot be read; see `find_checkpoint`, `read_pipeline` and
            `open_model`.

    Example:
        >>> pipeline = "fixtures/ssd/pipeline.config"
        >>> plan, _ = graphtools.plan_for_pipeline("fixtures/ssd", pipeline, None)
        >>> plan.complete, plan.failure
        (False, '')
    """
    if slim is not None and slim != SlimSettings():
        raise InvalidValue(
            f"{param('pipeline')} is for the Object Detection API, the scopes are for TF-slim and "
            "SSD-Tensorflow: one plan follows one of them",
            f"leave out {param('pipeline')}, or the scopes",
        )
    opened = _open_checkpoint(checkpoint)
    planner = Planner(model, pipeline, tags=tags)
    return planner.plan_with_edit(opened), opened.note


def plan_for_slim(
    checkpoint: str,
    model: str | None,
    settings: SlimSettings,
    tags: Sequence[str] | None = None,
) -> tuple[RestorePlan, str]:
    """The plan for TF-slim and SSD-Tensorflow; see `plan_for_pipeline`.

    Without settings, a graph whose own Saver reads variables under other names is restored by it.

    Raises:
        InvalidValue: There is no model, or the arguments are mixed up.
        GraphtoolsError: A file cannot be read.

    Example:
        >>> settings = graphtools.SlimSettings(exclude_scopes="MobilenetV1/Logits")
        >>> model = "fixtures/classifier/graph.pb"
        >>> plan, _ = graphtools.plan_for_slim("fixtures/classifier", model, settings)
        >>> plan.complete, plan.randomly_initialised[0]
        (True, 'MobilenetV1/Logits/Conv2d_1c_1x1/biases')
    """
    opened = _open_checkpoint(checkpoint)
    if model is None:
        raise InvalidValue(
            f"a plan needs {param('pipeline')} (Object Detection API) or {param('model')} "
            "(TF-slim, "
            "SSD-Tensorflow)",
            _usage(),
        )
    planner = Planner(model, settings=settings, tags=tags)
    plan = planner.plan_with_edit(opened)
    assert planner.variables is not None
    other = _saver_note(planner.variables) if plan.tool == "slim" else ""
    return plan, "; ".join(text for text in (opened.note, other) if text)


class Planner:
    """Plans restores into one model by one set of rules.

    Attributes:
        variables: The variables of the model; None where there is no model.
    """

    def __init__(
        self,
        model: str | None,
        pipeline: str | None = None,
        settings: SlimSettings | None = None,
        tags: Sequence[str] | None = None,
    ) -> None:
        """Read what decides; see `plan_for_pipeline` and `plan_for_slim`.

        Raises:
            GraphtoolsError: A file cannot be read.
        """
        self._detection = None if pipeline is None else detection_settings(_read_pipeline(pipeline))
        self.variables = None if model is None else _read_model(model, tags)
        self._slim = settings or SlimSettings()
        self._given = {"model": model, "pipeline": pipeline}

    def plan(self, tensors: Tensors, path: str) -> RestorePlan:
        """The plan for what a checkpoint holds."""
        if self._detection is not None:
            return detection_plan(tensors, self._detection, self.variables, path)
        assert self.variables is not None
        if self.variables.renamed and self._slim == SlimSettings():
            return saver_plan(tensors, self.variables, path)
        return slim_plan(tensors, self.variables, self._slim, path)

    def plan_with_edit(self, checkpoint: Checkpoint) -> RestorePlan:
        """The plan, with the lines that make the checkpoint fit where it does not."""
        tensors, path = tensors_of(checkpoint), checkpoint.path
        plan = self.plan(tensors, path)
        if plan.complete or self.variables is None:
            return plan
        named = program_names({o.key: o.full_name for o in checkpoint.objects})
        if named:
            tensors = {name: tensors[key] for key, name in named.items() if key in tensors}
        edit = fitting(self.plan(tensors, path), tensors, self.variables)
        if not (edit.names and (edit.moves or edit.clashing or named)):
            return plan
        target = f"{path}-fitting"
        result = self.plan(fitted(tensors, edit), target)
        slim = {k: v for k, v in dataclasses.asdict(self._slim).items() if v}
        if "exclude_scopes" in slim:
            slim["checkpoint_exclude_scopes"] = slim.pop("exclude_scopes")
        pipeline = {"pipeline": self._given["pipeline"]} if self._given["pipeline"] else {}
        first = {"output": target, "for_model": self._given["model"], **pipeline, **slim}
        then = {"model": self._given["model"], **pipeline, **slim}
        if result.proposed_exclude_scopes:
            then["checkpoint_exclude_scopes"] = ",".join(result.proposed_exclude_scopes)
        typed = CommandLine()  # it is for a shell, whoever asks
        lines = (
            typed.step("edit-checkpoint", [path], first),
            typed.step("restore-plan", [target], then),
        )
        return dataclasses.replace(plan, edit=lines)


def _saver_note(variables: ModelVariables) -> str:
    """That a plan goes by names, where the Saver of the model's own file does not."""
    if not variables.renamed:
        return ""
    name, key = next(iter(variables.renamed.items()))
    return (
        f"the Saver in {variables.path} reads {len(variables.renamed):,} of its variables under "
        f"other names, as {key!r} for {name!r}: the plan goes by the names of the variables, as "
        "TF-slim does"
    )


def _open_checkpoint(path: str) -> Checkpoint:
    try:
        return find_checkpoint(path)
    except GraphtoolsError:
        if _is_pipeline(path):
            raise InvalidValue(
                f"{path} is a pipeline configuration, given as the checkpoint", _usage()
            ) from None
        raise


def _read_pipeline(path: str) -> Pipeline:
    try:
        return read_pipeline(path)
    except GraphtoolsError:
        if not _is_pipeline(path) and _is_checkpoint(path):
            raise InvalidValue(
                f"{path} is a checkpoint, given as the pipeline configuration", _usage()
            ) from None
        raise


def _read_model(path: str, tags: Sequence[str] | None) -> ModelVariables:
    try:
        model = open_model(path)
    except GraphtoolsError:
        if _is_pipeline(path):
            raise InvalidValue(
                f"{path} is a pipeline configuration, given as the model",
                f"give the configuration with {param('pipeline')}, the model's graph with "
                f"{param('model')}",
            ) from None
        raise
    meta = f"{model.path}.meta"
    if isinstance(model, Checkpoint) and places.exists(meta):
        model = open_model(meta)
    return model_variables(model, tags)


def _is_pipeline(path: str) -> bool:
    try:
        read_pipeline(path)
    except (GraphtoolsError, OSError):
        return False
    return True


def _is_checkpoint(path: str) -> bool:
    try:
        return look_for_checkpoint(path) is not None
    except FileProblem:
        return False
