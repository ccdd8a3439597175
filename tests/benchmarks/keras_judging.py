"""What `keras_nets` asks of a net: each step is a function of a `Net`, and gives a `Judgement`."""

from __future__ import annotations

import collections
import functools
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from graphtools import (
    ConversionOptions,
    Converter,
    ModelOptions,
    Shape,
    load_model,
    verify_models,
)
from graphtools.cli import main as graphtools
from graphtools.convert.calibration.calibrating import calibration_for
from tests.benchmarks.keras_models import built
from tests.benchmarks.transform_meaning import difference

Arrays = dict[str, Any]
#: Of the largest value: what freezing may change, and folding.
_FROZEN, _FOLDED = 1e-6, 1e-5
_SAMPLES = 8
_CALIBRATED = ("int8", "int16x8")
#: Ops whose multiply-accumulates the profiler counts: two operations each.
_MAC_OPS = (
    "Conv2D", "DepthwiseConv2dNative", "Conv3D", "Conv2DBackpropInput", "Conv3DBackpropInputV2",
    "MatMul", "BatchMatMul", "BatchMatMulV2", "Einsum",
)  # fmt: skip
#: Ops that may stand between a convolution and what scales its channels.
_BETWEEN = ("BiasAdd", "Add", "AddV2", "Identity", "Reshape", "Squeeze", "BatchToSpaceND")


class Judgement(NamedTuple):
    """What a step found.

    Attributes:
        good: Whether it is as it is to be.
        said: What the table shows.
        detail: More, for the file of the row.
    """

    good: bool
    said: str
    detail: Any = None


class Net:
    """A net in a folder, as a SavedModel (`sm`) and frozen by TensorFlow (`tensorflow.pb`).

    Attributes:
        name: Its name.
        folder: Its folder.
        facts: `inputs` and `outputs` of the graph that TensorFlow froze, by key of the signature;
            `specs` (shape and dtype) of the inputs; the `parameters` that Keras counts, and those
            of the `variables` of the graph.
        fed: Values of the inputs by key of the signature: two where the batch is open.
        one: The first of them there.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        if not (folder / "facts.json").exists():
            folder.mkdir(parents=True, exist_ok=True)
            self._build()
        self.facts: dict[str, Any] = json.loads((folder / "facts.json").read_text())
        specs = self.facts["specs"]
        with np.load(folder / "values.npz") as values:
            self.fed = {key: values[key] for key in specs}
            self.one = {k: v if specs[k][0][0] else v[:1] for k, v in self.fed.items()}

    def _build(self) -> None:
        from tensorflow.python.framework import convert_to_constants

        model = built(self.name)
        model.export(self.path("sm"), format="tf_saved_model", verbose=False)
        loaded = tf.saved_model.load(self.path("sm"))  # holds the variables
        signature = loaded.signatures["serving_default"]
        specs = {
            key: (spec.shape.as_list(), spec.dtype.name)
            for key, spec in signature.structured_input_signature[1].items()
        }
        fed = _values(specs, 7, 2)
        frozen = convert_to_constants.convert_variables_to_constants_v2(signature)
        content = frozen.graph.as_graph_def().SerializeToString()
        Path(self.path("tensorflow.pb")).write_bytes(content)
        np.savez(self.path("values.npz"), **fed)
        keys = sorted(signature.structured_outputs)
        variables = {id(v): int(np.prod(v.shape)) for v in signature.variables}
        facts: dict[str, Any] = {
            "inputs": {t.name.partition(":")[0]: t.name for t in frozen.inputs},
            "outputs": dict(zip(keys, (t.name for t in frozen.outputs), strict=True)),
            "specs": specs,
            "parameters": int(model.count_params()),
            "variables": sum(variables.values()),
        }
        assert facts["inputs"].keys() == specs.keys()
        (self.folder / "facts.json").write_text(json.dumps(facts, indent=1))

    def path(self, name: str) -> str:
        """The path of a file of the net."""
        return str(self.folder / name)

    def frozen(self) -> str:
        """The graph that graphtools freezes; made once."""
        path = self.path("frozen.pb")
        if not Path(path).exists():
            _need("freeze", self.path("sm"), "-o", path)
        return path

    @functools.cached_property
    def ends(self) -> tuple[dict[str, str], dict[str, str]]:
        """The inputs and outputs of the graph that graphtools froze, by key of the signature."""
        model = load_model(self.path("sm")).runnable
        inputs, outputs = (
            {model.keys[n]: n if ":" in n else f"{n}:0" for n in names}
            for names in (model.inputs, model.outputs)
        )
        return inputs, outputs


def _values(specs: Mapping[str, Sequence[Any]], seed: int, count: int) -> Arrays:
    """Values for inputs of some shapes and dtypes, as many as asked where the batch is open."""
    random = np.random.default_rng(seed)
    found = {}
    for key, (dims, dtype) in specs.items():
        shape = [dim or count for dim in dims]
        if dtype.startswith("float"):
            found[key] = random.normal(0, 1, shape).astype(dtype)
        else:
            found[key] = random.integers(0, 256 if dtype == "uint8" else 4, shape).astype(dtype)
    return found


def run_command(*arguments: str) -> tuple[int, str, str]:
    """Run a command of graphtools in this process: its exit code, stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    code: Any = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            graphtools(list(arguments), prog_name="graphtools")
        except SystemExit as ended:
            code = ended.code or 0
    return code, out.getvalue(), err.getvalue()


