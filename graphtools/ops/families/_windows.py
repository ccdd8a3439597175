"""The attributes of what slides a window over images or volumes.

An image is laid out as `NHWC` or `NCHW`, or in `NCHW_VECT_C` with the channels in groups of four
behind the others; a volume as `NDHWC` or `NCDHW`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from graphtools.ops.call import Call
from graphtools.ops.dims import Contradiction, Dim, Dims, dim, merge_dim, window_output


class WindowLayout(NamedTuple):
    """Which dimension is which.

    Attributes:
        channels: Position of the channels.
        spatial: Positions of height and width, or of depth, height and width.
        is_grouped: Whether channels are in groups of four, in one more dimension behind.
    """

    channels: int
    spatial: tuple[int, ...]
    is_grouped: bool = False

    @property
    def rank(self) -> int:
        """Number of dimensions."""
        return 2 + len(self.spatial) + self.is_grouped


LAYOUTS = {
    b"NHWC": WindowLayout(3, (1, 2)),
    b"NCHW": WindowLayout(1, (2, 3)),
    b"NCHW_VECT_C": WindowLayout(1, (2, 3), True),
    b"NDHWC": WindowLayout(4, (1, 2, 3)),
    b"NCDHW": WindowLayout(1, (2, 3, 4)),
}


def layout_of(call: Call, spatial: int = 2) -> WindowLayout:
    """The layout that the attribute `data_format` names; of images where it is missing.

    Raises:
        Contradiction: It names none for so many spatial dimensions.
    """
    name = call.attr("data_format")
    if name is None:
        return LAYOUTS[b"NHWC" if spatial == 2 else b"NDHWC"]
    found = LAYOUTS.get(name) if isinstance(name, bytes) else None
    if found is None or len(found.spatial) != spatial:
        raise Contradiction(f"the attribute 'data_format' cannot be {name!r} here")
    return found


def arranged(layout: WindowLayout, batch: Dim, spatial: list[Dim], channels: Dim) -> Dims:
    """A shape in a layout."""
    if layout.channels > 1:
        return (batch, *spatial, channels)
    if layout.is_grouped:
        if channels is not None and channels % 4:
            raise Contradiction(f"{channels} channels do not make groups of four")
        return (batch, None if channels is None else channels // 4, *spatial, 4)
    return (batch, channels, *spatial)


def channels_of(layout: WindowLayout, dims: Dims) -> Dim:
    """The number of channels.

    Raises:
        Contradiction: They are not in groups of four where the layout says so.
    """
    found = dim(dims, layout.channels)
    if layout.is_grouped:
        merge_dim(dim(dims, -1), 4)
        return None if found is None else 4 * found
    return found


def has_wide_groups(layout: WindowLayout, dims: Dims) -> bool:
    """Whether the channels are in groups of 32, whose shapes are not followed here."""
    return layout.is_grouped and dims is not None and dims[-1] == 32


class Sliding(NamedTuple):
    """How a window slides over images or volumes, by spatial dimension.

    Attributes:
        layout: Which dimension is which.
        padding: b"SAME", b"VALID" or b"EXPLICIT".
        strides: Steps of the window.
        dilations: Distances of its elements.
        explicit: What is added before and behind.
        is_spatial: Whether batch and channels are gone through one by one.
    """

    layout: WindowLayout
    padding: bytes
    strides: list[int]
    dilations: list[int]
    explicit: list[tuple[int, int]]
    is_spatial: bool = True

    def places(self, dims: Dims, window: Sequence[Dim], *, may_be_empty: bool = False) -> list[Dim]:
        """How often a window fits into a shape, by spatial dimension.

        Raises:
            Contradiction: It does not fit.
        """
        numbers = zip(window, self.strides, self.dilations, self.explicit, strict=True)
        return [
            window_output(
                dim(dims, axis), size, step, self.padding, dilation, pair, may_be_empty=may_be_empty
            )
            for axis, (size, step, dilation, pair) in zip(self.layout.spatial, numbers, strict=True)
        ]


def sliding(
    call: Call,
    layout: WindowLayout,
    dilations: str = "dilations",
    strides: list[int] | None = None,
    *,
    explicit: bool = True,
) -> Sliding:
    """How the attributes say that a window slides.

    Args:
        call: The node.
        layout: Which dimension is which.
        dilations: The attribute that holds them; empty where there are none.
        strides: Steps along all dimensions where the attribute `strides` does not tell them.
        explicit: Whether paddings may be given in numbers.

    Raises:
        Contradiction: The attributes do not fit together, or the dimensions.
    """
    padding = call.text_attr("padding")
    if padding not in (b"SAME", b"VALID") and not (explicit and padding == b"EXPLICIT"):
        raise Contradiction(f"the padding cannot be {padding!r}")
    rank = 2 + len(layout.spatial)
    steps = strides or _steps(call, "strides", rank)
    apart = _steps(call, dilations, rank) if dilations and call.attr(dilations) else [1] * rank
    return Sliding(
        layout,
        padding,
        [steps[axis] for axis in layout.spatial],
        [apart[axis] for axis in layout.spatial],
        _explicit(call, layout, padding) if explicit else [(0, 0)] * len(layout.spatial),
        all(values[axis] == 1 for values in (steps, apart) for axis in (0, layout.channels)),
    )


def _steps(call: Call, name: str, rank: int) -> list[int]:
    values = call.ints_attr(name, rank)
    if len(values) != rank:
        raise Contradiction(f"the attribute {name!r} must be a list of {rank} integers")
    return values


def _explicit(call: Call, layout: WindowLayout, padding: bytes) -> list[tuple[int, int]]:
    """What is added before and behind each spatial dimension.

    Raises:
        Contradiction: It is negative, for other dimensions, or there without being asked for.
    """
    values = call.attr("explicit_paddings")
    given = [v for v in values if isinstance(v, int)] if isinstance(values, list) else []
    rank = 2 + len(layout.spatial)
    if padding != b"EXPLICIT":
        if given:
            raise Contradiction("the attribute 'explicit_paddings' is for the padding EXPLICIT")
        return [(0, 0)] * len(layout.spatial)
    if len(given) != 2 * rank or any(v < 0 for v in given):
        raise Contradiction(f"the attribute 'explicit_paddings' cannot be {given}")
    pairs = list(zip(given[::2], given[1::2], strict=True))
    if any(any(pair) for i, pair in enumerate(pairs) if i not in layout.spatial):
        raise Contradiction("neither batch nor channels can be padded")
    return [pairs[position] for position in layout.spatial]
