"""Lines as old pages have them, pasted whole behind `graphtools`: one of each kind.

The lines are split as a shell does. Each does what the command of today does that stands beside it.
"""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from graphtools import load
from tests.commands.running import FROZEN, V2, Outcome, fixture, run

SCORES = "MobilenetV1/Predictions/Reshape_1"
GRAPH, CHECKPOINT = fixture("classifier/graph.pb"), fixture("classifier/model.ckpt")
FREEZE = f"--input_graph={GRAPH} --input_checkpoint={CHECKPOINT}"
TOOLS = "bazel-bin/tensorflow/tools/graph_transforms"
ENDS = f"--inputs=input --outputs={SCORES}"


def pasted(line: str) -> Outcome:
    return run(*shlex.split(line.replace("\\\n", " ")))


FREEZING = [
    f"bazel-bin/tensorflow/python/tools/freeze_graph {FREEZE} --input_binary \\\n"
    f"  --output_node_names {SCORES} --output_graph OUT",
    f"$ ../bazel-bin/tensorflow/python/tools/freeze_graph {FREEZE} --clear_devices \\\n"
    f"  --output_node_names='{SCORES}' --output_graph=OUT --input_binary true",
    f"python3.6 -m tensorflow.python.tools.freeze_graph {FREEZE} --output_node={SCORES} \\\n"
    "  --output_graph=OUT --alsologtostderr --model_name=mobilenet stray",
    f"python /usr/lib/python3/site-packages/tensorflow/python/tools/freeze_graph.py {FREEZE} \\\n"
    f"  --output_graph=OUT \u2013output_node_names={SCORES}",
    f"bazel run -c opt //tensorflow/python/tools:freeze_graph -- {FREEZE} \\\n"
    f"  --output_graph=OUT \u2014output_node_names=\u201c{SCORES}\u201d --input_binary=1",
    f"bazel --bazelrc=/dev/null run freeze_graph -- \\ {FREEZE.replace(' ', ' ' + chr(92) + ' ')} "
    f"\\ --output_graph=OUT \\ --output_node_names={SCORES}",
]


@pytest.mark.parametrize("line", FREEZING)
def test_freezing(line: str, tmp_path: Path) -> None:
    old, new = tmp_path / "old.pb", tmp_path / "new.pb"
    done = pasted(line.replace("OUT", str(old)))
    assert done.code == 0, done.err
    wanted = ("--checkpoint", CHECKPOINT, "--outputs", SCORES, "--clear-devices")
    assert run("freeze", GRAPH, *wanted, "-o", new).code == 0
    assert sorted(n.name for n in load(old)) == sorted(n.name for n in load(new))


TRANSFORMING = [
    f"{TOOLS}/transform_graph --in_graph={FROZEN} --out_graph=OUT {ENDS} --transforms='SPEC'",
    (
        f"bazel run tensorflow/tools/graph_transforms:transform_graph -- --in_graph={FROZEN} \\\n"
        f" --out_graph=OUT --inputs=\u201cinput:0\u201d --outputs=\u2018{SCORES}\u2019 \\\n"
        " --transforms='SPEC'"
    ),
    (f"call bazel-bin\\\\x\\\\transform_graph.exe --in_graph={FROZEN} --out_graph=OUT \\\n"
     f" --inputs=\\'input\\' --outputs=\\'{SCORES}\\' --transforms=\\'QUOTELESS\\'"),
]  # fmt: skip
SPECS = [
    'strip_unused_nodes(type=float, shape="1,32,32,3") fold_constants(ignore_errors=true)',
    "strip_unused_nodes(type=float, shape=\u201c1,32,32,3\u201d)\n"
    " fold_constants(ignoreError=False)",
]