def _need(*arguments: str) -> Any:
    """The JSON of a command that is to do its work."""
    code, out, err = run_command(*arguments, "--json")
    if code == 2:
        raise RuntimeError(f"{arguments[0]}: {err.strip().splitlines()[0]}")
    return json.loads(out) if out else None


def _graph_def(path: str) -> Any:
    return tf.compat.v1.GraphDef.FromString(Path(path).read_bytes())


def _bare_session() -> Any:
    """A session that runs a graph as it stands: TensorFlow's own rewrites round differently."""
    config = tf.compat.v1.ConfigProto()
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    return tf.compat.v1.Session(config=config)


def _run_graph(path: str, fed: Arrays, ends: tuple[dict[str, str], dict[str, str]]) -> list[Any]:
    """What a frozen graph gives, its outputs in the order of their keys."""
    inputs, outputs = ends
    with tf.Graph().as_default():
        tf.import_graph_def(_graph_def(path), name="")
        with _bare_session() as session:
            wanted = [outputs[key] for key in sorted(outputs)]
            found: list[Any] = session.run(wanted, {inputs[k]: v for k, v in fed.items()})
    return found


def _run_saved_model(net: Net) -> list[Any]:
    with tf.Graph().as_default(), _bare_session() as session:
        loaded = tf.compat.v1.saved_model.load(session, ["serve"], net.path("sm"))
        signature = loaded.signature_def["serving_default"]
        wanted = [signature.outputs[key].name for key in sorted(signature.outputs)]
        fed = {signature.inputs[key].name: value for key, value in net.fed.items()}
        found: list[Any] = session.run(wanted, fed)
    return found


def freezing(net: Net) -> Judgement:
    """Freeze the SavedModel: the graph gives what it gives."""
    got = _run_graph(net.frozen(), net.fed, net.ends)
    gap = difference(_run_saved_model(net), got)
    return Judgement(gap <= _FROZEN, f"{gap:.0e}")


def optimizing(net: Net) -> Judgement:
    """Optimize what graphtools and what TensorFlow froze: same outputs, all norms folded."""
    net.frozen()
    theirs = (net.facts["inputs"], net.facts["outputs"])
    gaps, left = [], []
    for source, ends in (("frozen.pb", net.ends), ("tensorflow.pb", theirs)):
        names = [",".join(end.values()) for end in ends]
        made = net.path(f"optimized_{source}")
        _need("optimize", net.path(source), "-o", made, "--inputs", names[0], "--outputs", names[1])
        before, after = (_run_graph(p, net.fed, ends) for p in (net.path(source), made))
        gaps.append(difference(before, after))
        left.append(list(unfolded(_graph_def(made))))
    good = max(gaps) <= _FOLDED and not any(left)
    norms = "/".join(str(len(names)) for names in left)
    return Judgement(good, f"{'/'.join(f'{gap:.0e}' for gap in gaps)} left {norms}", left)


