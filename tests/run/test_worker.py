from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.convert.conversion.converter import Converter
from graphtools.errors import FileProblem, GraphtoolsError, MissingExtra
from graphtools.run import worker
from graphtools.run.answers import CannotImport, NoRoom, Ready
from graphtools.run.arrays import read_arrays, write_arrays
from graphtools.run.messages import TensorFlowProblem
from graphtools.run.passing import encode
from graphtools.run.worker import Worker
from tests.support import ROOT
from tests.transforms.graphs import graph

ADDS = """
x = Placeholder dtype=float shape=[?]
one = Const value=float:1
y = AddV2(x, one) T=float
"""
#: A loop whose condition is always true.
ENDLESS = """
start = Const value=int32:0
enter = Enter(start) T=int32 frame_name="loop" is_constant=false parallel_iterations=1
merge = Merge(enter, next) T=int32 N=2
true = Const(^merge) value=bool:true
condition = LoopCond(true)
switch = Switch(merge, condition) T=int32
next = NextIteration(switch:1) T=int32
exit = Exit(switch) T=int32
"""
READY = f"import sys, os, time, signal\nprint({encode(Ready('1'))!r}, flush=True)\ninput()\n"


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> Callable[..., TensorFlowProblem]:
    """Runs a graph in a child that runs some code in TensorFlow's place; what goes wrong."""
    monkeypatch.setattr(worker, "require_tensorflow", lambda: None)

    def run(program: str, time_limit: float = 20) -> TensorFlowProblem:
        with Worker(time_limit, program) as child, pytest.raises(TensorFlowProblem) as raised:
            child.run(graph(ADDS), {}, ["y:0"])
        return raised.value

    return run


def test_arrays_pass_unchanged(tmp_path: Path) -> None:
    arrays = [
        np.array([[b"a", b""], [b"c\0", "ä".encode()]], np.object_),
        np.zeros((0, 2), np.object_),
        np.float32(2.5).reshape(()),
        np.array([np.nan, -0.0]),
        np.zeros((2, 0), np.int8),
    ]
    write_arrays(tmp_path / "a.npz", arrays)
    found = read_arrays(tmp_path / "a.npz")
    assert [(a.shape, a.dtype) for a in found] == [(a.shape, a.dtype) for a in arrays]
    assert found[0].tolist() == arrays[0].tolist()
    assert found[3].tobytes() == arrays[3].tobytes()


def test_without_tensorflow_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with Worker() as child, pytest.raises(MissingExtra, match="pip install 'tensorflow"):
        child.run(graph(ADDS), {}, ["y:0"])


def test_a_tensorflow_that_cannot_be_imported_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "require_tensorflow", lambda: None)
    program = f"print({encode(CannotImport('no libcuda'))!r}, flush=True)"
    with Worker(20, program) as child, pytest.raises(GraphtoolsError, match="no libcuda"):
        child.run(graph(ADDS), {}, ["y:0"])


@pytest.mark.skipif(sys.platform == "win32", reason="has no signals")
def test_a_crash_has_a_diagnosis(pretended: Callable[..., TensorFlowProblem]) -> None:
    says = "sys.stderr.write('2024: F a.cc:1] Check failed: x > 0\\n'); sys.stderr.flush()\n"
    problem = pretended(READY + says + "os.abort()")
    assert problem.kind == "crashed"
    assert problem.message == "TensorFlow crashed (SIGABRT): Check failed: x > 0"


@pytest.mark.skipif(sys.platform == "win32", reason="has no signals")
def test_a_lack_of_memory_has_a_diagnosis(pretended: Callable[..., TensorFlowProblem]) -> None:
    assert pretended(READY + "os.kill(os.getpid(), signal.SIGKILL)").kind == "memory"
    assert pretended(READY + "raise MemoryError").kind == "memory"


def test_a_crash_at_the_start_has_a_diagnosis(pretended: Callable[..., TensorFlowProblem]) -> None:
    problem = pretended("raise RuntimeError('broken')")
    assert problem.message == "TensorFlow crashed (exit code 1): RuntimeError: broken"


def test_a_folder_that_is_full_for_the_child_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "require_tensorflow", lambda: None)
    answer = encode(NoRoom("values.npz", "No space left on device"))
    says = f"print({answer!r}, flush=True)"
    with Worker(20, READY + says) as child, pytest.raises(FileProblem) as raised:
        child.run(graph(ADDS), {}, ["y:0"])
    assert raised.value.message.endswith("values.npz cannot be written: No space left on device")
    assert "TMPDIR" in raised.value.remedy