@pytest.mark.parametrize("line", TRANSFORMING)
@pytest.mark.parametrize("spec", SPECS)
def test_transforming(line: str, spec: str, tmp_path: Path) -> None:
    old, new = tmp_path / "old.pb", tmp_path / "new.pb"
    bare = SPECS[0].replace('"', "").replace("(", "\\(").replace(")", "\\)")
    typed = line.replace("OUT", str(old)).replace("SPEC", spec).replace("QUOTELESS", bare)
    done = pasted(typed)
    assert done.code == 0, done.err
    named = ("--inputs", "input", "--outputs", SCORES, "--transforms", SPECS[0])
    assert run("transform", FROZEN, "-o", new, *named).code == 0
    assert old.read_bytes() == new.read_bytes()


@pytest.mark.parametrize(
    "line",
    [
        "python -m tensorflow.python.tools.optimize_for_inference --input IN --output OUT \\\n"
        f"  --frozen_graph --input_name=input --output_name={SCORES} --placeholder_type_enum=1",
        f"python3 optimize_for_inference.py --input IN --output OUT --frozen_graph True \\\n"
        f"  --input_names 'input' --output_names {SCORES} --v=1",
        "bazel-bin/tensorflow/python/tools/strip_unused --input_graph=IN --output_graph=OUT \\\n"
        f"  --input_binary=true --input_node_names=input --output_node_names={SCORES}",
    ],
)
def test_optimizing_and_stripping(line: str, tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    done = pasted(line.replace("IN", FROZEN, 1).replace("OUT", str(target)))
    assert done.code == 0, done.err
    assert {"input", SCORES} <= {n.name for n in load(target)}


@pytest.mark.parametrize(
    ("line", "today"),
    [
        (
            f"python ~/tf/python/tools/inspect_checkpoint.py --file_name {V2} --all_tensor_n",
            f"inspect_checkpoint --file_name={V2} --all_tensor_names",
        ),
        (
            f"sudo {TOOLS}/summarize_graph --in_graph={FROZEN} --print_structure",
            f"summarize_graph --in_graph {FROZEN} --print_structure=true",
        ),
        (
            f".\\\\saved_model_cli show --dir={fixture('saved_model/v1')} --a",
            f"saved_model_cli show --dir {fixture('saved_model/v1')} --all",
        ),
    ],
)
def test_what_is_printed(line: str, today: str) -> None:
    done = pasted(line)
    assert done.code == 0, done.err
    assert done == run(*today.split())


def test_an_ssd(tmp_path: Path) -> None:
    line = (
        "python object_detection/export_tflite_ssd_graph.py --input_type image_tensor \\\n"
        f"  -pipeline_config_path={fixture('ssd/pipeline.config')} --nouse_regular_nms \\\n"
        f"  --trained_checkpoint_prefix {CHECKPOINT.replace('classifier', 'ssd')} \\\n"
        f"  --max_detections=50 --output_directory={tmp_path} --add_postprocessing_op=true"
    )
    done = pasted(line)
    assert done.code == 0, done.err
    detections = load(tmp_path / "tflite_graph.pb")["TFLite_Detection_PostProcess"]
    assert detections.attr("max_detections") == 50


def test_toco_and_tensorboard(tmp_path: Path) -> None:
    target = tmp_path / "x.pb"
    done = pasted(
        f"bazel run --config=opt //tensorflow/lite/toco:toco -- --input_file='{FROZEN}' \\\n"
        f" --output_file={target} --output_format=TENSORFLOW_GRAPHDEF --input_array=input \\\n"
        f" --output_arrays='{SCORES}' --inference-type FLOAT --drop_control_dependency"
    )
    assert done.code == 0, done.err
    assert "input" in load(target)
    done = pasted(f"python import_pb_to_tensorboard.py --model_dir {FROZEN} --log_dir {tmp_path}")
    assert done.code == 0, done.err


def test_what_no_program_here_does() -> None:
    assert "nothing has to be built" in pasted("bazel build //tensorflow/lite/toco:toco").err
    for line in ("python train.py", "bazel run //x:y", "python -m graphtools", f"python {FROZEN}"):
        assert pasted(line).code == 2
