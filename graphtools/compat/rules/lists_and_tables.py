"""Lists of tensors, which are lowered to operators on tensors, and look-up tables."""

from __future__ import annotations

from graphtools.compat.site import BUILTIN, Judgement, Site, rule

_ITEMS = frozenset("bool float32 int16 int32 int64 int8 uint32 uint8".split())
_READ = frozenset("bool float32 int16 int32 int64 int8 uint8".split())


@rule(
    "TensorListFromTensor",
    "TensorListStack",
    "TensorListLength",
    "TensorListElementShape",
)
def list_as_tensor(site: Site) -> Judgement:
    """A list is a tensor to the converter; making one of a tensor costs nothing."""
    return BUILTIN


@rule("TensorListReserve", "EmptyTensorList")
def new_list(site: Site) -> Judgement:
    """A new list is a tensor filled with zeros, which there is not of strings."""
    kind = site.type_attr("element_dtype")
    if kind in ("string", "resource", "variant"):
        return f"element_dtype={kind}: TFLite cannot fill a tensor with it"
    return BUILTIN


@rule("TensorListSetItem", "TensorListPushBack", "TensorListResize", "TensorListConcatV2")
def change_list(site: Site) -> Judgement:
    """To set an item is to slice and to concatenate, which TFLite does for some types."""
    kind = site.type_attr("element_dtype")
    if kind and kind not in _ITEMS:
        return f"element_dtype={kind}: TFLite concatenates {', '.join(sorted(_ITEMS))}"
    return BUILTIN


@rule("TensorListGetItem", "TensorListPopBack")
def read_list(site: Site) -> Judgement:
    """To read an item is a GATHER."""
    kind = site.type_attr("element_dtype")
    if kind not in _READ:
        return f"element_dtype={kind}: TFLite gathers {', '.join(sorted(_READ))}"
    return BUILTIN


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
