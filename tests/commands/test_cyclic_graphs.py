"""No command goes round for ever, whatever circles a file holds: each ends within seconds."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest

from graphtools import save
from graphtools.cli import main
from graphtools.graph import Graph
from tests.commands.running import FROZEN, run
from tests.transforms.graphs import function, graph

#: Seconds for one command; each takes a fraction of one.
LIMIT = 20
X = "x = Placeholder dtype=float shape=[1,4]\n"
END = "\ny = Relu(a) T=float"
LOOP = """
    enter = Enter(x) T=float frame_name="w" is_constant=false parallel_iterations=1
    merge = Merge(enter, next) T=float N=2 {stored}
    go = Placeholder dtype=bool shape=[]
    cond = LoopCond(go)
    switch = Switch(merge, cond) T=float
    body = {op}(switch:1) T=float
    next = NextIteration(body) T=float
    a = Exit(switch) T=float
"""
BODY = function("cyclic", "p float", "q float = s:y:0", "r = Erf(s:y:0)\ns = Identity(r:y:0)")
ITSELF = function("again", "p float", "q float = c:q:0", "c = again(p)")
IN_LOOP = function("loop", "p float", "q float = w:output:0", "w = While(w:output:0, p) body=@loop")

GRAPHS: dict[str, Graph] = {
    "two nodes": graph(f"{X}a = Erf(b) T=float\nb = Identity(a) T=float{END}"),
    "a node with itself": graph(f"{X}a = Identity(a) T=float{END}"),
    "a sum with itself": graph(f"{X}a = AddV2(x, a) T=float{END}"),
    "batch norm": graph(
        f"{X}a = Mul(b, c) T=float\nb = Identity(a) T=float\nc = Identity(a) T=float{END}"
    ),
    "handing on": graph(
        f"{X}a = Identity(b) T=float\nb = StopGradient(c) T=float\nc = Snapshot(a) T=float{END}"
    ),
    "several outputs": graph(f"{X}n = IdentityN(a, x)\na = Identity(n:0) T=float{END}"),
    "reshapes": graph(
        f"{X}a = Reshape(b, b) T=float\nb = Squeeze(c) T=float\nc = ExpandDims(a, a) T=float{END}"
    ),
    "fake quants": graph(
        f"{X}a = FakeQuantWithMinMaxVars(b, m, m)\nm = Identity(a) T=float\n"
        f"b = ConcatV2(a, a, m) T=float N=2{END}"
    ),
    "control edges": graph(f"{X}a = Relu(x, ^b) T=float\nb = NoOp(^a){END}"),
    "a control edge to itself": graph(f"{X}a = Relu(x, ^a) T=float{END}"),
    "v1 frames": graph(
        f"{X}a = Exit(b) T=float\nb = Switch(c, c) T=float\nc = Enter(a) T=float{END}"
    ),
    "loop": graph(X + LOOP.format(op="Relu", stored="") + END),
    "loop of an unknown op": graph(
        X + LOOP.format(op="Unknown", stored="_output_shapes={[1,4], []}") + END
    ),
    "loop of a concatenation": graph(
        X + LOOP.format(op="ConcatV2", stored="_output_shapes={[?,4], []}") + END
    ),
    "Merges only": graph(f"{X}a = Merge(b, x) T=float N=2\nb = NextIteration(a) T=float{END}"),
    "lists": graph(
        f"{X}a = TensorListSetItem(b, x, x)\nb = TensorListPushBack(a, x)\n"
        f"c = TensorListStack(b, x) element_dtype=float\ny = Relu(c) T=float"
    ),
    "variables": graph(
        f"{X}v = VarHandleOp dtype=float shape=[4]\na = Identity(b) T=float\n"
        f"b = ReadVariableOp(c) dtype=float\nc = Identity(b) T=resource{END}"
    ),
    "body of a function": graph(f"{X}a = PartitionedCall(x) f=@cyclic{END}", [BODY]),
    "a function that calls itself": graph(f"{X}a = again(x){END}", [ITSELF]),
    "a loop that is its own body": graph(f"{X}a = While(x) body=@loop cond=@loop{END}", [IN_LOOP]),
    "inputs that are not there": graph(f"{X}a = Erf T=float\nb = MatMul(a) T=float{END}"),
    "a conditional without inputs": graph(f"{X}a = Switch T=float\nb = Merge T=float{END}"),
}
#: Command lines that read a graph, `{}` being the file and `{out}` a file to write.
LINES = """
    summary {}
    io {}
    shapes {}
    size {}
    nodes {}
    ops {}
    node {} y
    lint {}
    lint {} --target edgetpu
    lint {} --fix --unsafe-fixes --diff
    compat {} --inputs x --outputs y
    report {} -o {out}
    draw {} -o {out}.svg
    tensorboard {} {out}.logs
    import_pb_to_tensorboard --model_dir={} --log_dir={out}.logs
    path {} x y
    path {} y --ancestors
    diff {} {frozen}
    diff {frozen} {}
    diff {} {}
    variables {}
    signatures {}
    freeze {} -o {out} --outputs y
    freeze {} -o {out} --outputs y --inference
    quantize-eval {} -o {out} --inputs x --outputs y
    quantize-ranges {} -o {out} --inputs x --outputs y --calibrate nothing.npy
    quantize-training {} -o {out}.meta
    strip {} -o {out} --inputs x --outputs y
    extract {} -o {out} --from x --to y
    saved-model {} -o {out}.saved --inputs x=x:0 --outputs y=y:0
    join {} {} -o {out} --connect y=x
    edit-checkpoint {frozen} -o {out}.ckpt --for-model {}
    optimize {} -o {out} --inputs x --outputs y
    export-ssd {} -o {out}
    restore-plan {frozen} --model {}
    summarize_graph --in_graph={}
    strip_unused --input_graph={} --output_graph={out} --input_node_names=x --output_node_names=y
    optimize_for_inference --input={} --output={out} --input_names=x --output_names=y
    transform_graph --in_graph={} --out_graph={out} --inputs=x --outputs=y --transforms=fold_constants
