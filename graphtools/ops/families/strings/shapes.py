"""Shapes of ops on texts."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    SCALAR,
    Contradiction,
    Dims,
    broadcast,
    concatenate,
    merge,
    show,
    with_rank,
    with_rank_at_least,
)
from graphtools.ops.families._outputs import check_ranks, like_input

# One result for each text.
shape_function(
    "AsString", "DecodeBase64", "EncodeBase64", "StaticRegexFullMatch", "StaticRegexReplace",
    "StringLength", "StringLower", "StringStrip", "StringToHashBucket", "StringToHashBucketFast",
    "StringToHashBucketStrong", "StringToNumber", "StringUpper", "UnicodeScript",
    "UnicodeTranscode", "_TensorToHashBucketFast", "DecodeCompressed", "ReinterpretStringToFloat",
)(like_input(0))  # fmt: skip


@shape_function("RegexReplace", "RegexFullMatch")
def regex(call: Call) -> Dims:
    """One result for each text; pattern and replacement are scalars."""
    for position in range(1, 3 if call.node.op == "RegexReplace" else 2):
        with_rank(call.input(position), 0)
    return call.input(0)


@shape_function("StringJoin")
def join(call: Call) -> Dims:
    """Texts of one shape are joined; scalars are joined with each of them."""
    found: Dims = ()
    for dims in call.inputs:
        if dims is None:
            # it is a scalar or has the shape of the others
            found = found if found else None
        elif dims != ():
            found = merge(found, dims) if found != () else dims
    return found


@shape_function("StringFormat")
def string_format(call: Call) -> Dims:
    """A scalar."""
    template = call.text_attr("template")
    placeholder = call.text_attr("placeholder")
    if placeholder and template.count(placeholder) != len(call.inputs):
        raise Contradiction(f"{len(call.inputs)} inputs are not one for each place of the template")
    return SCALAR


@shape_function("StringSplit")
def split(call: Call) -> list[Dims]:
    """A sparse matrix: positions, texts, extents."""
    check_ranks(call, 1, 0)
    return [(None, 2), (None,), (2,)]


@shape_function("StringSplitV2")
def split_v2(call: Call) -> list[Dims]:
    """A sparse matrix: positions, texts, extents."""
    check_ranks(call, 1, 0)
    return [(None, 2), (None,), (2,)]


@shape_function("StringNGrams")
def ngrams(call: Call) -> list[Dims]:
    """A vector of texts, and where each row begins."""
    with_rank(call.input(0), 1)
    return [(None,), with_rank(call.input(1), 1)]


@shape_function("Substr")
def substring(call: Call) -> Dims:
    """Texts, with position and length for each or for all."""
    texts, position, length = call.input(0), call.input(1), call.input(2)
    if position is not None and length is not None:
        if len(position) != len(length):
            raise Contradiction(f"position {show(position)} and length {show(length)} differ")
        merge(position, length)
    return broadcast(texts, position)


@shape_function("UnicodeEncode")
def unicode_encode(call: Call) -> Dims:
    """One text between two splits."""
    check_ranks(call, 1, 1)
    splits = call.input(1)
    count = splits[0] if splits else None
    return (None if count is None else max(count - 1, 0),)


@shape_function("UnicodeDecode", "UnicodeDecodeWithOffsets")
def unicode_decode(call: Call) -> list[Dims]:
    """Where each text begins, the characters of all, and where they begin."""
    dims = call.input(0)
    count = 1
    for dim in dims if dims is not None else (None,):
        if dim is None:
            splits: Dims = (None,)
            break
        count *= dim
    else:
        splits = (count + 1,)
    return [splits, (None,), (None,)][: 3 if call.node.op.endswith("Offsets") else 2]


@shape_function("UnsortedSegmentJoin")
def segment_join(call: Call) -> Dims:
    """One joined text for each segment, before the dimensions that the segments do not name."""
    data, segments = call.input(0), call.input(1)
    count = call.integer(2)
    if data is None or segments is None:
        return None
    if len(data) < len(segments):
        raise Contradiction(f"{show(data)} cannot begin with {show(segments)}")
    merge(data[: len(segments)], segments)
    if count is not None and count < 0:
        raise Contradiction(f"{count} segments cannot be")
    return (count, *data[len(segments) :])


@shape_function("DecodeRaw")
def decode_raw(call: Call) -> Dims:
    """The numbers of each text in a new last dimension."""
    return concatenate(call.input(0), (None,))


@shape_function("Fingerprint")
def fingerprint(call: Call) -> Dims:
    """The bytes of a fingerprint for each entry of dimension 0; the one known method gives 8."""
    data = with_rank_at_least(call.input(0), 1)
    with_rank(call.input(1), 0)
    method = call.array(1)
    known = method is not None and method.ravel().tolist() == [b"farmhash64"]
    return (data[0] if data else None, 8 if known else None)


@shape_function("DecodePaddedRaw")
def decode_padded_raw(call: Call) -> Dims:
    """The numbers of each text in a new last dimension, of the extent that the length tells."""
    dims = call.input(0)
    length = call.integer(1)
    kind = call.dtype_attr("out_type")
    if length is None or kind is None or not kind.size:
        return concatenate(dims, (None,))
    if length < 0 or length % kind.size:
        raise Contradiction(f"{length} bytes are no multiple of {kind.size}")
    return concatenate(dims, (length // kind.size,))
