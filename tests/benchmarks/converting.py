"""How much time `graphtools convert` adds to TensorFlow's converter: whole processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.measure import medians, tensorflow_version
from tests.support import FIXTURES, shared_models_or_none

BARE = Path(__file__).with_name("bare_conversion.py")
_DETECTIONS = ",".join(
    ["TFLite_Detection_PostProcess"] + [f"TFLite_Detection_PostProcess:{i}" for i in (1, 2, 3)]
)
_IMAGE = "normalized_input_image_tensor"


class Task(NamedTuple):
    """A graph to convert: file, input, outputs, shape of the input, whether its ranges are."""

    file: Path
    input: str
    outputs: str
    shape: list[int]
    is_trained: bool = False

    def command(self, python: str, target: Path) -> list[str]:
        """The command line of graphtools."""
        options = ["--inputs", self.input, "--outputs", self.outputs, "--allow-custom-ops"]
        options += ["--input-shape", f"{self.input}={','.join(map(str, self.shape))}"]
        if self.is_trained:
            options += ["--quantize", "qat", "--input-stats", "128,128"]
        return [python, "-m", "graphtools", "convert", str(self.file), "-o", str(target), *options]

    def bare(self, python: str, target: Path) -> list[str]:
        """The command line of TensorFlow's converter alone."""
        ends = [self.input, self.outputs, json.dumps({self.input: self.shape})]
        mode = ["qat"] if self.is_trained else []
        return [python, str(BARE), str(self.file), str(target), *ends, *mode]


def tasks() -> dict[str, Task]:
    """Graphs by what they are: real ones where there are any, else fixtures."""
    shared = shared_models_or_none()
    if shared is None:
        ssd = FIXTURES / "ssd/tflite_graph.pb"
        return {"fixture SSD": Task(ssd, _IMAGE, _DETECTIONS, [1, 32, 32, 3])}
    net = shared / "slim/mobilenet_v1_0.25_128/frozen.pb"
    found = {"MobileNet": Task(net, "input", "MobilenetV1/Predictions/Reshape_1", [1, 128, 128, 3])}
    for name, folder in (
        ("SSD", "ssd_mobilenet_v1"),
        ("SSD, trained", "ssd_mobilenet_v1_quantized"),
    ):
        graph = shared / f"od/{folder}_small/tflite_graph.pb"
        found[name] = Task(
            graph, _IMAGE, _DETECTIONS, [1, 300, 300, 3], folder.endswith("quantized")
        )
    return found


def against_the_converter(folder: Path, python: str, rounds: int) -> None:
    """Time of the command as a ratio to the converter's, import of TensorFlow included."""
    for name, task in tasks().items():
        commands = {
            "bare": task.bare(python, folder / "bare.tflite"),
            "graphtools": task.command(python, folder / "ours.tflite"),
        }
        found = medians(commands, rounds)
        print(
            f"convert {name:12} {found['graphtools'] * 1e3:6.0f} ms, the converter alone "
            f"{found['bare'] * 1e3:6.0f} ms: {found['graphtools'] / found['bare'] - 1:+.0%}"
        )


def several(folder: Path, python: str, rounds: int) -> None:
    """Time of one model, and of ten in one call: the import is paid once."""
    task = next(iter(tasks().values()))
    one = task.command(python, folder / "{name}.tflite")
    copies = []
    for number in range(10):
        copy = folder / f"copy{number}.pb"
        copy.write_bytes(task.file.read_bytes())
        copies.append(str(copy))
    ten = [*one[:4], *copies, *one[5:]]
    found = medians({"one": one, "ten": ten}, rounds)
    more = (found["ten"] - found["one"]) / 9
    print(
        f"convert 1 model {found['one'] * 1e3:.0f} ms, 10 in one call {found['ten'] * 1e3:.0f} ms: "
        f"{more * 1e3:.0f} ms for each further one"
    )


def run(folder: Path, pythons: list[str], rounds: int) -> None:
    """All of it, in the first interpreter that has TensorFlow and graphtools."""
    for python in pythons:
        has_both = subprocess.run(
            [python, "-c", "import graphtools"], capture_output=True, check=False
        )
        if tensorflow_version(python) and not has_both.returncode:
            against_the_converter(folder, python, rounds)
            several(folder, python, rounds)
            return
    print(f"no TensorFlow here: {', '.join(pythons) or sys.executable}")