""".strip().splitlines()  # noqa: E501
#: Commands that read no graph, or give it to TensorFlow, LiteRT or a server.
OTHERS = {
    "bench", "bisect", "check-config", "convert", "edit-tflite", "explain",
    "export_tflite_ssd_graph",
    "freeze_graph", "help", "inspect_checkpoint", "op", "probe-converter", "rule", "run",
    "saved_model_cli", "tflite_convert", "toco", "transforms", "verify", "view",
}  # fmt: skip
TRANSFORMS = [
    "add_default_ranges(min=0,max=6)", "backport_tensor_array_v3", "change_concat_input_ranges",
    "fake_quantize_training", "quantize_eval", "quantize_training",
    "flatten_atrous_conv", "fold_batch_norms", "fold_constants",
    "fold_old_batch_norms", "hoist_fake_quants", "inline_partitionedcall", "merge_duplicate_nodes",
    "quantize_nodes", "quantize_weights(minimum_size=1)", "remove_assertions",
    "remove_control_dependencies", "remove_dropout", "remove_ema", "remove_nodes(op=Identity)",
    "reorder_across_fake_quant", "sort_by_execution_order", "sparsify_gather",
    "strip_unused_nodes", "to_nhwc",
]  # fmt: skip


@contextmanager
def time_limit(what: str) -> Iterator[None]:
    def end(*_: object) -> None:
        raise TimeoutError(f"{what}: not done after {LIMIT} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(LIMIT)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def check(line: str, file: Path, out: Path) -> None:
    words = [
        word.replace("{out}", str(out)).replace("{frozen}", FROZEN).replace("{}", str(file))
        for word in line.split()
    ]
    with time_limit(line):
        done = run(*words)
    assert done.code in (0, 1, 2), done
    assert "Traceback" not in done.out + done.err
    assert done.code != 2 or (done.err and "usage:" not in done.err), done


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.slow
def test_every_command_ends(name: str, tmp_path: Path) -> None:
    file = tmp_path / "cyclic.pb"
    save(GRAPHS[name], file)
    for line in LINES:
        check(line, file, tmp_path / "out.pb")


@pytest.mark.parametrize("name", GRAPHS)
def test_every_transform_ends(name: str, tmp_path: Path) -> None:
    file = tmp_path / "cyclic.pb"
    save(GRAPHS[name], file)
    for transform in TRANSFORMS:
        line = f"transform {{}} -o {{out}} --inputs x --outputs y --transforms {transform}"
        check(line, file, tmp_path / "out.pb")


def test_no_command_that_reads_a_graph_is_left_out() -> None:
    tried = {line.split()[0] for line in LINES} | {"transform"}
    assert tried | OTHERS == set(main.list_commands(click.Context(main)))
    assert not tried & OTHERS


UNREADABLE = {
    "cycle": GRAPHS["two nodes"],
    "input": graph(f"{X}a = Identity T=float{END}"),
    "input, but a control edge": graph(f"{X}a = Identity(^x) T=float{END}"),
}


@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize(
    "line",
    [
        "summary {}",
        "io {}",
        "shapes {}",
        "size {}",
        "lint {}",
        "compat {} --outputs y",
        "report {} -o {out}",
    ],
)
def test_what_tensorflow_cannot_import_is_told_in_a_line(
    name: str, line: str, tmp_path: Path
) -> None:
    file, out = tmp_path / "cyclic.pb", tmp_path / "out.html"
    save(UNREADABLE[name], file)
    done = run(*line.replace("{out}", str(out)).replace("{}", str(file)).split())
    assert done.code == 2
    (told,) = [told for told in done.err.splitlines() if told.startswith("error: ")]
    assert ("a cycle that is not a loop" if name == "cycle" else "takes one input") in told
    assert out.exists() == line.startswith("report")


def test_lint_applies_the_rules_for_the_file_alone_where_the_rest_cannot_be_looked_at(
    tmp_path: Path,
) -> None:
    file = tmp_path / "cyclic.pb"
    save(graph(f"{X}a = Identity T=float\nb = Erf(a) T=float\ny = Relu(b) T=float"), file)
    done = run("lint", file)
    assert "[GT115 input-count]" in done.out
    assert "GT302" not in done.out
    assert "only the rules GT1 were applied" in done.err
