"""GT940-GT949: what a TFLite model says of itself."""

from __future__ import annotations

from typing import Any

from graphtools.formats import open_model
from graphtools.formats.tflite.metadata import METADATA, archive_of, encode_metadata
from graphtools.formats.tflite.model import TFLiteModel
from graphtools.formats.tflite.tree import read_tree, write_tree
from tests.lint.tflite_models import Op, Spec, TFLiteCase, model

IMAGE: dict[str, Any] = {
    "name": "image",
    "content": {
        "content_properties_type": "ImageProperties",
        "content_properties": {"color_space": "RGB"},
    },
    "process_units": [
        {"options_type": "NormalizationOptions", "options": {"mean": [127.5], "std": [127.5]}}
    ],
}
LABELLED = {"name": "scores", "associated_files": [{"name": "labels.txt"}]}
F = Spec("float32", [1, 8, 8, 3])
BARE = model({"x": F, "y": F}, [Op("RELU", ["x"], ["y"])])


def described(
    inputs: list[dict[str, Any]], outputs: list[dict[str, Any]], files: dict[str, bytes]
) -> TFLiteModel:
    graph = {"input_tensor_metadata": inputs, "output_tensor_metadata": outputs}
    tree = read_tree(BARE)
    raw = encode_metadata({"name": "m", "subgraph_metadata": [graph]})
    tree["metadata"] = [{"name": METADATA, "buffer": len(tree["buffers"])}]
    tree["buffers"].append({"data": raw})
    content = write_tree(tree)
    made = open_model(content + (archive_of(files, len(content)) if files else b""))
    assert isinstance(made, TFLiteModel)
    return made


PLAIN = {key: value for key, value in IMAGE.items() if key != "process_units"}
GOOD = described([IMAGE], [LABELLED], {"labels.txt": b"cat\ndog\n"})
CASES = [
    TFLiteCase("GT941", BARE, GOOD, "", says="no metadata"),
    TFLiteCase("GT942", described([IMAGE, IMAGE], [], {}), GOOD, "", says="2 inputs"),
    TFLiteCase("GT943", described([IMAGE], [LABELLED], {}), GOOD, "", says="'labels.txt'"),
    TFLiteCase("GT944", described([PLAIN], [], {}), GOOD, "x", says="no normalization"),
]
