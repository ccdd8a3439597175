"""Samples from TFRecord files of tf.Example."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphtools.errors import Damaged, InvalidValue
from graphtools.formats.example import Feature, feature_names, parse_example
from graphtools.formats.tfrecord import read_records
from graphtools.front_end import param
from graphtools.samples.array_files import key_of
from graphtools.samples.images import is_image
from graphtools.samples.inputs import SampledInput
from graphtools.samples.normalization import Normalization
from graphtools.samples.pixels import PixelFeed

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Where the datasets of slim and of the Object Detection API have the image.
_IMAGE = "image/encoded"
#: How else the image is called.
_IMAGES = (_IMAGE, "image", "image_raw", "encoded", "image/raw")


class RecordSamples:
    """Samples from TFRecord files, from the first on.

    Attributes:
        kind: `tfrecord`.
        available: None: the records are not counted.
    """

    kind = "tfrecord"
    available: int | None = None

    def __init__(
        self,
        paths: Sequence[str],
        inputs: Sequence[SampledInput],
        resize: str,
        normalization: Normalization | None,
        keys: Mapping[str, str],
        *,
        any_size: bool = False,
    ) -> None:
        """Look at the first record.

        Args:
            paths: The files, in their order.
            inputs: What is fed.
            resize: How images are resized.
            normalization: What becomes of their pixels.
            keys: By tensor, the feature that has its values, where it has another name.
            any_size: Whether images keep their own size where that of the input is open.

        Raises:
            Damaged: The first record is.
            InvalidValue: It has no values for an input, or there is no record.
            MissingExtra: They are images, and Pillow is not installed.
        """
        self._paths = paths
        self._inputs = inputs
        first = next(self._records(), None)
        if first is None:
            raise InvalidValue(
                f"{paths[0]} holds no records" if len(paths) == 1 else "the files hold no records",
                "samples are wanted",
            )
        where, raw = first
        self._keys = [_find(item, raw, where, keys, inputs) for item in inputs]
        self._feeds: list[PixelFeed | None] = []
        shares = {}
        for item, key in zip(inputs, self._keys, strict=True):
            feature = _parse(raw, where, (key,))[key]
            feed = None
            if feature.kind == "bytes":
                feed = PixelFeed(item, resize, normalization, any_size=any_size)
            self._feeds.append(feed)
            if item.dims:
                shares[item.tensor] = _share(item, feed, feature)
        self._group = max(shares.values(), default=1)
        if len(set(shares.values())) > 1:
            told = ", ".join(f"{name!r} {share}" for name, share in shares.items())
            raise InvalidValue(
                f"{where}: the inputs take different numbers of records at once: {told}",
                f"give them the same batch: {param('input_shapes')}",
            )
        self._over = 0

    @property
    def preprocessing(self) -> str:
        """What is done to the samples; empty where they are no images."""
        return "; ".join(f.preprocessing for f in self._feeds if f is not None)

    def steps(self, limit: int) -> Iterator[tuple[str, dict[str, NDArray[Any]]]]:
        """Samples, and what to call each; no more than a number."""
        import numpy as np

        done = 0
        waiting: list[dict[str, NDArray[Any]]] = []
        for where, raw in self._records():
            features = _parse(raw, where, self._keys)
            waiting.append(
                {
                    item.tensor: self._values(item, key, features, feed, where)
                    for item, key, feed in zip(self._inputs, self._keys, self._feeds, strict=True)
                }
            )
            if len(waiting) < self._group:
                continue
            joined = {}
            for item in self._inputs:
                values = [w[item.tensor] for w in waiting]
                whole = values[0].ndim == len(item.dims)
                joined[item.tensor] = values[0] if whole else np.stack(values)
            yield where, joined
            waiting = []
            done += 1
            if done == limit:
                return
        self._over = len(waiting)
        if not done:
            raise InvalidValue(
                f"the inputs take {self._group} samples at once, the records hold {self._over}",
                f"give more records, or another shape: {param('input_shapes')}",
            )

    def notes(self) -> tuple[str, ...]:
        """What is to be known of the samples that were read."""
        found = [note for feed in self._feeds if feed is not None for note in feed.notes()]
        if self._over:
            found.append(
                f"the last {self._over} of the records do not fill a batch of {self._group}, and "
                "were left out"
            )
        return tuple(found)

    def _records(self) -> Iterator[tuple[str, bytes]]:
        for path in self._paths:
            for number, raw in enumerate(read_records(path)):
                yield f"{path}: record {number}", raw

    def _values(
        self,
        item: SampledInput,
        key: str,
        features: Mapping[str, Feature],
        feed: PixelFeed | None,
        where: str,
    ) -> NDArray[Any]:
        """The values of one record for an input: with its batch, or to be put into one."""
        feature = features.get(key)
        if feature is None or not feature.kind:
            raise InvalidValue(
                f"{where} has no feature {key!r}, which the input {str(item.ref)!r} is fed with"
            )
        if feed is not None:
            if len(feature.strings) != 1:
                raise InvalidValue(
                    f"{where}: the feature {key!r} holds {len(feature.strings)} images where one "
                    "is due"
                )
            return feed.read(io.BytesIO(feature.strings[0]), f"{where}, {key!r}")
        if feature.kind == "bytes":
            raise InvalidValue(f"{where}: the feature {key!r} holds bytes, in others numbers")
        dims = item.dims
        size = len(feature.numbers)
        wanted = [dims[1:]] if self._group > 1 and dims else [(1, *dims[1:])[: len(dims)], dims]
        if len(dims) > 1 and dims[0] is None:
            wanted.pop()  # one record is one sample
        for shape in wanted:
            if (filled := _filled(shape, size)) is not None:
                return feature.numbers.reshape(filled)
        raise InvalidValue(
            f"{where}: the feature {key!r} holds {size:,} numbers, which do not fill the input "
            f"{item}",
            "a record is one sample: save all its numbers, in the order of the shape",
        )


def _share(item: SampledInput, feed: PixelFeed | None, feature: Feature) -> int:
    """How many records the input takes at once."""
    if feed is not None:
        return item.batch if feed.layout.batched else 1
    whole = len(feature.numbers) == _elements(item.dims)
    return 1 if whole else item.batch


def _filled(dims: tuple[int | None, ...], size: int) -> tuple[int, ...] | None:
    """Dimensions that hold a number of elements, one of which may be open; None if none do."""
    open_dims = sum(d is None for d in dims)
    known = 1
    for dim in dims:
        known *= 1 if dim is None else dim
    if open_dims > 1 or not size or size % known or (not open_dims and size != known):
        return None
    return tuple(size // known if d is None else d for d in dims)


def _elements(dims: tuple[int | None, ...]) -> int:
    """Number of elements of dimensions; 0 where one is open."""
    count = 1
    for dim in dims:
        count *= dim or 0
    return count


def _find(
    item: SampledInput,
    raw: bytes,
    where: str,
    given: Mapping[str, str],
    inputs: Sequence[SampledInput],
) -> str:
    """The feature that has the values of an input."""
    with_place = _named(raw, where)
    wanted = given.get(item.tensor)
    if wanted is not None:
        if wanted in with_place:
            return wanted
        problem = f"{where} has no feature {wanted!r}"
    else:
        key = key_of(item.ref, with_place, item.key)
        if key is not None:
            return key
        if len(item.dims) in (3, 4) and sum(len(i.dims) in (3, 4) for i in inputs) == 1:
            for name in _IMAGES:
                if name in with_place and _holds_image(raw, where, name):
                    return name
        problem = f"{where} has no feature for the input {str(item.ref)!r}"
    listed = ", ".join(repr(k) for k in with_place[:8]) or "none"
    raise InvalidValue(
        problem,
        f"its features are {listed}; wanted is {_IMAGE!r} for images, else {str(item.ref)!r}",
    )


def _holds_image(raw: bytes, where: str, name: str) -> bool:
    strings = _parse(raw, where, (name,))[name].strings
    return name == _IMAGE or (len(strings) == 1 and is_image(strings[0][:16]))


def _named(raw: bytes, where: str) -> tuple[str, ...]:
    try:
        return feature_names(raw)
    except Damaged as error:
        raise _no_example(where, error) from None


def _parse(raw: bytes, where: str, names: Sequence[str]) -> dict[str, Feature]:
    try:
        return parse_example(raw, names)
    except Damaged as error:
        raise _no_example(where, error) from None


def _no_example(where: str, error: Damaged) -> Damaged:
    return Damaged(
        f"{where} is no tf.Example: {error.message}",
        error.remedy or "write each as example.SerializeToString()",
    )
