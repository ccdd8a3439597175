"""The processes that the tests of this folder share."""

from tests.processes import converted, converter, verify

__all__ = ["converted", "converter", "verify"]
