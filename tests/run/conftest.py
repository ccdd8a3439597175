"""The processes that the tests of this folder share."""

from tests.processes import converter, probed

__all__ = ["converter", "probed"]
