"""Bad input: one clear line, exit code 2, no traceback, whatever the file."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphtools
from graphtools.graph import Graph, Node
from graphtools.graph.graph import Function
from tests.analysis.graphs import function, nodes
from tests.commands.running import FROZEN, Outcome, refusal, run
from tests.support import CHECKPOINTS, FIXTURES, copy_checkpoint, damaged, flip, shared_models

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
#: Command lines that read any file, `{}` being the file.
ANY = [("summary", "{}"), ("variables", "{}", "--stats")]
#: Command lines that read a graph.
GRAPH = [
    ("nodes", "{}"),
    ("nodes", "{}", "--json"),
    ("ops", "{}"),
    ("io", "{}"),
    ("summary", "{}"),
    ("node", "{}", "x"),
    ("path", "{}", "x", "--descendants"),
    ("summarize_graph", "--in_graph={}"),
]


def call(line: tuple[str, ...], path: object) -> Outcome:
    return run(*(part.format(path) for part in line))


@pytest.mark.parametrize("line", ANY + GRAPH, ids=" ".join)
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (PNG, "is a PNG image, not a TensorFlow model"),
        (b"PK\x03\x04" + b"\0" * 30, "is a zip archive"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
        (b"hello world\n", "is a text file, not a TensorFlow model"),
        (b"\0" * 100, "no TensorFlow model that can be recognised"),
    ],
    ids=["empty", "png", "zip", "lfs", "text", "zeros"],
)
def test_what_is_no_model_is_said_to_be_none(
    line: tuple[str, ...], content: bytes, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "model.pb"
    file.write_bytes(content)
    done = call(line, file)
    message = refusal(done)
    assert says in message
    assert str(file) in message
    assert not done.out


@pytest.mark.parametrize("line", ANY + GRAPH, ids=" ".join)
def test_a_folder_without_a_model_is_said_to_have_none(
    line: tuple[str, ...], tmp_path: Path
) -> None:
    assert "holds neither a SavedModel (saved_model.pb)" in refusal(call(line, tmp_path))


@pytest.mark.parametrize("line", ANY + GRAPH, ids=" ".join)
def test_what_is_not_there_is_answered_with_what_lies_beside(
    line: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "frozen.pb").write_bytes(b"x")
    message = refusal(call(line, tmp_path / "frozn.pb"))
    assert "frozn.pb does not exist" in message
    assert "frozen.pb" in message.splitlines()[1]


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="needs permissions that can be refused"
)
@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_must_not_be_read_is_said(what: str, tmp_path: Path) -> None:
    file = tmp_path / "folder" / "frozen.pb"
    file.parent.mkdir()
    shutil.copy(FROZEN, file)
    refused = file if what == "file" else file.parent
    refused.chmod(0)
    try:
        refusal(run("summary", file))
        refusal(run("summary", refused))
    finally:
        refused.chmod(0o700)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.999])
def test_a_truncated_graph_is_damaged_and_the_place_is_named(share: float, tmp_path: Path) -> None:
    raw = Path(FROZEN).read_bytes()
    file = tmp_path / "cut.pb"
    file.write_bytes(raw[: int(len(raw) * share)])
    for line in ANY + GRAPH:
        assert "cut.pb" in refusal(call(line, file))


def bad_graphs() -> dict[str, tuple[list[Node], list[Function], str]]:
    """By what is wrong: nodes, functions, and what has to be said."""
    x = "x Placeholder"
    return {
        "dangling": (nodes(x, "a Relu gone"), [], "node 'a' reads 'gone', which is not in the"),
        "empty-input": (nodes(x, "a Relu "), [], "node 'a' reads ''"),
        "duplicate": (nodes(x, "a Relu x", "a Relu x"), [], "several nodes have the name 'a'"),
        "cycle": (nodes(x, "a Relu b", "b Relu a"), [], "a cycle that is not a loop"),
        "self": (nodes(x, "a Relu a"), [], "a cycle that is not a loop: a -> a"),
        "blank": ([*nodes(x), Node("a b", "Relu", ("x",))], [], "the name 'a b'"),
        "order": (nodes(x, "a Relu ^x x"), [], "the input 'x' behind a control input"),
        "no-op": ([*nodes(x), Node("a", "")], [], "node 'a' has no op"),
        "function": (
            nodes(x, "a F x"),
            [function("F", ["p"], "y:y:0", "y Relu gone")],
            "node 'y' in function 'F' reads 'gone'",
        ),
    }


@pytest.mark.parametrize("line", GRAPH, ids=" ".join)
@pytest.mark.parametrize("kind", bad_graphs())
def test_what_tensorflow_refuses_is_shown_but_not_as_if_it_were_sound(
    line: tuple[str, ...], kind: str, tmp_path: Path
) -> None:
    made, functions, says = bad_graphs()[kind]
    file = tmp_path / "graph.pb"
    graphtools.save(Graph(made, functions=functions), file)
    done = call(line, file)
    assert says in refusal(done)
    assert done.out, "what the file says is shown all the same"


@pytest.mark.parametrize("line", [("variables", "{}"), ("variables", "{}", "--value", "c")])
def test_the_variables_of_an_unsound_graph_are_not_listed_as_sound(
    line: tuple[str, ...], tmp_path: Path
) -> None:
    from tests.analysis.graphs import const, graph

    file = tmp_path / "graph.pb"
    graphtools.save(graph(const("c", [1.0]), "a Relu gone"), file)
    assert "reads 'gone'" in refusal(call(line, file))


def test_a_length_that_lies_takes_no_memory(tmp_path: Path) -> None:
    for raw in (
        b"\x0a\xff\xff\xff\xff\x7f" + b"x" * 20,
        Path(FROZEN).read_bytes()[:200] + b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    ):
        file = tmp_path / "lies.pb"
        file.write_bytes(raw)
        refusal(run("summary", file))


DATA = "model.ckpt.data-00000-of-00001"


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A copy of a checkpoint, to be damaged."""
    return copy_checkpoint("checkpoints/v2/model.ckpt", tmp_path)