def unfolded(graph: Any) -> Iterator[str]:
    """Batch norms and products with one constant a channel that only follow a convolution."""
    nodes = {node.name: node for node in graph.node}
    readers = collections.Counter(
        name.partition(":")[0] for node in graph.node for name in node.input if name[0] != "^"
    )

    def computed(node: Any) -> list[Any]:
        sources = (nodes[name.partition(":")[0]] for name in node.input if name[0] != "^")
        return [source for source in sources if source.op != "Const"]

    def follows(source: Any) -> bool:
        while readers[source.name] == 1 and source.op in _BETWEEN and len(computed(source)) >= 1:
            if source.op != "Reshape" and len(computed(source)) > 1:
                return False
            source = computed(source)[0]
        return readers[source.name] == 1 and source.op in _MAC_OPS and len(computed(source)) == 1

    for node in graph.node:
        scales = node.op == "Mul" and len(computed(node)) == 1 and _is_vector(nodes, node)
        if (scales or node.op.startswith("FusedBatchNorm")) and follows(computed(node)[0]):
            yield node.name


def _is_vector(nodes: Mapping[str, Any], node: Any) -> bool:
    values = (nodes[name.partition(":")[0]] for name in node.input if name[0] != "^")
    dims = [
        [d.size for d in v.attr["value"].tensor.tensor_shape.dim] for v in values if v.op == "Const"
    ]
    return any(max(d, default=1) > 1 for d in dims)


def verdicts(net: Net) -> Judgement:
    """What `compat` says of each form, and what TensorFlow's converter makes of it."""
    lite = tf.compat.v1.lite.TFLiteConverter
    theirs = (net.facts["inputs"], net.facts["outputs"])

    def frozen(path: str, ends: tuple[dict[str, str], dict[str, str]]) -> Callable[[], Any]:
        inputs, outputs = ([n.partition(":")[0] for n in end.values()] for end in ends)
        shapes = {n.partition(":")[0]: net.facts["specs"][key][0] for key, n in ends[0].items()}
        return lambda: lite.from_frozen_graph(path, inputs, outputs, shapes)

    forms: dict[str, Callable[[], Any]] = {
        "sm": lambda: tf.lite.TFLiteConverter.from_saved_model(net.path("sm")),
        "frozen.pb": frozen(net.path("frozen.pb"), net.ends),
        "tensorflow.pb": frozen(net.path("tensorflow.pb"), theirs),
    }
    net.frozen()
    said = {form: _verdict(_need("compat", net.path(form))) for form in forms}
    made = {form: _outcome(make) for form, make in forms.items()}
    good = said == made
    kinds = "/".join(dict.fromkeys(said.values()))
    if not good:
        kinds = f"{'/'.join(said.values())}, not {'/'.join(made.values())}"
    return Judgement(good, kinds, {"compat": said, "converter": made})


def _verdict(found: Mapping[str, Any]) -> str:
    return "builtins" if found["builtins"] else "select" if found["select"] else "no"


def _outcome(make: Callable[[], Any]) -> str:
    sets = tf.lite.OpsSet
    for name, allowed in (
        ("builtins", [sets.TFLITE_BUILTINS]),
        ("select", [sets.TFLITE_BUILTINS, sets.SELECT_TF_OPS]),
    ):
        converter = make()
        converter.target_spec.supported_ops = allowed
        try:
            converter.convert()
        except Exception:  # whatever it raises, it does not convert
            continue
        return name
    return "no"


def costs(net: Net) -> Judgement:
    """Parameters as Keras has them, multiply-accumulates as the profiler counts them.

    Keras counts what inference does not read, too (the state of random numbers, what a spectral
    norm starts from, what became a constant); the variables of the graph are what is left. Loops
    and Einsum are nothing to the profiler, which is asked for ops that it knows.
    """
    net.frozen()
    profiled = _profiled(net)
    parameters: list[int] = []
    macs: list[dict[str, int]] = []
    others: dict[str, int] = {}
    for form in ("sm", "frozen.pb", "tensorflow.pb"):
        found = _need("size", net.path(form), "--by", "op")
        parameters.append(found["total"]["parameters"])
        by_op = {row["name"]: row["macs"] for row in found["rows"] if row["macs"]}
        macs.append({op: n for op, n in by_op.items() if op in profiled})
        others = others or {op: n for op, n in by_op.items() if op not in profiled}
    wanted = (net.facts["variables"], net.facts["parameters"])
    good = set(parameters) <= set(wanted) and all(found == profiled for found in macs)
    said = f"{parameters[0]:,} parameters, {sum(macs[0].values()):,} MACs"
    if parameters[0] != wanted[1]:
        said += f", Keras {wanted[1]:,} parameters"
    if others:
        said += f", not profiled {sum(others.values()):,} ({', '.join(others)})"
    if not good:
        said += f"; not {wanted}, {sum(profiled.values()):,}"
    return Judgement(good, said, {"ours": macs, "profiler": profiled, "parameters": parameters})


