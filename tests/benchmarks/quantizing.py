"""Quantization-aware training against TensorFlow 1.15's contrib.quantize, net by net.

    python -m tests.benchmarks.quantizing names              what is quantized, and its variables
    python -m tests.benchmarks.quantizing losses             six steps, gradients, eval outputs
    python -m tests.benchmarks.quantizing trained            30 steps, converted, run in LiteRT

Each takes names of nets. `losses` and `trained` need TensorFlow, `trained` LiteRT, too; the nets
are shared files beside the project.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from graphtools import ConversionOptions, convert_to_tflite, load, open_model
from graphtools.errors import GraphtoolsError
from graphtools.formats.checkpoint_path import find_checkpoint
from graphtools.formats.metagraph import MetaGraph
from graphtools.graph.shape import Shape
from graphtools.transforms._quantized_graph import QuantizationOptions, QuantizedGraph
from graphtools.transforms._quantizing import quantize_for_inference, quantize_for_training
from graphtools.transforms.freeze import freeze
from graphtools.transforms.quantize_eval import quantize_eval, with_trained_ranges
from graphtools.transforms.quantize_training import quantize_training
from tests.support import shared_models

_STEPS = 30
_RATE = 0.05


def _nets(wanted: list[str]) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    folder = shared_models() / "qat"
    cases = json.loads((folder / "MANIFEST.json").read_text())["cases"]
    for name, case in cases.items():
        if not wanted or name in wanted:
            yield name, folder / name, case


def _options(rewrite: dict[str, Any], which: str) -> QuantizationOptions:
    given = dict(rewrite["options"][which])
    return QuantizationOptions(**given, per_channel=rewrite["options"]["per_channel_weights"])


def _opened(path: Path) -> MetaGraph:
    found = open_model(path)
    assert isinstance(found, MetaGraph)
    return found


def names(wanted: list[str]) -> None:
    """Ranges and variables that one of both lacks."""
    for name, folder, case in _nets(wanted):
        for option, rewrite in case["rewrites"].items():
            for which in ("train", "eval"):
                expected = {f["min_variable"] for f in rewrite.get(f"{which}_fake_quants", ())}
                done = _rewritten(folder, rewrite, which)
                ours = {v.name for v in done.variables if v.name.endswith("_quant/min")}
                ours |= {v.name for v in done.variables if v.name in expected}
                lost, more = sorted(expected - ours), sorted(ours - expected)
                left = [f"{layer.name}: {layer.left}" for layer in done.report.left]
                print(f"{name:16} {option:12} {which:5} {len(ours):3} ranges", end="")
                print(f"  lacks {lost}" * bool(lost) + f"  has {more} more" * bool(more), *left)


def _rewritten(folder: Path, rewrite: dict[str, Any], which: str) -> QuantizedGraph:
    if which == "train":
        graph = load(folder / "train_before.meta")
        return quantize_for_training(graph, _options(rewrite, which))
    return quantize_for_inference(load(folder / "eval_before.pb"), _options(rewrite, which))


def losses(wanted: list[str]) -> None:
    """Differences of six losses, of gradients, and of what the eval graph gives."""
    for name, folder, case in _nets(wanted):
        stored, outputs = np.load(folder / "train_io.npz"), np.load(folder / "io.npz")
        for option, rewrite in case["rewrites"].items():
            print(f"{name:16} {option:12}", end=" ")
            with tempfile.TemporaryDirectory() as scratch:
                found, gradients = _six_steps(Path(scratch), folder, rewrite)
            if f"loss|{option}" in stored:
                apart = np.abs(np.array(found) - stored[f"loss|{option}"])
                named = (stored[f"grad|{option}|{part}"] for part in ("names", "values"))
                known = dict(zip(*named, strict=True))
                off = max(np.abs(gradients[k] - v).max() for k, v in known.items())
                print(f"loss {apart[0]:.0e} then {apart.max():.0e}, gradient {off:.0e}", end=", ")
            else:
                print("losses", *(f"{loss:.4f}" for loss in found), end=", ")
            print(_eval_difference(folder, option, rewrite, outputs), flush=True)


def _six_steps(
    scratch: Path, folder: Path, rewrite: dict[str, Any]
) -> tuple[list[float], dict[str, Any]]:
    import tensorflow as tf

    v1 = tf.compat.v1
    path = scratch / "qat.meta"
    checkpoint = find_checkpoint(folder / "float.ckpt")
    quantize_training(
        _opened(folder / "train_before.meta"), path, _options(rewrite, "train"), checkpoint
    )
    batches = np.load(folder.parent / "train_batches.npz")
    with tf.Graph().as_default() as graph:
        v1.train.import_meta_graph(str(path), clear_devices=True)
        optimizer = v1.train.GradientDescentOptimizer(_RATE)
        pairs = optimizer.compute_gradients(
            graph.get_tensor_by_name("loss:0"), gate_gradients=optimizer.GATE_GRAPH
        )
        pairs = [(slope, variable) for slope, variable in pairs if slope is not None]
        step, saver = optimizer.apply_gradients(pairs), v1.train.Saver()
        one = v1.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
        found, gradients = [], {}
        with v1.Session(config=one) as session:
            session.run(v1.global_variables_initializer())
            saver.restore(session, str(path.with_suffix("")))
            for number, (images, labels) in enumerate(zip(batches["x"], batches["y"], strict=True)):
                feeds = {"input:0": images, "labels:0": labels}
                if "is_training" in {node.name for node in graph.as_graph_def().node}:
                    feeds["is_training:0"] = True
                loss, slopes, _ = session.run(["loss:0", [p[0] for p in pairs], step], feeds)
                found.append(float(loss))
                if not number:
                    gradients = {
                        variable.op.name: np.array([np.sum(s), np.sum(np.abs(s))])
                        for s, (_, variable) in zip(slopes, pairs, strict=True)
                    }
    return found, gradients


def _eval_difference(folder: Path, option: str, rewrite: dict[str, Any], outputs: Any) -> str:
    """How far the eval graph with the trained checkpoint of 1.15 is from its own."""
    if "eval_after" not in rewrite:
        return "no eval graph of 1.15"
    checkpoint = find_checkpoint(folder / rewrite.get("checkpoint", "qat.ckpt"))
    graph = load(folder / "eval_before.pb")
    try:
        done = with_trained_ranges(graph, ["logits"], _options(rewrite, "eval"), checkpoint)
    except GraphtoolsError as problem:
        return f"refused: {problem.message}"
    given = _run(done.graph, {"input:0": outputs["in|input:0"]}, "logits:0")
    return f"eval {np.abs(given - outputs[f'out|{option}|logits:0']).max():.0e}"


def _run(graph: Any, feeds: dict[str, Any], output: str) -> Any:
    import tensorflow as tf

    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        tf.import_graph_def(v1.GraphDef.FromString(b"".join(graph.pieces())), name="")
        return session.run(output, feeds)


def trained(wanted: list[str]) -> None:
    """Accuracy of the float net and of the .tflite file after 30 steps, and what is float there."""
    for name, folder, _ in _nets(wanted):
        for per_channel in (False, True):
            with tempfile.TemporaryDirectory() as scratch:
                line = _told(_trained, Path(scratch), folder, per_channel)
            print(f"{name:16} {'channel' if per_channel else 'tensor':8} {line}", flush=True)
    for meta in sorted((shared_models() / "qat/tf2").glob("*.meta")):
        if not wanted or meta.stem in wanted:
            for per_channel in (False, True):
                with tempfile.TemporaryDirectory() as scratch:
                    line = _told(_trained_from_scratch, Path(scratch), meta, per_channel)
                print(
                    f"{meta.stem:16} {'channel' if per_channel else 'tensor':8} {line}", flush=True
                )


def _train(meta: Path, start: Path | None, target: Path, steps: int, rate: float) -> None:
    """Train a .meta file and save it."""
    import tensorflow as tf

    v1 = tf.compat.v1
    data = np.load(shared_models() / "qat/train_batches.npz")
    with tf.Graph().as_default() as graph:
        v1.set_random_seed(1)
        v1.train.import_meta_graph(str(meta), clear_devices=True)
        restorer = v1.train.Saver()
        nodes = {node.name for node in graph.as_graph_def().node}
        shape = graph.get_tensor_by_name("input:0").shape
        with tf.control_dependencies(v1.get_collection(v1.GraphKeys.UPDATE_OPS)):
            loss = graph.get_tensor_by_name("loss:0")
            step = v1.train.MomentumOptimizer(rate, 0.9).minimize(loss)
        with v1.Session() as session:
            session.run(v1.global_variables_initializer())
            if start is not None:
                restorer.restore(session, str(start))
            for number in range(steps):
                feeds: dict[str, Any] = {
                    "input:0": _fitted(data["x"][number % 6], shape),
                    "labels:0": data["y"][number % 6],
                }
                if "is_training" in nodes:
                    feeds["is_training:0"] = True
                session.run(step, feeds)
            restorer.save(session, str(target), write_meta_graph=False)


def _fitted(images: Any, shape: Any) -> Any:
    """Images as large as an input wants them."""
    size = shape.as_list()
    if size[1] in (None, images.shape[1]):
        return images
    return images[:, : size[1], : size[2]]


def _told(function: Callable[[Path, Path, bool], str], *given: Any) -> str:
    """What a function finds, or why it cannot."""
    try:
        return function(*given)
    except (GraphtoolsError, RuntimeError) as problem:
        return f"refused: {str(problem).splitlines()[0]}"


def _trained(scratch: Path, folder: Path, per_channel: bool) -> str:
    start = folder / "float.ckpt"
    options = QuantizationOptions(per_channel=per_channel)
    path = scratch / "qat.meta"
    quantize_training(_opened(folder / "train_before.meta"), path, options, find_checkpoint(start))
    _train(path, scratch / "qat", scratch / "trained", _STEPS, 0.01)
    graph = load(folder / "eval_before.pb")
    plain = freeze(graph, find_checkpoint(start), ["logits"]).graph
    report = quantize_eval(
        graph, "", scratch / "eval.pb", ["logits"], options,
        find_checkpoint(scratch / "trained"), load(path),
    )  # fmt: skip
    return _compared(scratch, plain, report.outputs[0], per_channel)


def _trained_from_scratch(scratch: Path, meta: Path, per_channel: bool) -> str:
    """As `_trained`, for a graph that has no checkpoint and no form for inference of its own."""
    options = QuantizationOptions(per_channel=per_channel)
    _train(meta, None, scratch / "float", 200, 0.02)
    graph = load(meta)
    plain = freeze(graph, find_checkpoint(scratch / "float"), ["logits"], inference=True).graph
    path = scratch / "qat.meta"
    quantize_training(_opened(meta), path, options, find_checkpoint(scratch / "float"))
    _train(path, scratch / "qat", scratch / "trained", _STEPS, 0.01)
    stored = find_checkpoint(scratch / "trained")
    bare = freeze(graph, stored, ["logits"], inference=True).graph
    report = quantize_eval(bare, "", scratch / "eval.pb", ["logits"], options, stored, load(path))
    return _compared(scratch, plain, report.outputs[0], per_channel)


def _compared(scratch: Path, plain: Any, output: str, per_channel: bool) -> str:
    """Accuracy of a frozen float graph and of the converted one."""
    data = np.load(shared_models() / "qat/train_batches.npz")
    images, labels = data["x"].reshape(-1, *data["x"].shape[2:]), data["y"].reshape(-1)
    kind = "int8" if per_channel else "uint8"
    target = scratch / "m.tflite"
    convert_to_tflite(
        load(scratch / "eval.pb"),
        ["input"],
        [output],
        ConversionOptions(
            "qat", kind, "float32", "float32", {"input": (0.0 if per_channel else 128.0, 64.0)}
        ),
        target=target,
        input_shapes={"input:0": Shape([1, *images.shape[1:]])},
    )
    exact = np.concatenate([_run(plain, {"input:0": i[None]}, "logits:0") for i in images])
    given = _lite(target, images)
    right = [float((a.argmax(-1) == labels).mean()) for a in (exact, given)]
    same = float((exact.argmax(-1) == given.argmax(-1)).mean())
    return f"float {right[0]:.3f}, .tflite {right[1]:.3f}, same {same:.3f}, {_float_ops(target)}"


def _lite(path: Path, images: Any) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path))
    interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    found = []
    for image in images:
        interpreter.set_tensor(source["index"], image[None])
        interpreter.invoke()
        found.append(interpreter.get_tensor(target["index"]))
    return np.concatenate(found)


def _float_ops(path: Path) -> str:
    """The operators that compute in float, those at the ends apart."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path))
    interpreter.allocate_tensors()
    kinds = {d["index"]: d["dtype"] for d in interpreter.get_tensor_details()}
    found = []
    ops = interpreter._get_ops_details()  # noqa: SLF001
    for op in ops:
        outputs = [kinds.get(i) for i in op["outputs"]]
        if np.float32 in outputs and op["op_name"] not in ("DEQUANTIZE", "DELEGATE"):
            found.append(op["op_name"])
    return f"{len(ops)} operators, float: {', '.join(found) or 'none'}"


if __name__ == "__main__":
    PARTS = {"names": names, "losses": losses, "trained": trained}
    PARTS[sys.argv[1]](sys.argv[2:])
