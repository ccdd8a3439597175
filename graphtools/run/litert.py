"""Runs TFLite models in LiteRT, in a child process: a crash or a hang ends that alone.

LiteRT is imported once, when the first model is run, and never in the process of the caller. Models
run without delegates: so that the values of tensors within are what the operators give, and the
same from run to run.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphtools.errors import (
    GraphtoolsError,
    InvalidValue,
    MissingExtra,
    NothingFound,
    pip_install,
    unknown_name,
)
from graphtools.formats import open_model
from graphtools.formats.source import map_file
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.front_end import param
from graphtools.idioms.side_effects import described, effects_of_kernels, harmful
from graphtools.run.answers import CannotImport, NoRoom, NotDone
from graphtools.run.arrays import read_arrays
from graphtools.run.child import Died, Hung, program_of
from graphtools.run.child_runner import ChildRunner, no_room
from graphtools.run.litert_answers import LiteRTModel, LiteRTTiming, ModelRan
from graphtools.run.litert_messages import LiteRTProblem, death_of, hang_of, problem_of
from graphtools.run.litert_tensors import (
    SEED,
    LiteRTValue,
    fitted,
    random_values,
)
from graphtools.run.passing import Message
from graphtools.run.requests import InspectModel, ModelInLiteRT, RunModel, TimeModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]
    Feeds = Mapping[str, Array] | Sequence[Array]

_PROGRAM = program_of("graphtools.run.litert_process")
#: Kinds of kernels, by LiteRT's own names of who chooses them.
OPTIMISED, REFERENCE, DELEGATED = "BUILTIN_WITHOUT_DEFAULT_DELEGATES", "BUILTIN_REF", "AUTO"
#: Seconds that one run may take, LiteRT's start included.
TIME_LIMIT = 60.0


class LiteRTRun(NamedTuple):
    """A run of a model.

    Attributes:
        inputs: What it was fed with.
        outputs: What it gave.
        tensors: Values of tensors within, in the order of execution, if asked for.
        seconds: Time of the run, without loading.
    """

    inputs: tuple[LiteRTValue, ...]
    outputs: tuple[LiteRTValue, ...]
    tensors: tuple[LiteRTValue, ...]
    seconds: float


def require_litert(purpose: str = "running a TFLite model") -> None:
    """Check that LiteRT is installed; it is not imported.

    Raises:
        MissingExtra: It is not.
    """
    if importlib.util.find_spec("ai_edge_litert") is None:
        raise MissingExtra(purpose, "litert")


class LiteRT(ChildRunner):
    """Runs models, one after the other; a context manager, at whose end the child process ends.

    Attributes:
        time_limit: Seconds that one run may take.
        threads: Number of threads that a model runs on.
        reference: Whether models run with the reference kernels, unless they are timed.
        trust: Whether models may run whose TensorFlow kernels (Flex) write or read files, or use
            the network.
    """

    def __init__(
        self,
        time_limit: float = TIME_LIMIT,
        threads: int = 1,
        *,
        reference: bool = False,
        trust: bool = False,
        program: str = _PROGRAM,
    ) -> None:
        """Prepare; nothing is started before the first run.

        Args:
            time_limit: Seconds that one run may take, LiteRT's start included.
            threads: Number of threads that a model runs on.
            reference: Whether `run` takes the reference kernels, which round integers as TOCO's
                time did and are many times slower, in place of the optimised ones.
            trust: See the attributes.
            program: Python code that the child runs.

        Raises:
            InvalidValue: There are no threads.
        """
        if threads < 1:
            raise InvalidValue(f"{threads} threads: there is 1 at least")
        super().__init__(program, time_limit)
        self.time_limit = time_limit
        self.threads = threads
        self.reference = reference
        self.trust = trust
        self._is_starting = False

    def start(self) -> None:
        """Start the child process without waiting for it, so that it is ready when it is needed.

        Raises:
            MissingExtra: LiteRT is not installed.
        """
        require_litert()
        if not self._child.alive:
            self._child.launch()
            self._is_starting = True

    def inspect(self, path: str | os.PathLike[str]) -> LiteRTModel:
        """Load a model, and see its inputs and outputs.

        Raises:
            MissingExtra: LiteRT is not installed.
            NothingFound: There is no such file.
            LiteRTProblem: LiteRT refuses the model, crashes, hangs or runs out of memory.
        """
        return self._inspect(path, self._loaded(path))

    def run(
        self,
        path: str | os.PathLike[str],
        feeds: Feeds | None = None,
        *,
        every_tensor: bool = False,
        tensors: Sequence[int] = (),
        seed: int = SEED,
    ) -> LiteRTRun:
        """Run a model.

        An input that is quantized takes its integers, or floats, which are quantized. Dimensions
        that may be of any size get those of the values.

        Args:
            path: The model.
            feeds: Values of all inputs in their order, or of some by name; random ones where
                there are none.
            every_tensor: Whether the values of all tensors are wanted that operators of the first
                subgraph compute.
            tensors: Indices of tensors of the first subgraph whose values are wanted, else.
            seed: Starts the random numbers.

        Raises:
            MissingExtra: LiteRT is not installed.
            GraphtoolsError: With `every_tensor`, the file cannot be read.
            UnknownName, InvalidValue: The feeds do not fit the model.
            LiteRTProblem: LiteRT refuses the model, fails, crashes, hangs or runs out of memory.
        """
        wanted = computed_tensors(path) if every_tensor else tensors
        model = self._loaded(path, keep=bool(wanted))
        fed = self._feed(path, model, feeds, seed)
        arrays = self.pass_arrays("feeds.npz", fed)
        values = os.path.join(self.folder, "values.npz")
        answer = self._ask(path, RunModel(model, arrays, tuple(wanted), values))
        assert isinstance(answer, ModelRan)
        found = read_arrays(values)
        os.unlink(values)
        ends = answer.model
        return LiteRTRun(
            tuple(LiteRTValue(t, a) for t, a in zip(ends.inputs, fed, strict=True)),
            tuple(map(LiteRTValue, ends.outputs, found)),
            tuple(map(LiteRTValue, answer.tensors, found[len(ends.outputs) :])),
            answer.seconds,
        )

    def time(
        self,
        path: str | os.PathLike[str],
        feeds: Feeds | None = None,
        *,
        runs: int,
        warmup: int,
        seconds: float,
        seed: int = SEED,
    ) -> LiteRTTiming:
        """Run a model several times, as an application would, for its times.

        Args:
            path: The model.
            feeds: Values of inputs, as for `run`.
            runs: Number of runs that are timed, at most.
            warmup: Number of runs before.
            seconds: Time after which no other run begins.
            seed: Starts the random numbers.

        Raises:
            GraphtoolsError: See `run`.
        """
        fed = self._feed(path, self._loaded(path), feeds, seed)
        arrays = self.pass_arrays("feeds.npz", fed)
        model = self._loaded(path, kernels=DELEGATED)
        answer = self._ask(path, TimeModel(model, arrays, runs, warmup, seconds))
        assert isinstance(answer, LiteRTTiming)
        return answer

    def _inspect(self, path: str | os.PathLike[str], model: ModelInLiteRT) -> LiteRTModel:
        answer = self._ask(path, InspectModel(model))
        assert isinstance(answer, LiteRTModel)
        return answer

    def _feed(
        self, path: str | os.PathLike[str], loaded: ModelInLiteRT, feeds: Feeds | None, seed: int
    ) -> list[Array]:
        """The values of all inputs, in their order."""
        model = self._inspect(path, loaded)
        given = _by_name(model, feeds)
        return [
            fitted(given[t.name], t) if t.name in given else random_values(t, seed)
            for t in model.inputs
        ]

    def _loaded(
        self, path: str | os.PathLike[str], *, keep: bool = False, kernels: str = ""
    ) -> ModelInLiteRT:
        """How a model is to be loaded.

        Raises:
            NothingFound: There is no such file.
            LiteRTProblem: It does more than compute.
        """
        name = os.path.abspath(path)
        if not os.path.isfile(name):
            raise NothingFound(f"{os.fspath(path)}: there is no such file")
        if not self.trust:
            _refuse_effects(name)
        kernels = kernels or (REFERENCE if self.reference else OPTIMISED)
        return ModelInLiteRT(name, self.threads, kernels, keep)

    def _ask(self, path: str | os.PathLike[str], request: Message) -> Message:
        try:
            self._await_ready()
            answer = self._child.ask(request)
        except Hung as hang:
            raise hang_of(hang, os.fspath(path)) from None
        except Died as death:
            raise death_of(death, os.fspath(path)) from None
        if isinstance(answer, NoRoom):
            raise no_room(answer.file, answer.message)
        if isinstance(answer, NotDone):
            raise problem_of(answer.kind, answer.message, os.fspath(path))
        return answer

    def _await_ready(self) -> None:
        self.start()
        if not self._is_starting:
            return
        answer = self._child.await_ready()
        self._is_starting = False
        if isinstance(answer, CannotImport):
            raise GraphtoolsError(
                f"LiteRT is installed, but cannot be imported: {answer.message}",
                f"repair it: {pip_install('litert', '--force-reinstall')}",
            )


def _refuse_effects(path: str) -> None:
    """Refuse a model whose TensorFlow kernels write or read files, or use the network.

    Raises:
        LiteRTProblem: They do.
    """
    content: Any = map_file(path)
    if re.search(b"Flex", content) is None:
        return
    model = open_model(path)
    assert isinstance(model, TFLiteModel)
    flex = (code.name for code in model.operator_codes if code.is_flex)
    found = harmful(effects_of_kernels(name.removeprefix("Flex") for name in flex))
    if found:
        raise LiteRTProblem(
            "refused",
            f"{path} is not run, as it does more than compute: {described(found)}",
            "look at what it does; where that is wanted, verify, bench and convert take "
            + param(trust=True),
        )


def computed_tensors(path: str | os.PathLike[str]) -> list[int]:
    """Indices of the tensors that operators of a model's first subgraph compute, in their order.

    Raises:
        GraphtoolsError: The file cannot be read, or is no TFLite model.
    """
    model = open_model(path)
    if not isinstance(model, TFLiteModel):
        raise InvalidValue(f"{os.fspath(path)} is no TFLite model, but a {model.kind}")
    graph = model.subgraphs[0]
    # resources and variants are handles, which have no values
    plain = {t.index for t in graph.tensors if t.dtype not in ("resource", "variant")}
    found = (i for operator in graph.operators for i in operator.outputs)
    return list(dict.fromkeys(i for i in found if i in plain))


def _by_name(model: LiteRTModel, feeds: Feeds | None) -> dict[str, Array]:
    import numpy as np

    names = [t.name for t in model.inputs]
    if feeds is None:
        return {}
    if isinstance(feeds, Mapping):
        for name in feeds:
            if name not in names:
                raise unknown_name("input", name, names, "the model")
        return {name: np.asarray(array) for name, array in feeds.items()}
    if len(feeds) != len(names):
        raise InvalidValue(f"the model has {len(names)} inputs, and {len(feeds)} are fed")
    return dict(zip(names, map(np.asarray, feeds), strict=True))
