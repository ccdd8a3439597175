"""The processes that the tests of this folder share."""

from tests.processes import converted, converter, probed, refused, verify

__all__ = ["converted", "converter", "probed", "refused", "verify"]
