"""Edits of a checkpoint as a list, in the order in which they are to be done."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.errors import FileProblem, InvalidValue, NothingFound
from graphtools.front_end import step
from graphtools.restore.checkpoint_editor import CheckpointEdit, CheckpointEditor
from graphtools.restore.fitting import fitted, fitting
from graphtools.restore.plan import RESTORED
from graphtools.restore.sources import Planner
from graphtools.wording import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What ends so is a file of a checkpoint, or no checkpoint at all.
_NO_PREFIX = re.compile(r"\.(index|meta|pb|npz|data-\d{5}-of-\d{5})$")
#: The edit that a model's restore plan implies.
FOR_MODEL = "for_model"


class TypedEdit(NamedTuple):
    """An edit.

    Attributes:
        name: What is done, by a key of `EDITS`.
        values: What it is done with, as it is typed.
    """

    name: str
    values: tuple[str, ...] = ()


def _pair(text: str, meaning: str) -> tuple[str, str]:
    """The two sides of an equals sign; the last one counts, as a pattern may have others."""
    left, equals, right = text.rpartition("=")
    if not equals:
        raise InvalidValue(f"{text!r} has no '='", f"write {meaning}")
    return left, right


def _rename(editor: CheckpointEditor, *texts: str) -> None:
    for text in texts:
        editor.rename(*_pair(text, "PATTERN=REPLACEMENT"))


def _move_scope(editor: CheckpointEditor, *texts: str) -> None:
    for text in texts:
        editor.move_scope(*_pair(text, "OLD/=NEW/"))


def _put(editor: CheckpointEditor, *texts: str) -> None:
    for text in texts:
        name, path = _pair(text, "NAME=FILE.npy")
        editor.put(name, _array(path))


def _array(path: str) -> NDArray[Any]:
    """The array in a .npy file.

    Raises:
        NothingFound, FileProblem: There is none.
    """
    import numpy as np

    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise NothingFound(f"{path} does not exist") from None
    except (OSError, ValueError, EOFError) as error:
        raise FileProblem(f"{path} is no .npy file: {error}") from None
    if not isinstance(found, np.ndarray):
        raise FileProblem(f"{path} holds several arrays", "save the one by itself, with numpy.save")
    return found


def _cast(editor: CheckpointEditor, *texts: str) -> None:
    for text in texts:
        kind, _, glob = text.partition("=")
        editor.cast(kind, *([glob] if glob else []))


#: By name, what does it with the editor and the values; equal ones in a row are one edit.
EDITS: dict[str, Callable[..., None]] = {
    "average": CheckpointEditor.average,
    "cast": _cast,
    "drop": CheckpointEditor.drop,
    "drop_training": CheckpointEditor.drop_training,
    "ema": CheckpointEditor.take_averages,
    "keep": CheckpointEditor.keep,
    "merge_slices": CheckpointEditor.merge_slices,
    "move_scope": _move_scope,
    "rename": _rename,
    "set": _put,
}


def apply_edits(
    editor: CheckpointEditor, edits: Sequence[TypedEdit], planner: Planner | None = None
) -> None:
    """Do edits, in order; those of one name in a row, as two `keep`, are one."""
    joined: list[TypedEdit] = []
    for edit in edits:
        if joined and joined[-1].name == edit.name:
            joined[-1] = TypedEdit(edit.name, (*joined[-1].values, *edit.values))
        else:
            joined.append(edit)
    for edit in joined:
        if edit.name == FOR_MODEL:
            assert planner is not None
            fit_to_model(editor, planner)
        else:
            EDITS[edit.name](editor, *edit.values)


def fit_to_model(editor: CheckpointEditor, planner: Planner) -> None:
    """Make a checkpoint fit a model, by the plan of its restore.

    Raises:
        InvalidValue: Nothing of it fits.
    """
    editor.take_program_names()
    tensors = {name: (t.dtype, t.shape) for name, t in editor.items()}
    edit = fitting(planner.plan(tensors, editor.path), tensors, planner.variables)
    result = planner.plan(fitted(tensors, edit), editor.path)
    if not result.counts[RESTORED]:
        raise InvalidValue(
            f"nothing in {editor.path} fits {result.model}",
            f"see why with: {step('restore-plan', editor.path, model=result.model)}",
        )
    editor.fit(edit)
    random = len(result.randomly_initialised)
    notes = [f"{counted(result.counts[RESTORED], 'variable')} of {result.model} can be restored"]
    if random:
        notes.append(f"{counted(random, 'variable')} keep their initial values, as "
                     f"{result.randomly_initialised[0]}")  # fmt: skip
    editor.steps[-1] = dataclasses.replace(editor.steps[-1], notes=tuple(notes))


def run_edits(
    editor: CheckpointEditor,
    target: str,
    edits: Sequence[TypedEdit],
    *,
    shards: int | None = None,
    state_file: bool = False,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
    planner: Planner | None = None,
) -> CheckpointEdit:
    """Do edits, and write the checkpoint.

    Args:
        editor: The editor of the checkpoint.
        target: The prefix of the new checkpoint; of a dry run it may be empty.
        edits: The edits, in order.
        shards: See `CheckpointEditor.save`, as of the others.
        state_file: So.
        dry_run: So.
        progress: So.
        planner: Plans the restore into the model that the checkpoint is made for.

    Raises:
        InvalidValue: The target is no prefix; or see the methods of the editor.
    """
    if os.path.isdir(target) or _NO_PREFIX.search(target):
        raise InvalidValue(
            f"{target} is no prefix of a checkpoint", "name it as model.ckpt, without an ending"
        )
    apply_edits(editor, edits, planner)
    return editor.save(
        target, shards=shards, state_file=state_file, dry_run=dry_run, progress=progress
    )
