"""In which TensorFlows an op and its attributes are: version skew as data."""

from __future__ import annotations

from collections.abc import Mapping

from graphtools.ops.definitions import newest_version, op_definition
from graphtools.ops.first_versions import first_version


def attribute_release(names: Mapping[str, str]) -> dict[str, str]:
    """In which TensorFlows the op of a message has the attribute, as a clause `since`.

    Example:
        >>> attribute_release({"op": "ResizeBilinear", "attr": "half_pixel_centers"})
        {'since': ': it came with TensorFlow 1.14'}
    """
    op, attribute = names["op"], names["attr"]
    definition = op_definition(op)
    since = first_version(op, attribute)
    if since:
        return {"since": f": it came with TensorFlow {since}"}
    if definition is not None and definition.attribute(attribute) is None:
        return {"since": f": the {op} of TensorFlow {newest_version()} does not have it either"}
    return {"since": ""}


def op_release(names: Mapping[str, str]) -> dict[str, str]:
    """In which TensorFlows the op of a message is, as a sentence `known`."""
    op = names["op"]
    definition = op_definition(op)
    since = first_version(op)
    if definition is None:
        known = f"No TensorFlow has an op {op}: it is a custom op, or a function that was lost."
    elif definition.is_gone:
        known = (
            f"{op} was in TensorFlow {definition.last_seen} (tf.contrib and its libraries "
            f"included) and is not in {newest_version()}."
        )
    elif since:
        known = f"TensorFlow has {op} since {since}: the one that reads the graph is older."
    else:
        known = (
            f"TensorFlow itself has {op}: the program that reads the graph was built without it."
        )
    return {"known": known}
