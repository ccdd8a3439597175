from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from graphtools import save
from tests.commands.running import FROZEN, fixture, refusal, run, run_json
from tests.transforms.graphs import graph

NET = """
x = Placeholder dtype=float shape=[1,4]
w = Const value=float:[[1,2],[0.5,-1],[-1.5,1],[1,1]]
m = MatMul(x, w) T=float transpose_a=false transpose_b=false
y = Relu(m) T=float
"""
QUANT = fixture("quant/frozen.pb")
SSD = fixture("ssd/tflite_graph.pb")


@pytest.fixture
def net(tmp_path: Path) -> Path:
    """A file with a small graph."""
    save(graph(NET), tmp_path / "net.pb")
    return tmp_path / "net.pb"


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("one_child")
def test_a_model_is_written_and_described(net: Path) -> None:
    target = net.with_suffix(".tflite")
    done = run("convert", net, "-o", target)
    assert done.code == 0, done.err
    assert "loads and runs" in done.out
    assert "1 FULLY_CONNECTED" in done.out
    assert "inputs of" in done.err
    page = target.with_suffix(".html")
    shown = json.loads(run("convert", net, "-o", target, "--report", page, "--json").out)
    assert "<h2>Before and after</h2>" in page.read_text(encoding="utf-8")
    assert shown["outputs"][0]["name"] == "y"
    assert shown["litert"] == {"status": "ran", "message": ""}
    assert target.stat().st_size == shown["size"]


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("tf", "litert")
def test_several_models_share_the_worker_and_one_may_fail(net: Path, tmp_path: Path) -> None:
    save(graph(NET.replace("Relu", "Erf")), tmp_path / "erf.pb")
    folder = tmp_path / "models"
    folder.mkdir()
    graphs = [fixture("classifier/graph.pb"), FROZEN, tmp_path / "erf.pb", net, QUANT]
    checkpoint = fixture("classifier/model.ckpt")
    done = run("convert", *graphs, "-o", folder, "--checkpoint", checkpoint)
    assert done.code == 2
    assert sorted(os.listdir(folder)) == [
        "classifier_frozen.tflite",
        "graph.tflite",
        "net.tflite",
        "quant_frozen.tflite",
    ]
    assert "(3 of 5)" in done.err
    assert "erf.pb: the graph does not convert because of 'y' (Erf)" in done.err
    assert "Traceback" not in done.out + done.err
    table = next(line for line in done.lines if line.strip().startswith("y "))
    assert "flex" in table
    named = run("convert", net, FROZEN, "-o", tmp_path / "{name}-float.tflite", "--json")
    assert named.code == 0, named.err
    assert json.loads(named.out)["failures"] == []
    assert [Path(m["target"]).name for m in json.loads(named.out)["conversions"]] == [
        "net-float.tflite",
        "frozen-float.tflite",
    ]


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.parametrize(
    "source",
    [
        ["classifier/model.ckpt.meta"],
        ["classifier/graph.pb", "--checkpoint", fixture("classifier/model.ckpt")],
        ["saved_model/v2"],
        ["saved_model/v2", "--signature", "serving_default"],
        ["classifier/frozen.pbtxt"],
    ],
    ids=lambda source: " ".join(map(os.path.basename, source)),
)
@pytest.mark.usefixtures("one_child")
def test_every_source_converts(source: list[str], tmp_path: Path) -> None:
    target = tmp_path / "m.tflite"
    done = run("convert", fixture(source[0]), *source[1:], "-o", target)
    assert done.code == 0, done.err
    assert target.exists()


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("one_child")
def test_quantizing_tells_the_error(net: Path, tmp_path: Path) -> None:
    data = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    np.savez(tmp_path / "data.npz", x=data)
    target = tmp_path / "m.tflite"
    options = ["--quantize", "int8", "--calibrate", tmp_path / "data.npz", "--input-type", "int8"]
    done = run("convert", net, "-o", target, *options)
    assert done.code == 0, done.err
    assert "Error against the float graph (6 samples of" in done.out
    assert "dB" in done.out
    trained = run("convert", QUANT, "-o", target, "--quantize", "qat")
    assert trained.code == 0, trained.err
    assert "uint8" in trained.out