@pytest.mark.parametrize(
    "line",
    [("variables", "{}", "--stats"), ("variables", "{}", "--value", "layer1/biases"),
     ("inspect_checkpoint", "--file_name={}", "--all_tensors")],
    ids=" ".join,
)  # fmt: skip
def test_the_tensor_whose_bytes_are_damaged_is_named(
    line: tuple[str, ...], checkpoint: Path
) -> None:
    flip(Path(f"{checkpoint}.data-00000-of-00001"), 10)
    message = refusal(call(line, checkpoint))
    assert "checksum of tensor 'layer1/biases' does not match" in message
    assert DATA in message


def test_tensors_that_are_not_damaged_are_read_all_the_same(checkpoint: Path) -> None:
    flip(Path(f"{checkpoint}.data-00000-of-00001"), 10)
    done = run("variables", checkpoint, "--stats", "--json")
    found = {v["name"]: v["statistics"] for v in json.loads(done.out)["variables"]}
    assert [name for name, statistics in found.items() if statistics is None] == ["layer1/biases"]
    assert run("variables", checkpoint, "--value", "global_step").code == 0


def test_missing_data_is_said_and_the_names_are_listed(checkpoint: Path) -> None:
    Path(f"{checkpoint}.data-00000-of-00001").unlink()
    done = run("variables", checkpoint)
    assert done.code == 0
    assert f"{DATA} is not there" in done.err
    assert DATA in refusal(run("variables", checkpoint, "--stats"))
    assert DATA in refusal(run("variables", checkpoint, "--value", "global_step"))


def test_truncated_data_is_said_with_what_is_lost(checkpoint: Path) -> None:
    data = Path(f"{checkpoint}.data-00000-of-00001")
    data.write_bytes(data.read_bytes()[:100])
    for line in (("summary",), ("variables",), ("variables", "--stats")):
        message = refusal(run(line[0], checkpoint, *line[1:]))
        assert f"{DATA} is truncated: it has 100 bytes, 212 are needed" in message


