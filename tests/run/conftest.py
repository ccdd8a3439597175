"""The processes that the tests of this folder share."""

from tests.processes import converter

__all__ = ["converter"]
