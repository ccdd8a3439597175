"""A child process that answers requests: a crash, a hang or lack of memory ends that alone.

Requests and answers are messages, one a line: the child reads the former from its standard
input and writes the latter to its standard output; before the first request it sends one by itself,
that it is ready. Everything else that it prints goes to a log, whose end tells why it died.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from typing import IO

from graphtools.run.passing import Message, decode, encode

#: What the child runs. It finds modules where its parent does, however that was started.
_PROGRAM = (
    "import json, sys\nsys.path[:] = json.loads(sys.argv[1])\nfrom {module} import main\nmain()\n"
)
_END_OF_LOG = 20_000
_NO_MEMORY = re.compile(r"bad_alloc|MemoryError|[Oo]ut of memory|OOM when allocating")


class Hung(Exception):
    """The child did not answer in time; it was ended.

    Attributes:
        seconds: How long it was waited for.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no answer within {seconds:g} seconds")
        self.seconds = seconds


class Died(Exception):
    """The child has died.

    Attributes:
        code: Its exit code; of a signal, the negative number.
        log: The end of what it printed.
    """

    def __init__(self, code: int, log: str) -> None:
        super().__init__(f"ended with {code}")
        self.code = code
        self.log = log

    @property
    def how(self) -> str:
        """How it has died: `SIGSEGV`, `signal 70` or `exit code 1`."""
        import signal

        if self.code >= 0:
            return f"exit code {self.code}"
        try:
            return signal.Signals(-self.code).name
        except ValueError:
            return f"signal {-self.code}"

    @property
    def lines(self) -> list[str]:
        """The end of what it printed, without empty lines."""
        return [line.strip() for line in self.log.splitlines() if line.strip()]

    @property
    def out_of_memory(self) -> bool:
        """Whether it most likely died for lack of memory."""
        # 9 is what the kernel sends when the memory is at an end
        return self.code == -9 or bool(_NO_MEMORY.search("\n".join(self.lines[-20:])))


class Child:
    """A child process that answers requests, one after the other.

    Attributes:
        time_limit: Seconds that one answer may take.
        process: The process; None where there is none.
    """

    def __init__(
        self,
        program: str,
        *,
        folder: str,
        time_limit: float,
        environment: Mapping[str, str] | None = None,
        interpreter: str = "",
    ) -> None:
        """Prepare; nothing is started yet.

        Args:
            program: Python code that the child runs; see `program_of`.
            folder: Folder for the log, and the one that the child works in: what a graph writes or
                reads by a relative name is there.
            time_limit: Seconds that one answer may take, the start included.
            environment: Environment variables that are set for the child.
            interpreter: The Python that runs it; by default the one that runs this.
        """
        self.time_limit = time_limit
        self.process: subprocess.Popen[str] | None = None
        self._program = program
        self._folder = folder
        self._environment = dict(environment or {})
        has_folder = os.path.dirname(interpreter)  # else it is looked for in PATH
        self._interpreter = os.path.abspath(interpreter) if has_folder else interpreter
        self._interpreter = self._interpreter or sys.executable
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._log: IO[bytes] | None = None
        self._log_start = 0  # of what belongs to the request

    @property
    def alive(self) -> bool:
        """Whether there is a process that can be asked."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> Message:
        """Start the process, in place of one that is there, and wait until it is ready.

        Returns:
            What it says by itself when it is ready.

        Raises:
            Hung: It says nothing in time.
            Died: It has died.
        """
        self.launch()
        return self.await_ready()

    def launch(self) -> None:
        """Start the process, in place of one that is there; `await_ready` is to follow."""
        self.end()
        self._log = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  # see end
        self.process = subprocess.Popen(
            [
                self._interpreter,
                "-c",
                self._program,
                json.dumps([os.path.abspath(p) for p in sys.path]),
            ],
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **self._environment},
        )
        self._log_start = 0
        self._answers = queue.SimpleQueue()
        args = (self.process.stdout, self._answers)
        threading.Thread(target=_pass_on, args=args, daemon=True).start()

    def await_ready(self) -> Message:
        """What a launched process says by itself when it is ready.

        Raises:
            Hung: It says nothing in time.
            Died: It has died.
        """
        return self._answer(self.time_limit)

    def ask(self, request: Message, time_limit: float | None = None) -> Message:
        """Send a request and wait for the answer; the process has been started before.

        Args:
            request: What is asked.
            time_limit: Seconds that the answer may take, if not `self.time_limit`.

        Raises:
            Hung: It does not answer in time; it is ended.
            Died: It has died.
        """
        assert self.process is not None
        assert self.process.stdin is not None
        assert self._log is not None
        self._log_start = os.fstat(self._log.fileno()).st_size
        try:
            self.process.stdin.write(encode(request) + "\n")
            self.process.stdin.flush()
        except OSError:  # it has died meanwhile, which the missing answer tells
            pass
        return self._answer(self.time_limit if time_limit is None else time_limit)

    def end(self) -> None:
        """End the process, if there is one."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()  # it has nothing to save
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    _close(stream)
        if self._log is not None:
            self._log.close()
            self._log = None

    def _answer(self, time_limit: float) -> Message:
        try:
            line = self._answers.get(timeout=time_limit)
        except queue.Empty:
            self.end()
            raise Hung(time_limit) from None
        if not line:
            raise self._death()
        return decode(line)

    def _death(self) -> Died:
        assert self.process is not None
        assert self._log is not None
        code = self.process.wait()
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(self._log_start, size - _END_OF_LOG))
        log = self._log.read().decode("utf-8", "replace")
        self.end()
        return Died(code, log)


def program_of(module: str) -> str:
    """Python code that runs `main` of a module in a child."""
    return _PROGRAM.format(module=module)


def serve(ready: Message, reply: Callable[[Message], Message], answers: IO[str]) -> None:
    """Answer requests, in the child, until the parent ends or ends this process.

    Args:
        ready: What is sent first.
        reply: Makes the answer to a request.
        answers: Where answers go; see `open_answers`.
    """
    requests: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_take, args=(requests,), daemon=True).start()
    send(answers, ready)
    while True:
        send(answers, reply(decode(requests.get())))


def open_answers() -> IO[str]:
    """Where the child's answers go; from now on, what else is printed goes to the log."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def send(answers: IO[str], content: Message) -> None:
    """Send an answer."""
    answers.write(encode(content) + "\n")
    answers.flush()


def _take(requests: queue.SimpleQueue[str]) -> None:
    """Take requests; when the parent is gone, end at once, even in the midst of a run."""
    for line in sys.stdin:
        requests.put(line)
    os._exit(0)


def _close(stream: IO[str]) -> None:
    with contextlib.suppress(OSError):  # what was not written yet cannot be any more
        stream.close()


def _pass_on(lines: IO[str], answers: queue.SimpleQueue[str]) -> None:
    """Pass on lines; an empty one at the end."""
    try:
        for line in lines:
            answers.put(line)
    except ValueError:  # closed by the one who has ended the child
        pass
    answers.put("")
