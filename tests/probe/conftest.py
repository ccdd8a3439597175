"""The processes that the tests of this folder share."""

from tests.processes import probed

__all__ = ["probed"]
