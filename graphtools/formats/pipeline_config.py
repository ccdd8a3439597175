"""Pipeline configurations of the Object Detection API, of any of its versions."""

from __future__ import annotations

from typing import NamedTuple

from graphtools.errors import UnknownFormat
from graphtools.formats.text_tree import Tree, read_tree

_SECTIONS = ("model", "train_config", "train_input_reader", "eval_config", "eval_input_reader")


class Pipeline(NamedTuple):
    """A pipeline configuration.

    Attributes:
        path: Where it is.
        tree: All that it says.
        meta_architecture: `ssd`, `faster_rcnn` or another name of the field in `model`; empty if
            there is none.
        model: What stands below that field.
        train_config: The section of this name; empty if there is none.
    """

    path: str
    tree: Tree
    meta_architecture: str
    model: Tree
    train_config: Tree

    @property
    def feature_extractor(self) -> str:
        """The feature extractor's type, as `ssd_mobilenet_v1`."""
        return self.model.text("feature_extractor.type")


def read_pipeline(path: str) -> Pipeline:
    """Read a pipeline configuration.

    Raises:
        UnknownFormat: The file is a text of another kind.
        Damaged: It breaks the rules of the text format; line and column are named.
        FileProblem: It cannot be read.
    """
    tree = read_tree(path)
    if not any(tree.all(section) for section in _SECTIONS):
        raise UnknownFormat(
            f"{path} is no pipeline configuration: it has none of the sections "
            + ", ".join(_SECTIONS),
            "give the pipeline.config that the model is trained with",
        )
    model = tree.tree("model") or Tree([])
    inner = next((f for f in reversed(model.fields) if isinstance(f.value, Tree)), None)
    return Pipeline(
        path,
        tree,
        inner.name if inner else "",
        inner.value if inner and isinstance(inner.value, Tree) else Tree([]),
        tree.tree("train_config") or Tree([]),
    )
