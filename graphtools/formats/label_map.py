"""Label maps of the Object Detection API: the names of a detector's classes by their ids.

Fields and their rules: string_int_label_map.proto and label_map_util.py of the Object Detection
API. An id that is not given is 0, which is the background's.
"""

from __future__ import annotations

from typing import NamedTuple

from graphtools.errors import Damaged, UnknownFormat
from graphtools.formats.pipeline_config import configuration_text
from graphtools.formats.text_tree import Field, Symbol, Tree, parse_tree

BACKGROUND = "background"
_REMEDY = "a label map is a text of items, one a class: item { id: 1 name: 'cat' }"
_SECTIONS = {"model", "train_config", "train_input_reader", "eval_config"}


class LabelItem(NamedTuple):
    """One class.

    Attributes:
        id: Its number; 0 where none is given.
        name: Its name in the records; empty where none is given.
        display_name: Its name for people; empty where none is given.
        line: Line of the item.
        has_id: Whether an id is given.
    """

    id: int
    name: str
    display_name: str
    line: int
    has_id: bool

    @property
    def label(self) -> str:
        """A name to show."""
        return self.display_name or self.name

    @property
    def is_background(self) -> bool:
        """Whether it is the background, which is no class: the API allows id 0 for it alone."""
        return self.id == 0 and BACKGROUND in (self.name, self.display_name)


class LabelMap(NamedTuple):
    """A label map.

    Attributes:
        path: Where it is.
        items: All items in the order of the file.
    """

    path: str
    items: tuple[LabelItem, ...]

    @property
    def classes(self) -> tuple[LabelItem, ...]:
        """The items without the background."""
        return tuple(item for item in self.items if not item.is_background)

    @property
    def max_id(self) -> int:
        """The greatest id; 0 where there are no items."""
        return max((item.id for item in self.items), default=0)


def read_label_map(path: str) -> LabelMap:
    """Read a label map.

    Raises:
        UnknownFormat: The file is of another kind, as JSON or a list of names.
        Damaged: It breaks the rules of the text format or has values of the wrong type; line and
            column are named.
        FileProblem: It cannot be read.
    """
    text = configuration_text(path, "a label map", _REMEDY)
    try:
        tree = parse_tree(text, path)
    except Damaged as error:
        if _begins_with_item(text):
            raise Damaged(error.message, _REMEDY) from None
        kind = "JSON" if text.lstrip()[:1] in ("{", "[") else "a text of another kind"
        raise UnknownFormat(
            f"{path} is {kind}, not a label map ({error.message.removeprefix(f'{path}, ')})",
            _REMEDY,
        ) from None
    items = tree.all("item")
    if not items:
        names = {field.name for field in tree.fields}
        what = "a pipeline configuration, not a label map" if names & _SECTIONS else "no label map"
        raise UnknownFormat(f"{path} is {what}: it has no item", _REMEDY)
    return LabelMap(path, tuple(_item(field, path) for field in items))


def _begins_with_item(text: str) -> bool:
    """Whether the first line that is no comment begins as a label map does."""
    for line in text.splitlines():
        bare = line.strip()
        if bare and bare[0] != "#":
            return bare.startswith("item")
    return False


def _item(field: Field, path: str) -> LabelItem:
    if not isinstance(field.value, Tree):
        raise _wrong(field, path, "an item is a message: item { ... }")
    tree = field.value
    for name in ("name", "display_name"):
        for given in tree.all(name):
            if not isinstance(given.value, str) or isinstance(given.value, Symbol):
                raise _wrong(given, path, f"{name} is a text in quotes")
    for given in tree.all("id"):
        if not isinstance(given.value, int) or isinstance(given.value, bool):
            raise _wrong(given, path, "id is a whole number")
    number = tree.number("id")
    return LabelItem(
        int(number or 0),
        tree.text("name"),
        tree.text("display_name"),
        field.line,
        number is not None,
    )


def _wrong(field: Field, path: str, what: str) -> Damaged:
    return Damaged(f"{path}, line {field.line}, column {field.column}: {what}", _REMEDY)
