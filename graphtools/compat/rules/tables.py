"""Look-up tables."""

from __future__ import annotations

from graphtools.compat.judgement import BUILTIN, Judgement
from graphtools.compat.site import Site, rule


@rule("HashTable", "HashTableV2", "AnonymousHashTable")
def hash_table(site: Site) -> Judgement:
    """TFLite's tables lead from string to int64 or back."""
    if site.node.op == "HashTable":
        return None
    return _pair(site.type_attr("key_dtype"), site.type_attr("value_dtype"))


@rule("LookupTableFindV2", "LookupTableImportV2", "InitializeTableV2", "LookupTableSizeV2")
def look_up(site: Site) -> Judgement:
    """What is done with a table that TFLite has, it does."""
    if site.node.op == "InitializeTableV2":
        return None
    maker = site.maker(0)
    if maker is None or maker.node.op != "HashTableV2":
        return f"TFLite has {site.node.op} of a HashTableV2 only"
    kinds = [maker.dtype_attr("key_dtype"), maker.dtype_attr("value_dtype")]
    return _pair(*(k.base.name if k else "" for k in kinds))


def _pair(key: str, value: str) -> Judgement:
    if (key, value) in (("string", "int64"), ("int64", "string")):
        return BUILTIN
    return f"key_dtype={key}, value_dtype={value}: TFLite's tables are string to int64 or back"