@pytest.mark.tensorflow
@pytest.mark.litert
@pytest.mark.usefixtures("one_child")
def test_names_of_a_signature_do_for_data_and_stay(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", features=np.random.default_rng(0).normal(size=(6, 4)))
    target = tmp_path / "m.tflite"
    options = ["--quantize", "int8", "--calibrate", tmp_path / "data.npz"]
    done = run("convert", fixture("saved_model/v2"), "-o", target, *options)
    assert done.code == 0, done.err
    shown = run("summary", target).out
    assert "serving_default" in shown
    assert "features" in shown


@pytest.mark.tensorflow
@pytest.mark.usefixtures("one_child")
def test_a_finding_exits_with_1(net: Path, tmp_path: Path) -> None:
    done = run("convert", net, "-o", tmp_path / "m.tflite", "--quantize", "dynamic")
    assert done.code == 1
    assert "This is not what was asked for" in done.out
    assert "no weights were quantized" in done.out


@pytest.mark.tensorflow
@pytest.mark.usefixtures("one_child")
def test_blocking_nodes_are_json_too(tmp_path: Path) -> None:
    target = tmp_path / "m.tflite"
    done = run("convert", SSD, "-o", target, "--json")
    assert done.code == 2
    (blocker,) = json.loads(done.out)["blockers"]
    assert (blocker["node"], blocker["kind"]) == ("TFLite_Detection_PostProcess", "custom")
    assert not target.exists()


@pytest.mark.tensorflow
@pytest.mark.usefixtures("one_child")
def test_what_is_in_the_way_of_the_target_stays(net: Path, tmp_path: Path) -> None:
    target = tmp_path / "m.tflite"
    target.write_bytes(b"before")
    assert run("convert", net, "-o", target, "--inputs", "gone").code == 2
    assert target.read_bytes() == b"before"
    ends = ["--inputs", "x", "--outputs", "y"]
    message = refusal(run("convert", net, "-o", tmp_path / "no" / "m.tflite", *ends))
    assert "cannot be written" in message


def test_where_nothing_can_be_written_is_said_before_the_conversion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ("--report", tmp_path / "no" / "page.html")
    message = refusal(run("convert", FROZEN, "-o", tmp_path / "m.tflite", *page))
    assert "page.html cannot be written: there is no folder" in message
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    message = refusal(run("convert", FROZEN, "-o", tmp_path / "m.tflite"))
    assert "not yours to write to" in message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--quantize", "dummy", "--default-ranges", "6,0"], "--default-ranges 6,0"),
        (["--quantize", "dummy", "--default-ranges", "6"], "is not min,max"),
        (["--quantize", "qat", "--input-stats", "input=1"], "is not NAME=mean,std"),
        (["--quantize", "qat", "--input-stats", "input=128,0"], "above 0"),
        (["--input-type", "uint8"], "does not go with --quantize none"),
        (["--quantize", "int8"], "there is none"),
        (["--quantize", "int8", "--calibrate", "/gone.npz"], "gone.npz"),
        (["--quantize", "qat"], "no FakeQuant nodes"),
        (["--outputs", "gone"], "gone"),
        (["--input-shape", "input=0,32,32,3"], "no element"),
        (["--signature", "gone"], "gone"),
    ],
)
def test_what_cannot_be_is_one_line(tmp_path: Path, options: list[str], message: str) -> None:
    done = run("convert", FROZEN, "-o", tmp_path / "m.tflite", *options)
    notes = [line for line in done.err.splitlines() if not line.startswith("note:")]
    assert message in refusal(done._replace(err="\n".join(notes)))


def test_an_unfrozen_graph_needs_its_checkpoint(tmp_path: Path) -> None:
    done = run("convert", fixture("classifier/graph.pb"), "-o", tmp_path / "m.tflite")
    assert "--checkpoint" in refusal(done)


def test_models_of_the_same_name_get_others(tmp_path: Path) -> None:
    for name in ("a/net.pb", "b/net.pb", "b/net.pbtxt", "c.pb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    files = [tmp_path / name for name in ("a/net.pb", "b/net.pb", "b/net.pbtxt", "c.pb")]
    done = run("convert", *files, "-o", tmp_path / "{name}.tflite")
    assert done.code == 2  # they are empty
    targets = [line.split(" -> ")[1].split()[0] for line in done.err.splitlines() if "->" in line]
    assert [Path(t).name for t in targets] == [
        "a_net.tflite",
        "b_net_1.tflite",
        "b_net_2.tflite",
        "c.tflite",
    ]


def test_two_models_cannot_go_to_one_place(tmp_path: Path) -> None:
    assert "several models would go to" in refusal(
        run("convert", FROZEN, QUANT, "-o", tmp_path / "m.tflite")
    )


@pytest.mark.parametrize(
    "name", ["checkpoints/v2_sharded/model.ckpt", "quant/model.tflite", "gone.pb"]
)
def test_other_files_are_refused(name: str, tmp_path: Path) -> None:
    refusal(run("convert", fixture(name), "-o", tmp_path / "m.tflite"))


def test_the_ending_says_what_is_written(tmp_path: Path) -> None:
    target = tmp_path / "x.pbtxt"
    done = run("convert", fixture("classifier/frozen.pb"), "-o", target)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{target}: GraphDef, text")
    told = run_json("convert", target, "-o", tmp_path / "y.pb")["changed"]
    assert [(c["kind"], c["encoding"]) for c in told] == [("GraphDef", "binary")]
    assert run("convert", target, "--to", "pb", "-o", tmp_path / "graph").code == 0


@pytest.mark.parametrize(
    ("ending", "says"),
    [
        (".h5", "graphtools variables FILE -o weights.npz"),
        (".mlmodel", "Core ML"),
        (".xyz", "ends in .tflite"),
    ],
)
def test_what_is_not_written_here_is_refused_with_what_does_it(
    ending: str, says: str, tmp_path: Path
) -> None:
    target = tmp_path / f"x{ending}"
    done = run("convert", fixture("classifier/frozen.pb"), "-o", target)
    assert says in refusal(done)
    assert not target.exists()


def test_options_of_a_conversion_are_not_taken_for_a_change_of_form(tmp_path: Path) -> None:
    done = run(
        "convert", fixture("classifier/frozen.pb"), "-o", tmp_path / "x.pbtxt", "--quantize", "int8"
    )
    assert done.code == 2
    assert "--quantize is for .tflite models" in done.err
