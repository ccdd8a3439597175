"""SavedModel: a folder with `saved_model.pb` or `.pbtxt`, variables, assets; or that file alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from graphtools.errors import Damaged, InvalidValue, UnknownName
from graphtools.formats import places
from graphtools.formats.format import Format
from graphtools.formats.metagraph import MetaGraph, looks_like_metagraph, parse_metagraph
from graphtools.formats.source import STANDARD_NAME, Source
from graphtools.formats.text import encode_text, first_text_field
from graphtools.front_end import param, step
from graphtools.schema.wire import LEN, VARINT, Buffer, fields

FILE_NAMES = ("saved_model.pb", "saved_model.pbtxt")
_SCHEMA_VERSION, _META_GRAPH = 1, 2
_TEXT_FIELDS = ("saved_model_schema_version", "meta_graphs")


class SavedModel(NamedTuple):
    """A SavedModel.

    Attributes:
        path: The file or folder it was opened by.
        encoding: `binary` or `text`.
        meta_graphs: The meta graphs, each with its tags.
        variables: Prefix of its checkpoint; empty if it has none.
        asset_files: Names of the files in its `assets` folder.
    """

    path: str
    encoding: str
    meta_graphs: tuple[MetaGraph, ...]
    variables: str
    asset_files: tuple[str, ...]
    kind: str = "SavedModel"

    def meta_graph(self, tags: Sequence[str] | None = None) -> MetaGraph:
        """The meta graph with a set of tags; without tags the only one, or the one for serving.

        Raises:
            UnknownName: No meta graph has these tags.
            InvalidValue: There are several, and none is tagged `serve` alone.
        """
        available = ", ".join("{" + ",".join(m.tags) + "}" for m in self.meta_graphs)
        if tags is not None:
            for meta in self.meta_graphs:
                if set(meta.tags) == set(tags):
                    return meta
            raise UnknownName(
                f"no meta graph with the tags {','.join(tags)} in {self.path}",
                f"it has {available}",
            )
        if len(self.meta_graphs) == 1:
            return self.meta_graphs[0]
        for meta in self.meta_graphs:
            if meta.tags == ("serve",):
                return meta
        raise InvalidValue(
            f"{self.path} has several meta graphs: {available}",
            f"choose one with {param('tags')}, or freeze it first: "
            + step("freeze", "SAVED_MODEL", output="OUT", tags="TAGS"),
        )

    def asset_paths(self, tags: Sequence[str] | None = None) -> dict[str, str]:
        """The paths of the asset files of a meta graph, by the tensors that are to hold them.

        Raises:
            UnknownName, InvalidValue: See `meta_graph`.
        """
        folder = self.path if places.is_folder(self.path) else os.path.dirname(self.path)
        folder = folder if places.is_remote(folder) else os.path.abspath(folder)
        assets = self.meta_graph(tags).assets
        return {tensor: os.path.join(folder, "assets", name) for tensor, name in assets.items()}


def _parse(source: Source, encoding: str, buffer: Buffer) -> SavedModel:
    try:
        metas = [
            parse_metagraph(source.path, encoding, buffer, field.start, field.end)
            for field in fields(buffer, 0, len(buffer))
            if field.number == _META_GRAPH and field.kind == LEN
        ]
    except Damaged as error:
        message = error.message
        where = "" if message.startswith(source.path) else f"{source.path}: "
        raise Damaged(f"{where}{message}", error.remedy) from None
    if not metas:
        raise Damaged(f"{source.path} is a SavedModel without any graph")
    if source.path == STANDARD_NAME:
        return SavedModel(source.path, encoding, tuple(metas), "", ())
    folder = os.path.dirname(source.path)
    variables = os.path.join(folder, "variables", "variables")
    assets = os.path.join(folder, "assets")
    return SavedModel(
        source.path,
        encoding,
        tuple(metas),
        variables if places.exists(f"{variables}.index") else "",
        tuple(places.names(assets)),
    )


def raw_meta_graphs(source: Source) -> list[bytes]:
    """The encoded MetaGraphDefs of the file of a SavedModel, in their order.

    Raises:
        Damaged: The file is none.
    """
    raw = encode_text(source, "SavedModel") if source.is_text else source.whole()
    found = (f for f in fields(raw, 0, len(raw)) if f.number == _META_GRAPH and f.kind == LEN)
    return [raw[f.start : f.end] for f in found]


def _recognises(source: Source) -> bool:
    if source.is_text:
        return first_text_field(source) in _TEXT_FIELDS
    try:
        for field in fields(source.buffer, 0, len(source)):
            if field.number == _SCHEMA_VERSION and field.kind == VARINT:
                continue
            return (
                field.number == _META_GRAPH
                and field.kind == LEN
                and looks_like_metagraph(source.buffer, field.start, field.end)
            )
    except Damaged:
        pass  # no message at all, or truncated within the first graph
    # a truncated file still begins with the schema version and the key of a meta graph
    return source.head[:1] == b"\x08" and source.head[2:3] == b"\x12"


def _read(source: Source) -> SavedModel:
    if source.is_text:
        raw = encode_text(source, "SavedModel")
        return _parse(source, "text", raw)
    return _parse(source, "binary", source.whole())


FORMAT = Format("SavedModel", _recognises, _read)