@pytest.mark.usefixtures("pretended")
def test_a_folder_that_is_full_for_the_graph_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_graph: Any, path: str) -> None:
        raise FileProblem(f"{path} cannot be written: No space left on device", "choose another")

    monkeypatch.setattr(worker, "save", full)
    with Worker(20, READY) as child, pytest.raises(FileProblem, match="No space") as raised:
        child.run(graph(ADDS), {}, ["y:0"])
    assert "TMPDIR" in raised.value.remedy


def test_a_hang_ends_at_the_time_limit(pretended: Callable[..., TensorFlowProblem]) -> None:
    start = time.monotonic()
    problem = pretended(READY + "time.sleep(60)", 2)
    assert time.monotonic() - start < 30
    assert problem.kind == "hung"
    assert "within 2 seconds" in problem.message


@pytest.mark.skipif(sys.platform == "win32", reason="has no signals")
def test_what_hears_no_signal_and_lets_no_thread_run_ends_as_well(
    pretended: Callable[..., TensorFlowProblem],
) -> None:
    deaf = "for s in (2, 3, 15): signal.signal(s, signal.SIG_IGN)\n"
    # a match in C, which keeps the interpreter to itself, for longer than anyone waits
    endless = "import re\nre.match('(a+)+$', 'a' * 64 + 'b')"
    start = time.monotonic()
    problem = pretended(READY + deaf + endless, 2)
    assert time.monotonic() - start < 30
    assert problem.kind == "hung"


def test_the_child_ends_with_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "require_tensorflow", lambda: None)
    with Worker(20, READY + "time.sleep(60)") as child:
        child.start()
        process = child.process
        assert process is not None
        assert process.poll() is None
    assert process.poll() is not None


@pytest.fixture
def child(converter: Converter) -> Worker:
    """A worker that stays."""
    return converter.worker


@pytest.mark.tensorflow
def test_a_graph_is_run(child: Worker) -> None:
    feeds = {"x:0": np.array([1, 2], np.float32)}
    first = child.run(graph(ADDS), feeds, ["y:0", "one:0"])
    process = child.process
    assert first["y:0"].array.tolist() == [2, 3]
    assert first["y:0"].dtype == "float32"
    assert first["one:0"].array.shape == ()
    assert child.run(graph(ADDS), {}, ["one:0"])["one:0"].array == 1
    assert child.process is process


@pytest.mark.tensorflow
def test_values_of_all_types_come_back(child: Worker) -> None:
    constants = graph(
        """
        b = Const value=bfloat16:[1.5,2]
        h = Const value=half:[1.5,2]
        s = Const value=string:["a","bc"]
        t = Const value=bool:[true,false]
        q = Placeholder dtype=qint8 shape=[2]
        p = Placeholder dtype=bfloat16 shape=[2]
        w = Placeholder dtype=string shape=[2]
        qi = Identity(q) T=qint8
        pi = Identity(p) T=bfloat16
        wi = Identity(w) T=string
        """
    )
    feeds: dict[str, np.ndarray[Any, Any]] = {
        "q:0": np.array([-3, 4], np.int8),
        "p:0": np.array([0.5, 3], np.float32),
        "w:0": np.array([b"x\0", b""], np.object_),
    }
    found = child.run(constants, feeds, [f"{n}:0" for n in "b h s t qi pi wi".split()])
    assert {n: (v.dtype, v.array.dtype.name, v.array.tolist()) for n, v in found.items()} == {
        "b:0": ("bfloat16", "float32", [1.5, 2]),
        "h:0": ("float16", "float16", [1.5, 2]),
        "s:0": ("string", "object", [b"a", b"bc"]),
        "t:0": ("bool", "bool", [True, False]),
        "qi:0": ("qint8", "int8", [-3, 4]),
        "pi:0": ("bfloat16", "float32", [0.5, 3]),
        "wi:0": ("string", "object", [b"x\0", b""]),
    }


