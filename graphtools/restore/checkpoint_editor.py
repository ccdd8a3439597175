"""Editing a checkpoint: a mapping of lazy tensors that is written as a new checkpoint."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.display import Displayed
from graphtools.errors import Damaged, InvalidValue, UnknownName, unknown_name
from graphtools.formats import places
from graphtools.formats.checkpoint import OBJECT_GRAPH, Checkpoint, StoredTensor
from graphtools.formats.checkpoint_path import find_checkpoint, write_state
from graphtools.formats.tensor_bundle import read_bundle
from graphtools.formats.tensor_bundle_writing import (
    NewTensor,
    data_file,
    other_data_files,
    write_bundle,
)
from graphtools.graph.dtypes import DType, dtype
from graphtools.graph.shape import Shape
from graphtools.graph.tensor import Tensor
from graphtools.graph.variables import GLOBAL_STEP
from graphtools.idioms.moving_average import is_moving_average
from graphtools.idioms.training_state import (
    COUNTER,
    MOVING_AVERAGE,
    TrainingState,
    companions,
    training_state,
)
from graphtools.restore import edited_values
from graphtools.restore.fitting import Fitting, program_names
from graphtools.restore.name_changes import (
    NameChange,
    by_pattern,
    by_scope,
    check_renaming,
    matched,
)
from graphtools.restore.object_graph import ObjectGraph
from graphtools.wording import and_others, counted

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_FLOATS = ("float16", "bfloat16", "float32", "float64")


class EditedVariable(NamedTuple):
    """What an edit did to a variable.

    Attributes:
        name: Its name before.
        becomes: Its new name; the same where that stays, empty where it left.
        what: What else it is now, as `float32 to float16`.
    """

    name: str
    becomes: str
    what: str = ""


@dataclasses.dataclass(frozen=True)
class EditStep:
    """An edit, and what it did.

    Attributes:
        edit: In words, as `rename net/* to model/*`.
        variables: What it changed.
        notes: What else is to be known of it.
    """

    edit: str
    variables: tuple[EditedVariable, ...]
    notes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class CheckpointEdit(Displayed):
    """An edited checkpoint.

    Attributes:
        source: The checkpoint that it was.
        target: The prefix of the new one.
        written: Whether it was written; not in a dry run.
        steps: The edits, in order.
        tensors: Number of tensors that it has.
        bytes: Bytes of its files; of its values in a dry run.
        files: Its files.
        stale: Files of an older checkpoint of the same prefix, that no index names any more.
        notes: What else is to be known.
    """

    source: str
    target: str
    written: bool
    steps: tuple[EditStep, ...]
    tensors: int
    bytes: int
    files: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class CheckpointEditor(MutableMapping[str, NewTensor]):
    """The tensors of a checkpoint by name, to be changed, and saved as another one.

    No value is read before the checkpoint is saved, and what is not changed is then copied, its
    checksum verified. Arrays and tensors of other checkpoints can be assigned; `del` lets a tensor
    leave. The methods take what belongs to a variable along: its slots, averages and slices, and in
    a checkpoint of objects the graph of these.

    Attributes:
        path: The path of what is edited.
        steps: What the methods did.

    Example:
        >>> editor = graphtools.edit_checkpoint("fixtures/lstm")
        >>> editor.move_scope("rnn", "decoder/rnn")
        >>> editor["scale"] = 0.5
        >>> sorted(editor)[:2]
        ['decoder/rnn/basic_lstm_cell/bias', 'decoder/rnn/basic_lstm_cell/kernel']
    """

    def __init__(self, source: Checkpoint | None = None, path: str = "") -> None:
        """Start with all tensors of a checkpoint, or with none.

        Args:
            source: The checkpoint.
            path: Where there is none, what the tensors come from, for messages.

        Raises:
            Damaged: It is a checkpoint of objects, and their graph is damaged.
        """
        self._source = source
        self.path = source.path if source else path or "the new checkpoint"
        self._tensors: dict[str, NewTensor] = {}
        #: By name, the key that a tensor has in the source.
        self._origin: dict[str, str] = {}
        self._objects: ObjectGraph | None = None
        self._remarks: list[str] = []
        self.steps: list[EditStep] = []
        if source is None:
            return
        if source.problems:
            raise Damaged(source.problems[0] + and_others(source.problems),
                          "copy the checkpoint again from where it was written")  # fmt: skip
        for name, tensor in source.items():
            if name == OBJECT_GRAPH:
                self._objects = ObjectGraph(tensor.array().item())
            else:
                self._tensors[name] = NewTensor.of_stored(tensor)
                self._origin[name] = name

    # A mapping

    def __getitem__(self, name: str) -> NewTensor:
        return self._tensors[name]

    def __setitem__(self, name: str, value: NewTensor | StoredTensor | Tensor | ArrayLike) -> None:
        import numpy as np

        if isinstance(value, NewTensor):
            new = value._replace(name=name)
        elif isinstance(value, StoredTensor):
            new = NewTensor.of_stored(value, name)
        elif isinstance(value, Tensor):
            new = NewTensor.of_array(name, value.array(), value.dtype)
        else:
            new = NewTensor.of_array(name, np.asarray(value))
        if name == OBJECT_GRAPH or (self._objects and name not in self._objects.names()):
            raise InvalidValue(
                f"{name!r} is no variable of the objects in this checkpoint",
                "TensorFlow finds what its graph of objects has; assign to one of its keys",
            )
        self._tensors[name] = new
        self._origin.pop(name, None)

    def __delitem__(self, name: str) -> None:
        self._forget([name])
        if self._objects:
            self._objects.drop([name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)

    def __repr__(self) -> str:
        return f"CheckpointEditor({self.path!r}, {len(self)} tensors)"

    # Edits of names

    def rename(self, pattern: str, replacement: str) -> None:
        """Rename variables; see `by_pattern` for what a pattern may be.

        In a checkpoint of objects, names are the paths of edges.

        Raises:
            UnknownName: No variable is meant.
            InvalidValue: Two variables would have one name, or an object cannot be moved so.
        """
        ends = (p.removesuffix(":0") for p in (pattern, replacement))
        change = by_pattern(*ends)
        self._rename(change, pattern, f"rename {pattern} to {replacement}")

    def move_scope(self, old: str, new: str) -> None:
        """Give a scope another name, empty for the root, where counters of training stay.

        Raises:
            UnknownName: Nothing is in the scope.
            InvalidValue: Two variables would have one name.
        """
        change = by_scope(old, new)
        counters = set()
        if not old.strip("/"):
            counters = {n for n, s in self._state().items() if s.kind == COUNTER}
        self._rename(
            lambda name: None if name in counters else change(name),
            old,
            f"move the scope {old or '(root)'} to {new or '(root)'}",
        )

    def _rename(self, change: NameChange, meant: str, words: str) -> None:
        if self._objects:
            renamed = self._objects.rename(change)
            if not renamed:
                raise self._unknown(meant)
        else:
            renamed = {n: new for n in self._tensors if (new := change(n)) is not None}
            if not renamed:
                raise self._unknown(meant)
            owned = companions(self._state())
            for name, new in list(renamed.items()):
                for other in owned.get(name, ()):
                    at = other.rfind(name)  # before it may stand the scope of an average
                    renamed.setdefault(other, other[:at] + new + other[at + len(name) :])
            check_renaming(renamed, self._tensors)
        self._take_names(renamed)
        done = [
            EditedVariable(old, new, "" if old != new else "by its other names")
            for old, new in renamed.items()
        ]
        self._did(words, done)

    def _take_names(self, renamed: Mapping[str, str]) -> None:
        """Give tensors new names, all at once."""
        names = {name: renamed.get(name, name) for name in self._tensors}
        self._tensors = {names[n]: t._replace(name=names[n]) for n, t in self._tensors.items()}
        self._origin = {names[n]: key for n, key in self._origin.items()}

    def _forget(self, names: Sequence[str]) -> None:
        for name in names:
            del self._tensors[name]
            self._origin.pop(name, None)

    def drop(self, *globs: str) -> None:
        """Let variables leave, with their slots and averages.

        Raises:
            UnknownName: A glob means nothing.
        """
        meant = matched(globs, self._names(), self.path)
        self._drop(meant, f"drop {' '.join(globs)}")

    def keep(self, *globs: str) -> None:
        """Let all leave that no glob means.

        Raises:
            UnknownName: A glob means nothing.
        """
        meant = matched(globs, self._names(), self.path)
        self._remove([n for n in self._tensors if n not in meant], f"keep {' '.join(globs)}")

    def drop_training(self) -> None:
        """Let what only training needs leave: slots, averages, counters, the step."""
        gone = self._objects.training() if self._objects else set(self._state())
        notes = [] if gone else ["there is nothing that only training needs"]
        self._remove(
            [n for n in self._tensors if n in gone], "drop what only training needs", notes
        )

    def _drop(self, meant: set[str], words: str) -> None:
        if self._objects:
            gone = self._objects.with_slots(meant)
        else:
            owned = companions(self._state())
            gone = meant | {c for name in meant for c in owned.get(name, ())}
        self._remove([n for n in self._tensors if n in gone], words)

    def _remove(self, names: Sequence[str], words: str, notes: Sequence[str] = ()) -> None:
        self._forget(names)
        if self._objects:
            self._objects.drop(names)
        self._did(words, [EditedVariable(name, "") for name in names], notes)

    # Edits of values

    def take_averages(self) -> None:
        """Put moving averages in the place of their variables.

        Raises:
            UnknownName: There are none.
            InvalidValue: An average is of another dtype or shape than its variable.
        """
        state = self._state()
        averages = {n: s.owner for n, s in state.items() if is_moving_average(n)}
        owned = {n: owner for n, owner in averages.items() if owner}
        if not owned:
            raise UnknownName(
                f"{self.path} has no moving averages of its variables",
                "they are named as w/ExponentialMovingAverage; an edit before this one may have "
                "let them leave",
            )
        below = companions(state)
        gone = list(owned) + [c for n in owned for c in below.get(n, ())]
        for name, owner in owned.items():
            new, old = self._tensors[name], self._tensors[owner]
            if new.dtype is not old.dtype:
                raise InvalidValue(f"{owner!r} is {old.dtype}, its average {name!r} {new.dtype}")
            self._tensors[owner] = new._replace(name=owner)
            self._origin[owner] = self._origin.get(name, "")
        alone = [n for n, owner in averages.items() if not owner]
        notes = [f"{n} is the average of no variable here, and stays" for n in alone]
        self._forget(gone)
        done = [EditedVariable(name, owner) for name, owner in owned.items()]
        done += [EditedVariable(name, "") for name in gone if name not in owned]
        self._did("put averages in the place of their variables", done, notes)

    def average(self, *checkpoints: str | os.PathLike[str] | Checkpoint) -> None:
        """Put the mean of this checkpoint and of others in the place of the variables.

        Floats are summed as float64 and rounded once. All else is taken from the newest checkpoint,
        by the value of global_step: integers, strings, and slots and counters of training.

        Raises:
            InvalidValue: The checkpoints do not hold the same variables, of one dtype and shape.
        """
        source = self._source
        if source is None:
            raise InvalidValue("there is no checkpoint to average with others")
        others = [c if isinstance(c, Checkpoint) else find_checkpoint(c) for c in checkpoints]
        paths = {os.path.realpath(source.path)}
        others = [o for o in others if (p := os.path.realpath(o.path)) not in paths
                  and not paths.add(p)]  # type: ignore[func-returns-value]  # fmt: skip
        if not others:
            raise InvalidValue(f"{source.path} alone has no average", "name other checkpoints")
        for other in others:
            _check_alike(source, other)
        newest = max([source, *others], key=_step_of)
        state, slots = self._state(), self._objects.slots() if self._objects else set()
        kept = {n for n, s in state.items() if s.kind != MOVING_AVERAGE} | slots
        done = []
        for name, tensor in list(self._tensors.items()):
            key = self._origin.get(name)
            if not key:
                continue  # its value was given
            numbers = tensor.dtype.is_floating or tensor.dtype.name.startswith("complex")
            if numbers and name not in kept:
                self._tensors[name] = edited_values.average(tensor, [o[key] for o in others])
                done.append(EditedVariable(name, name, f"mean of {len(others) + 1}"))
            elif newest is not source:
                new = NewTensor.of_stored(newest[key])
                self._tensors[name] = edited_values.in_the_place_of(tensor, new)
                done.append(EditedVariable(name, name, f"from {newest.path}"))
        told = f"what is no mean is that of {newest.path}, the newest"
        self._did(f"average {counted(len(others) + 1, 'checkpoint')}", done, [told])

    def put(self, name: str, values: NDArray[Any]) -> None:
        """Give a variable values, in its own dtype and slices; a new name makes a new variable.

        Raises:
            InvalidValue: The values are of another shape, or its dtype does not hold them.
        """
        key = self._key_of(name)
        old = self._tensors.get(key)
        if old is None:
            self[key] = values
            what = f"{self[key].dtype} {self[key].shape}"
        else:
            if Shape(values.shape) != old.shape:
                raise InvalidValue(f"{name!r} is {old.shape}, the values are {Shape(values.shape)}")
            new = NewTensor.of_array(key, _held_as(name, values, old.dtype), old.dtype)
            self._tensors[key] = edited_values.in_the_place_of(old, new)
            self._origin.pop(key, None)
            what = f"new values of {old.dtype} {old.shape}"
        self._did(f"set {name}", [EditedVariable(key, key, what)])

    def cast(self, kind: DType | str, *globs: str) -> None:
        """Cast floating variables, by default all, to another floating type.

        Raises:
            UnknownName: A glob means no variable.
            InvalidValue: The type is not floating. Values beyond its range are refused when the
                checkpoint is saved.
        """
        kind = dtype(kind)
        if kind.name not in _FLOATS:
            raise InvalidValue(f"variables are cast to {', '.join(_FLOATS)}, not to {kind}")
        meant = matched(globs or ["*"], self._names(), self.path)
        done, sliced = [], []
        for name in sorted(meant):
            tensor = self._tensors[name]
            if tensor.dtype.name not in _FLOATS or tensor.dtype is kind:
                continue
            if kind.name == "float16" and tensor.parts[0].place is not None:
                sliced.append(name)
                tensor = edited_values.merge(tensor)
            self._tensors[name] = edited_values.cast(tensor, kind, self._remarks.append)
            done.append(EditedVariable(name, name, f"{tensor.dtype} to {kind}"))
        notes = []
        if sliced:
            notes = [f"slices of {sliced[0]}{and_others(sliced)} are merged: TensorFlow reads no "
                     "slices of float16"]  # fmt: skip
        if done:
            notes.append(f"only a graph whose variables are {kind} restores them: a restore casts "
                         "nothing")  # fmt: skip
        self._did(f"cast {' '.join(globs) or 'all floats'} to {kind}", done, notes)

    def merge_slices(self) -> None:
        """Store partitioned variables whole; graphs restore them all the same, in any slices."""
        done = []
        for name, tensor in self._tensors.items():
            if tensor.parts[0].place is not None:
                self._tensors[name] = edited_values.merge(tensor)
                done.append(EditedVariable(name, name, f"{len(tensor.parts)} slices merged"))
        notes = [] if done else ["no variable is stored in slices"]
        self._did("merge slices", done, notes)

    def take_program_names(self) -> None:
        """Name variables of objects as their programs did, for graphs; the objects are gone then.

        What shares its name with another variable, or has none, leaves.
        """
        if self._objects is None:
            return
        named = program_names(self._objects.full_names())
        gone = [key for key in self._tensors if key not in named]
        self._objects = None
        self._forget(gone)
        self._take_names(named)
        done = [EditedVariable(*item) for item in named.items()]
        done += [EditedVariable(key, "", "it has no name of its own") for key in gone]
        self._did("take the names that variables have in programs", done)

    def fit(self, edit: Fitting) -> None:
        """Do the edit that makes the checkpoint fit a model."""
        done = []
        for name, why in edit.clashing.items():
            done.append(EditedVariable(name, "", why))
        done += [EditedVariable(name, "", "not asked for") for name in edit.unused]
        self._forget([*edit.clashing, *edit.unused])
        self._take_names(edit.names)
        kept = dict.fromkeys(edit.names.values(), "")
        for name, kind in edit.casts.items():
            kept[name] = f"{self._tensors[name].dtype} to {kind}"
            self._tensors[name] = edited_values.cast(
                self._tensors[name], kind, self._remarks.append
            )
        moved = ((old, new) for old, new in edit.names.items() if old != new or kept[new])
        self._did(
            "make it fit the model",
            [*(EditedVariable(old, new, kept[new]) for old, new in moved), *done],
        )

    # Writing

    def save(
        self,
        prefix: str | os.PathLike[str],
        *,
        shards: int | None = None,
        state_file: bool = False,
        dry_run: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> CheckpointEdit:
        """Write the checkpoint, whole or not at all, as V2; it may take the place of its source.

        Args:
            prefix: Its prefix.
            shards: Number of its data files; by default as many as hold something in the source.
            state_file: Whether the file `checkpoint` beside it is to name it.
            dry_run: Whether nothing is to be written.
            progress: Called with the number of bytes written and their total.

        Raises:
            ChecksumMismatch, Damaged, NothingFound: A value cannot be read.
            FileProblem: The files cannot be written.
            InvalidValue: A value is beyond the type that it is cast to.
        """
        path = os.fspath(prefix)
        shards = shards or self._shards()
        self._remarks.clear()
        tensors = list(self._tensors.values())
        if self._objects:
            tensors.append(_object_tensor(self._objects))
        size = sum(t.nbytes for t in tensors)
        files = [f"{path}.index", *(data_file(path, n, shards) for n in range(shards))]
        if not dry_run:
            size = write_bundle(path, tensors, shards=shards, progress=progress)
            _read_back(path, tensors)
            if state_file:
                files.append(write_state(path))
        stale = [] if dry_run else other_data_files(path, shards)
        return CheckpointEdit(
            self.path,
            path,
            not dry_run,
            tuple(self.steps),
            len(tensors),
            size,
            tuple(files),
            tuple(stale),
            tuple(self._notes(path, stale)),
        )

    def _shards(self) -> int:
        """Number of data files of the source that hold something; one of V1."""
        if self._source is None or self._source.version != "V2":
            return 1
        path, count = self._source.path, self._source.shards
        return sum(bool(places.size(data_file(path, n, count))) for n in range(count)) or 1

    def _notes(self, target: str, stale: Sequence[str]) -> list[str]:
        found = list(self._remarks)
        if stale:
            found.append(f"{stale[0]}{and_others(stale)} belongs to an older checkpoint of this "
                         "prefix, and may be deleted")  # fmt: skip
        changed = any(v.name != v.becomes for step in self.steps for v in step.variables)
        metas = [f"{self._source.path}.meta"] if self._source else []
        beside = [m for m in dict.fromkeys([f"{target}.meta", *metas]) if places.is_file(m)]
        if changed and beside:
            found.append(f"{beside[0]} still has the old names: its Saver asks for them")
        return found

    # What it knows

    def _names(self) -> dict[str, Sequence[str]]:
        """By key, all names that a user may call it by."""
        known = self._objects.names() if self._objects else {}
        return {name: known.get(name, (name,)) for name in self._tensors}

    def _key_of(self, name: str) -> str:
        bare = name.removesuffix(":0")
        return next((key for key, names in self._names().items() if bare in names), bare)

    def _state(self) -> dict[str, TrainingState]:
        if self._objects:
            return {}
        return training_state({name: tensor.shape for name, tensor in self._tensors.items()})

    def _unknown(self, text: str) -> UnknownName:
        known = sorted({n for names in self._names().values() for n in names})
        return unknown_name("variable", text, known, self.path)

    def _did(
        self, edit: str, variables: Sequence[EditedVariable], notes: Sequence[str] = ()
    ) -> None:
        self.steps.append(EditStep(edit, tuple(variables), tuple(notes)))


def edit_checkpoint(path: str | os.PathLike[str]) -> CheckpointEditor:
    """An editor of the checkpoint that a path means; see `CheckpointEditor`.

    Raises:
        NothingFound: There is none.
        Damaged: Its index says what cannot be.

    Example:
        >>> editor = graphtools.edit_checkpoint("fixtures/lstm")
        >>> editor["rnn/basic_lstm_cell/bias"].shape
        Shape([24])
    """
    return CheckpointEditor(find_checkpoint(path))


def _object_tensor(objects: ObjectGraph) -> NewTensor:
    import numpy as np

    values = np.empty((), object)
    values[()] = objects.encoded()
    return NewTensor.of_array(OBJECT_GRAPH, values)


def _check_alike(one: Checkpoint, other: Checkpoint) -> None:
    """Refuse to average checkpoints that do not hold the same variables.

    Raises:
        InvalidValue: They do not.
    """
    lacking = [n for n in one if n not in other]
    more = [n for n in other if n not in one]
    for names, has, has_not in ((lacking, one, other), (more, other, one)):
        if names:
            raise InvalidValue(
                f"{has.path} has {names[0]!r}{and_others(names)}, {has_not.path} has not",
                "checkpoints of one graph can be averaged: drop what only one of them has first",
            )
    for name, tensor in one.items():
        its = other[name]
        if (tensor.dtype, tensor.shape) != (its.dtype, its.shape):
            raise InvalidValue(
                f"{name!r} is {tensor.dtype} {tensor.shape} in {one.path}, and {its.dtype} "
                f"{its.shape} in {other.path}: there is no average"
            )


def _step_of(checkpoint: Checkpoint) -> tuple[int, int]:
    """The step of a checkpoint, by its value, else by the number in its name."""
    step = -1
    stored = checkpoint.get(GLOBAL_STEP)
    if stored is not None and stored.shape.elements == 1 and stored.dtype.is_integer:
        step = int(stored.array().reshape(()))
    number = checkpoint.path.rpartition("-")[2]
    return step, int(number) if number.isdecimal() else -1


def _held_as(name: str, values: NDArray[Any], kind: DType) -> NDArray[Any]:
    """Values in a variable's dtype.

    Raises:
        InvalidValue: It does not hold them: strings and numbers, fractions and integers.
    """
    import numpy as np

    if kind.name == "string":
        fits = values.dtype.kind in "OSU"
    else:
        wanted = kind.numpy()
        fits = values.dtype.kind in "biuf" + ("c" if wanted.kind == "c" else "")
        if fits and wanted.kind in "biu":
            cast = values.astype(wanted)
            fits = values.dtype.kind != "f" and bool(np.array_equal(cast, values))
        elif fits and kind.is_floating:
            with np.errstate(over="ignore"):
                cast = values.astype(wanted)
            fits = bool(np.array_equal(np.isfinite(cast), np.isfinite(values)))
        values = values.astype(wanted) if fits else values
    if not fits:
        raise InvalidValue(f"{name!r} is {kind}, which does not hold these {values.dtype} values")
    return values


def _read_back(prefix: str, tensors: Sequence[NewTensor]) -> None:
    """Read what was written, before it is named done.

    Raises:
        Damaged: It does not hold what it should.
    """
    found = read_bundle(prefix)
    wanted = {t.name: (t.dtype, t.shape) for t in tensors}
    if (
        found.problems
        or found.missing
        or wanted != {t.name: (t.dtype, t.shape) for t in found.values()}
    ):
        first = (*found.problems, *found.missing, "other tensors")[0]
        raise Damaged(f"{prefix} was written, and does not read as it should: {first}")
