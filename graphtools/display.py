"""How results show themselves, in a notebook and where they are printed."""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing takes its time
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ClassVar


class Displayed:
    """Displays itself in a notebook, and prints itself as the command line shows it.

    Attributes:
        html_of: Gives the HTML; the package as a whole says by what, as that room is far above.
        text_of: Gives the text; so.
    """

    __slots__ = ()
    html_of: ClassVar[Callable[[object], str]]
    text_of: ClassVar[Callable[[object], str]]

    def _repr_html_(self) -> str:
        return Displayed.html_of(self)

    def __str__(self) -> str:
        return Displayed.text_of(self)