def test_a_damaged_index_is_said(checkpoint: Path) -> None:
    flip(Path(f"{checkpoint}.index"), 20)
    for line in (("summary",), ("variables",)):
        assert "checksum of the block 0 does not match" in refusal(run(line[0], checkpoint))


def test_the_corrupt_shared_files_are_refused_where_tensorflow_refuses_them() -> None:
    folder = shared_models() / "misc" / "corrupt"
    verdicts = json.loads((folder / "TF115_BEHAVIOUR.json").read_text())["tf115"]
    for name, verdict in verdicts.items():
        file = folder / (name if name.endswith(".pb") else f"{name}.index")
        if not file.exists():
            continue
        done = run("variables", file, "--stats")
        if verdict.startswith("OK"):
            assert done.code == 0, name
        else:
            assert done.code == 2, (name, verdict)
            refusal(done)
        if "Checksum does not match" in verdict:
            assert "of tensor '" in done.err, name


def small_fixtures() -> dict[str, tuple[bytes, str, dict[str, bytes]]]:
    """By name: the bytes to be damaged, the name of the file, and the files beside it."""
    found: dict[str, tuple[bytes, str, dict[str, bytes]]] = {}
    for name in (
        "classifier/frozen.pb",
        "control_flow/functional/frozen.pb",
        "misc/attributes/graph.pb",
        "const_dtypes/graph.pb",
        "classifier/frozen.pbtxt",
        "checkpoints/v2/model.ckpt.meta",
        "saved_model/v1/saved_model.pb",
        "saved_model/v2/saved_model.pb",
        "checkpoints/v1/model.ckpt",
        "checkpoints/v1_compressed/model.ckpt",
        "quant/model.tflite",
    ):
        file = FIXTURES / name
        found[name] = (file.read_bytes(), file.name, {})
    for name in ("checkpoints/v2/model.ckpt", "checkpoints/object_based/ckpt-1"):
        index, data = (
            Path(f"{FIXTURES / name}.index"),
            Path(f"{FIXTURES / name}.data-00000-of-00001"),
        )
        found[f"{name}.index"] = (index.read_bytes(), index.name, {data.name: data.read_bytes()})
        found[f"{name}.data"] = (data.read_bytes(), data.name, {index.name: index.read_bytes()})
    return found


SMALL = small_fixtures()


@pytest.mark.parametrize("name", SMALL)
@settings(max_examples=60)
@given(data=st.data())
@pytest.mark.slow
def test_no_damage_ends_in_a_traceback(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    raw, file_name, beside = SMALL[name]
    folder = tmp_path_factory.getbasetemp() / "damaged"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    file = folder / file_name
    file.write_bytes(data.draw(damaged(raw)))
    for other, content in beside.items():
        (folder / other).write_bytes(content)
    for args in (["summary"], ["nodes"], ["variables", "--stats"], ["io"]):
        done = run(args[0], file, *args[1:])  # raises what is no SystemExit
        assert done.code in (0, 2)
        if done.code == 2:
            assert any(line.startswith("error: ") for line in done.err.splitlines())
        for line in done.out.splitlines():
            assert line.isprintable() or "\t" in line


def test_checkpoints_of_the_fixtures_are_sound() -> None:
    for name in CHECKPOINTS:
        assert run("variables", FIXTURES / name, "--stats").code == 0


def test_an_output_file_is_left_as_it_was_if_it_cannot_be_written_anew(checkpoint: Path) -> None:
    target = checkpoint.parent / "weights.npy"
    np.save(target, np.zeros(3))
    before = target.read_bytes()
    flip(Path(f"{checkpoint}.data-00000-of-00001"), 10)
    refusal(run("variables", checkpoint, "--value", "layer1/biases", "-o", target))
    assert target.read_bytes() == before
    assert sorted(p.name for p in checkpoint.parent.iterdir() if p.name.startswith(".")) == []
