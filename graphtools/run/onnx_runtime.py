"""Checks and runs ONNX models, in a child process: a crash or a hang ends that alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphtools.run.runtime_runner import RuntimeRunner
from graphtools.run.target_requests import (
    InspectONNX,
    ONNXDescription,
    PreparedForNCNN,
    PrepareForNCNN,
    RunONNX,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Seconds that one check or run may take, the start included.
TIME_LIMIT = 120.0


class ONNXRuntime(RuntimeRunner):
    """Checks and runs models, one after the other; a context manager.

    Example:
        >>> with ONNXRuntime() as runtime:
        ...     runtime.inspect("model.onnx").opset, runtime.run("model.onnx", [image])
    """

    title = "ONNX Runtime"
    extra = "onnx"
    needs = ("onnx", "onnxruntime")
    program = "graphtools.run.onnx_process"

    def __init__(self, time_limit: float = TIME_LIMIT) -> None:
        """Prepare; see `RuntimeRunner`."""
        super().__init__(time_limit)

    def inspect(self, path: str | os.PathLike[str], shown: str = "") -> ONNXDescription:
        """Check a model with onnx's checker, and see what is in it.

        Args:
            path: The model.
            shown: What it is called in messages.

        Raises:
            MissingExtra: ONNX Runtime or onnx is not installed.
            RuntimeProblem: The checker refuses the model.
        """
        name = os.path.abspath(path)
        answer = self.ask_for(InspectONNX(name), shown or os.fspath(path))
        assert isinstance(answer, ONNXDescription)
        return answer

    def prepare_for_ncnn(self, path: str, prepared: str) -> tuple[tuple[str, int], ...]:
        """Write a model as pnnx wants it; see `graphtools.run.onnx_passes`.

        Args:
            path: The model.
            prepared: Where the other goes.

        Returns:
            By pass, the number of nodes that it has rewritten.

        Raises:
            RuntimeProblem: onnx's checker refuses what comes of it.
        """
        answer = self.ask_for(PrepareForNCNN(path, prepared), "the model that tf2onnx made")
        assert isinstance(answer, PreparedForNCNN)
        return answer.passes

    def run(
        self, path: str | os.PathLike[str], feeds: Sequence[NDArray[Any]], shown: str = ""
    ) -> list[NDArray[Any]]:
        """Run a model; `WeightBiasQuantization` is off, which makes it compute something else.

        Args:
            path: The model.
            feeds: Values of the inputs, in their order.
            shown: What it is called in messages.

        Raises:
            MissingExtra: ONNX Runtime or onnx is not installed.
            RuntimeProblem: It refuses the model, fails, crashes or hangs.
        """
        arrays = self.pass_arrays("feeds.npz", feeds)
        values = os.path.join(self.folder, "values.npz")
        request = RunONNX(os.path.abspath(path), arrays, values)
        self.ask_for(request, shown or os.fspath(path))
        return self.values("values.npz")