def _profiled(net: Net) -> dict[str, int]:
    """The profiler's multiply-accumulates by op, for a batch of 1 and with calls inlined."""
    import tensorflow.python.profiler.internal.flops_registry  # noqa: F401
    from tensorflow.python.framework import ops

    inlined = net.path("inlined.pb")
    ends = [",".join(net.facts[end].values()) for end in ("inputs", "outputs")]
    shapes = [
        f"--input-shape={net.facts['inputs'][key]}={','.join(str(dim or 1) for dim in dims)}"
        for key, (dims, _) in net.facts["specs"].items()
    ]
    _need(
        "transform", net.path("tensorflow.pb"), "-o", inlined, *shapes, "--transforms",
        "inline_partitionedcall", "--inputs", ends[0], "--outputs", ends[1],
    )  # fmt: skip
    found: collections.Counter[str] = collections.Counter()
    unknown = set()
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(_graph_def(inlined), name="")
        for node in graph.as_graph_def().node:
            if node.op in _MAC_OPS:
                try:
                    flops = ops.get_stats_for_node_def(graph, node, "flops").value
                except ValueError:  # it does not know a shape, as behind a loop
                    flops = None
                found[node.op] += int(flops or 0) // 2
                unknown |= set() if flops else {node.op}
    return {op: count for op, count in found.items() if op not in unknown}


class Modes:
    """Converts a net in each mode, in one process of TensorFlow; a context manager."""

    def __init__(self, net: Net, limit: float) -> None:
        self._net, self._converter = net, Converter(limit)
        self._options = ModelOptions()
        self._select = not _need("compat", net.path("sm"))["builtins"]
        if self._select:  # what recurrent layers lack is a batch that is known
            one = {key: [dim or 1 for dim in dims] for key, (dims, _) in net.facts["specs"].items()}
            texts = [f"--input-shape={key}={','.join(map(str, one[key]))}" for key in one]
            self._select = not _need("compat", net.path("sm"), *texts)["builtins"]
            self._options = ModelOptions(input_shapes={key: Shape(one[key]) for key in one})

    def __enter__(self) -> Modes:
        self._converter.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._converter.__exit__(*raised)

    def judge(self, mode: str) -> Judgement:
        """Convert; the model runs and is the graph, within the tolerance of the mode.

        Where ops of TensorFlow are needed, which LiteRT lacks, it is only converted, and only in
        the modes that need not run it.
        """
        net, target = self._net, self._net.path(f"{mode}.tflite")
        if self._select and mode in _CALIBRATED:
            return Judgement(True, "-")
        model = load_model(net.path("sm"), self._options).runnable
        data = None
        if mode in _CALIBRATED:
            np.savez(net.path("samples.npz"), **_samples(net))
            data = calibration_for(
                model.graph,
                model.inputs,
                net.path("samples.npz"),
                shapes=model.input_shapes,
                signature=model.keys,
            )
        made = self._converter.convert(
            model.graph,
            model.inputs,
            model.outputs,
            ConversionOptions(quantize=mode, select_tf_ops=self._select),
            target=target,
            input_shapes=model.input_shapes,
            calibration=data,
            signatures=model.signatures,
        )
        if self._select:
            return Judgement(bool(made.flex_ops), "Select", list(made.findings))
        if made.litert.status != "ran":
            return Judgement(False, made.litert.status, list(made.findings))
        verified = verify_models(
            net.path("sm"),
            target,
            net.one,
            worker=self._converter.worker,
            litert=self._converter.litert,
        )
        ratios = [error.snr for error in made.errors if error.snr is not None]
        said = f"{min(ratios):.0f} dB" if ratios else "exact"
        said += "" if verified.equal else " verify differs"
        return Judgement(verified.equal, said, list(made.findings))


def _samples(net: Net) -> Arrays:
    """Values to calibrate with: several in a row, for each input."""
    several = [_values(net.facts["specs"], seed, 1) for seed in range(_SAMPLES)]
    return {key: np.concatenate([values[key] for values in several]) for key in several[0]}
