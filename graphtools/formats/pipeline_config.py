"""Pipeline configurations of the Object Detection API, of any of its versions."""

from __future__ import annotations

import os
from typing import NamedTuple

from graphtools.errors import FileProblem, NothingFound, UnknownFormat
from graphtools.formats.source import STANDARD, Source, open_source
from graphtools.formats.text_tree import Tree, parse_tree

#: What the exported configurations of the API are called.
FILE_NAME = "pipeline.config"
#: Fields that training configurations begin with.
SECTIONS = frozenset(
    "model train_config train_input_reader eval_config eval_input_reader graph_rewriter".split()
)
#: First fields of other texts, with what they are and what to do.
_STRANGERS = {
    "item": ("a label map", "give it as the label map, and the pipeline.config here"),
    "node": ("a graph in text format", ""),
    "meta_info_def": ("a MetaGraph in text format", ""),
    "saved_model_schema_version": ("a SavedModel in text format", ""),
    "model_checkpoint_path": ("the state file of checkpoints", ""),
}
_REMEDY = "give the pipeline.config that the model is trained with"


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
        UnknownFormat: The file is of another kind; the message says of which.
        Damaged: It breaks the rules of the text format; line and column are named.
        FileProblem: It cannot be read.
    """
    tree = parse_tree(configuration_text(path, "a pipeline configuration", _REMEDY), path)
    if not any(tree.all(section) for section in SECTIONS):
        first = tree.fields[0].name if tree.fields else ""
        what, remedy = _STRANGERS.get(first, ("", ""))
        raise UnknownFormat(
            f"{path} is {what}, not a pipeline configuration"
            if what
            else f"{path} is no pipeline configuration: it has none of the sections "
            + ", ".join(SECTIONS),
            remedy or _REMEDY,
        )
    return pipeline_of(tree, path)


def pipeline_of(tree: Tree, path: str) -> Pipeline:
    """The parts of a configuration that was read already."""
    model = tree.tree("model") or Tree([])
    inner = next((f.name for f in reversed(model.fields) if isinstance(f.value, Tree)), "")
    return Pipeline(
        path,
        tree,
        inner,
        (model.tree(inner) if inner else None) or Tree([]),
        tree.tree("train_config") or Tree([]),
    )


def configuration_text(path: str, wanted: str, remedy: str) -> str:
    """The text of a configuration file, or an error that says what was given instead.

    Args:
        path: The file, or `-`.
        wanted: What is expected, as `a label map`.
        remedy: What to do if it is something else.

    Raises:
        NothingFound: There is no such file; or it is the prefix of a checkpoint.
        UnknownFormat: It is binary.
        FileProblem: It is a folder or cannot be read.
    """
    if path != STANDARD and os.path.isdir(path):
        inner = os.path.join(path, FILE_NAME)
        if os.path.exists(inner):
            remedy = f"give a file, as {inner}"
        raise FileProblem(f"{path} is a folder, not {wanted}", remedy)
    try:
        source = open_source(path)
    except NothingFound:
        if os.path.exists(f"{path}.index"):
            raise UnknownFormat(f"{path} is a checkpoint, not {wanted}", remedy) from None
        raise
    if not source.is_text:
        raise UnknownFormat(f"{path} is {_binary_kind(source)}, not {wanted}", remedy)
    return source.text()


def _binary_kind(source: Source) -> str:
    from graphtools.formats import FORMATS

    kinds = [f.kind for f in FORMATS.all().values() if f.recognises(source)]
    if not kinds:
        return "a binary file"
    return f"{'an' if kinds[0][0] in 'AEIOUaeiou' else 'a'} {kinds[0]}"