@pytest.mark.tensorflow
def test_what_tensorflow_refuses_is_said_and_the_child_lives_on(child: Worker) -> None:
    feeds = {"x:0": np.zeros(2, np.float32)}
    for text, fetch, kind, message in (
        (ADDS.replace("AddV2", "AddV7"), "y:0", "refused", "not registered 'AddV7'"),
        (ADDS.replace("T=float", "T=int32"), "y:0", "refused", "y was passed float from x:0"),
        (ADDS, "z:0", "failed", "'z:0' refers to a Tensor which does not exist"),
        (ADDS.replace("shape=[?]", "shape=[3]"), "y:0", "failed", "Cannot feed value of shape"),
        (ADDS.replace("float", "int32"), "y:0", "failed", "x:0 takes int32, and the values"),
    ):
        with pytest.raises(TensorFlowProblem) as raised:
            child.run(graph(text), feeds, [fetch])
        assert raised.value.kind == kind
        assert message in raised.value.message
    with pytest.raises(TensorFlowProblem, match="must feed a value") as raised:
        child.run(graph(ADDS), {}, ["y:0"])
    assert (raised.value.kind, raised.value.node) == ("failed", "x")
    assert child.run(graph(ADDS), feeds, ["y:0"])["y:0"].array.tolist() == [1, 1]


def test_a_graph_above_the_limit_of_protobuf_is_refused(
    pretended: Callable[..., TensorFlowProblem], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PROTOBUF_LIMIT", 10)
    assert "above 2 GB" in pretended(READY).message


@pytest.mark.tensorflow
def test_an_edited_graph_is_not_mistaken_for_the_one_before(child: Worker) -> None:
    edited = graph(ADDS)
    feeds = {"x:0": np.array([3], np.float32)}
    assert child.run(edited, feeds, ["y:0"])["y:0"].array == 4
    edited.set_op(edited["y"], "Mul")
    assert child.run(edited, feeds, ["y:0"])["y:0"].array == 3
    for number in range(6):
        other = graph(ADDS.replace("float:1", f"float:{number}"))
        assert child.run(other, feeds, ["y:0"])["y:0"].array == 3 + number
        del other
        gc.collect()


@pytest.mark.tensorflow
@pytest.mark.skipif(sys.platform == "win32", reason="has no signals")
def test_a_child_that_dies_is_replaced(child: Worker) -> None:
    child.run(graph(ADDS), {}, ["one:0"])
    assert child.process is not None
    threading.Timer(1, os.kill, (child.process.pid, 11)).start()
    with pytest.raises(TensorFlowProblem, match="SIGSEGV"):
        child.run(graph(ENDLESS), {}, ["exit:0"])
    assert child.run(graph(ADDS), {}, ["one:0"])["one:0"].array == 1


@pytest.mark.tensorflow
def test_a_loop_without_end_ends_at_the_time_limit(
    child: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    child.run(graph(ADDS), {}, ["one:0"])
    monkeypatch.setattr(child, "time_limit", 1)
    with pytest.raises(TensorFlowProblem, match="within 1 seconds"):
        child.run(graph(ENDLESS), {}, ["exit:0"])


@pytest.mark.tensorflow
@pytest.mark.skipif(sys.platform == "win32", reason="has no signals")
@pytest.mark.usefixtures("tf")
def test_the_child_does_not_outlive_its_parent() -> None:
    script = (
        "from graphtools.run.worker import Worker\n"
        "from tests.run.test_worker import ADDS, ENDLESS\n"
        "from tests.transforms.graphs import graph\n"
        "with Worker() as child:\n"
        "    child.run(graph(ADDS), {}, ['one:0'])\n"
        "    print(child.process.pid, flush=True)\n"
        "    child.run(graph(ENDLESS), {}, ['exit:0'])\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        time.sleep(1)
        parent.kill()
    for _ in range(100):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        if " Z " in _stat(child):  # ended, and nobody has asked for its exit code
            return
        time.sleep(0.1)
    os.kill(child, 9)
    pytest.fail("the child is still there")


def _stat(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return ""


@pytest.mark.tensorflow
@pytest.mark.usefixtures("tf")
def test_tensorflow_stays_out_of_the_parent_and_its_noise_off_the_terminal() -> None:
    script = (
        "import sys\n"
        "from graphtools.run.worker import Worker\n"
        "from tests.transforms.graphs import graph\n"
        "with Worker() as child:\n"
        "    text = 'x = Const value=string:\"noise\"\\n'\n"
        "    text += 'p = PrintV2(x) output_stream=\"stdout\"\\n'\n"
        "    text += 'y = Identity(x, ^p) T=string'\n"
        "    print(child.run(graph(text), {}, ['y:0'])['y:0'].array)\n"
        "assert 'tensorflow' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert (done.stdout, done.stderr) == ("b'noise'\n", "")
