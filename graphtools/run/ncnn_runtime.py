"""Runs ncnn models, each in a child process of its own: a crash or a hang ends that alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphtools.run.runtime_runner import RuntimeRunner
from graphtools.run.target_requests import RunNCNN

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Seconds that one run may take, the start included.
TIME_LIMIT = 60.0


class NCNN(RuntimeRunner):
    """Runs models, one after the other; a context manager."""

    title = "ncnn"
    extra = "ncnn"
    needs = ("ncnn",)
    program = "graphtools.run.ncnn_process"

    def __init__(self, time_limit: float = TIME_LIMIT) -> None:
        """Prepare; see `RuntimeRunner`."""
        super().__init__(time_limit)

    def run(
        self,
        param: str,
        weights: str,
        inputs: Sequence[tuple[str, int]],
        outputs: Sequence[tuple[str, int]],
        feeds: Sequence[NDArray[Any]],
        shown: str,
    ) -> list[NDArray[Any]]:
        """Run a model, with all arithmetic in float32.

        Args:
            param: The file of its layers.
            weights: The file of its weights.
            inputs: Its input blobs, with the axis that is the batch; 233 for none.
            outputs: Its output blobs, likewise.
            feeds: Values of the inputs, in their order.
            shown: What it is called in messages.

        Raises:
            MissingExtra: ncnn is not installed.
            RuntimeProblem: It refuses the model, fails, crashes or hangs.
        """
        arrays = self.pass_arrays("feeds.npz", feeds)
        values = os.path.join(self.folder, "values.npz")
        request = RunNCNN(param, weights, tuple(inputs), tuple(outputs), arrays, values)
        try:
            self.ask_for(request, shown)
        finally:
            self._child.end()  # what one model has broken is none of the next
        return self.values("values.npz")
