"""GT110-GT119: nodes that contradict the definitions of their ops, and shapes each other."""

from __future__ import annotations

from collections.abc import Iterator

from graphtools.findings.finding import ERROR, WARNING
from graphtools.findings.rule import Found
from graphtools.front_end import step
from graphtools.lint.rules._capped import capped
from graphtools.lint.rules._custom_ops import is_custom_op
from graphtools.lint.rules._guarded import rule
from graphtools.lint.rules._wording import together
from graphtools.lint.rules.structure import cure_of_dead, found_defects
from graphtools.lint.subject import Subject
from graphtools.ops.defects.defect import Defect
from graphtools.ops.definitions import op_definition


@rule("GT110", "unknown-op", ERROR)
def unknown_op(subject: Subject) -> Iterator[Found]:
    """An op is known to no TensorFlow, nor to the function library of the graph.

    Why:
        TensorFlow refuses the graph: "Op type not registered '...' in binary". The converter
        needs the op's definition, and the interpreter a kernel for it. Custom operators that
        TFLite itself brings along, as TFLite_Detection_PostProcess, are not reported here.

    Example:
        A graph with an op of a shared library (tf.load_op_library), of tf.contrib, or of another
        framework's exporter.

    Remedy:
        Cut the graph before the op, or have its definition registered: tf.load_op_library where
        TensorFlow runs the graph, register_custom_opdefs before it is converted.
    """
    by_op: dict[str, list[str]] = {}
    functions = subject.graph.functions
    for node in subject.graph:
        if not node.op or op_definition(node.op) is not None or node.op in functions:
            continue
        if subject.target == "tensorflow-cpu" or not is_custom_op(node):
            by_op.setdefault(node.op, []).append(node.name)
    for op, names in by_op.items():
        dead = all(cure_of_dead(subject, name) for name in names)
        message = f"TensorFlow has no op {op}{together(names)}"
        yield Found(names[0], message, cure="strip_unused_nodes" if dead else "")


@rule("GT111", "op-is-gone", ERROR)
def op_is_gone(subject: Subject) -> Iterator[Found]:
    """An op that current TensorFlow versions do not have any more.

    Why:
        A current TensorFlow refuses the graph: "Op type not registered". So does the converter of
        a version in which the op is gone.

    Example:
        A graph of TensorFlow 1.x with an op of tf.contrib, in TensorFlow 2.21.

    Remedy:
        Use the last TensorFlow that has the op, named in the message, or cut the graph before it.
    """
    by_op: dict[str, list[str]] = {}
    for node in subject.graph:
        if is_gone(node.op, subject.tensorflow):
            by_op.setdefault(node.op, []).append(node.name)
    for op, names in by_op.items():
        known = op_definition(op)
        last = known.last_seen if known else ""
        dead = all(cure_of_dead(subject, name) for name in names)
        message = f"{op} was last seen in TensorFlow {last}{together(names)}"
        yield Found(names[0], message, cure="strip_unused_nodes" if dead else "")


def is_gone(op: str, tf_version: str = "") -> bool:
    """Whether a TensorFlow, by default the newest, does not have an op any more."""

    def parts(text: str) -> list[int]:
        return [int(p) for p in text.split(".") if p.isdigit()]

    definition = op_definition(op)
    if definition is None or not definition.is_gone:
        return False
    return not tf_version or parts(tf_version)[:2] > parts(definition.last_seen)[:2]


@rule("GT112", "missing-attribute", ERROR)
@capped
def missing_attribute(subject: Subject) -> Iterator[Found]:
    """A node lacks an attribute that its op needs and that has no default.

    Why:
        TensorFlow refuses the graph: "NodeDef missing attr '...' from Op<name=...>".

    Example:
        A Conv2D without `strides`, written by a converter from another framework.

    Remedy:
        Set the attribute: graph.set_attr(node, name, value) in Python. What the op's definition
        asks for is shown by `graphtools op NAME`.
    """
    yield from found_defects(subject, "missing-attribute")


@rule("GT113", "wrong-attribute", ERROR)
@capped
def wrong_attribute(subject: Subject) -> Iterator[Found]:
    """An attribute is of another type than its op's definition says, or of no allowed value.

    Why:
        TensorFlow refuses the graph: "AttrValue had value with type '...' when '...' expected",
        "Value for attr '...' of ... is not in the list of allowed values".

    Example:
        A MatMul with `T` of type bool, or a Conv2D with `padding="VALUE"`.

    Remedy:
        Give the attribute a value that the definition allows; `graphtools op NAME` shows it.
    """
    yield from found_defects(subject, "wrong-attribute")


@rule("GT114", "surplus-attribute", WARNING)
def surplus_attribute(subject: Subject) -> Iterator[Found]:
    """A node has an attribute that its op's definition does not know.

    Why:
        TensorFlow 1.x refuses the graph: "NodeDef mentions attr '...' not in Op<name=...>. (Check
        whether your GraphDef-interpreting binary is up to date with your GraphDef-generating
        binary.)" Current versions ignore the attribute, and what it asks for is not done. Names
        that begin with an underscore are free.

    Example:
        A graph of a newer TensorFlow, whose Conv2D has an attribute more, in an older one.

    Remedy:
        Remove the attribute with remove_attribute, if its value is what the op does without it.

        That is for you to know: the cure is not applied by itself.
    """
    by_attribute: dict[tuple[str, str], list[Defect]] = {}
    for defect in subject.defects:
        if defect.kind == "surplus-attribute":
            by_attribute.setdefault((defect.op, defect.attribute), []).append(defect)
    for (op, name), found in by_attribute.items():
        first = found[0]
        cure = f"remove_attribute(attribute_name={name}, op_name={op})"
        if any(d.function for d in found) or not name.isidentifier():
            cure = ""
        message = first.reason + together([d.node for d in found])
        yield Found(first.place, message, cure=cure, is_safe_cure=False, op=op)


@rule("GT115", "input-count", ERROR)
@capped
def input_count(subject: Subject) -> Iterator[Found]:
    """A node has more or fewer inputs than its op takes, or reads an output that is not there.

    Why:
        TensorFlow refuses the graph: "NodeDef expected inputs '...' do not match N inputs
        specified", "... only has N outputs".

    Example:
        `AddV2(x)`, from which one input was taken away with the node that gave it, or `relu:1`.

    Remedy:
        Give the node the inputs that `graphtools op NAME` lists.
    """
    yield from found_defects(subject, "input-count")


@rule("GT116", "dtype-mismatch", ERROR)
@capped
def dtype_mismatch(subject: Subject) -> Iterator[Found]:
    """A node reads a tensor of another dtype than its attributes say.

    Why:
        TensorFlow refuses the graph: "Input N of node ... was passed float from ... incompatible
        with expected int32". It mostly comes from an input that was replaced by a placeholder of
        the wrong type.

    Example:
        strip_unused with one placeholder type for all inputs: the placeholder of `image_tensor` is
        float, and the Cast behind it has `SrcT` uint8.

    Remedy:
        Give the input its dtype: strip_unused_nodes takes a type for each input (name and
        type_for_name), or put a Cast between.
    """
    yield from found_defects(subject, "dtype")


@rule("GT117", "reference-expected", ERROR)
@capped
def reference_expected(subject: Subject) -> Iterator[Found]:
    """A node wants a reference to a variable and gets a plain tensor.

    Why:
        TensorFlow refuses the graph: "Input 0 of node ... was passed float from ... incompatible
        with expected float_ref". It happens when a variable became a constant and a node that
        updates it was left in the graph.

    Example:
        A training graph that was frozen with its moving averages: `AssignSub(moving_mean, delta)`,
        where `moving_mean` is a Const now.

    Remedy:
        Freeze the graph again with the outputs of inference, `graphtools freeze GRAPH -o OUT
        --outputs NAMES`, which leaves no node that updates variables.

        Do not turn AssignSub into Sub, as some recipes say: that changes the results.
    """
    yield from found_defects(subject, "reference")


@rule("GT118", "contradictory-shapes", ERROR)
@capped
def contradictory_shapes(subject: Subject) -> Iterator[Found]:
    """The shapes of a node's inputs do not fit together, or contradict those that it has stored.

    Why:
        TensorFlow and the converter refuse the graph: "Dimensions must be equal", "Shape must be
        rank 4 but is rank 3". If --input-shape was given, the shape may be what does not fit. The
        attribute _output_shapes is held against what is inferred: "Node '...' has an _output_shapes
        attribute inconsistent with the GraphDef".

    Example:
        `MatMul` of [?,1024] and [1001,10], after a last layer was exchanged.

    Remedy:
        Follow the shapes upwards from the node (`graphtools shapes FILE` lists them) to the first
        that is not what it should be.

        Stored shapes that are wrong can go: remove_attribute(attribute_name=_output_shapes).
    """
    yield from found_defects(subject, "shapes")
    for found in found_defects(subject, "stored-shapes"):
        cure = step("transform", "FILE", output="OUT", spec=_CURE_OF_STORED)
        remedy = f"Remove the attribute, without which shapes are inferred: {cure}"
        yield found._replace(remedy=remedy, cure=_CURE_OF_STORED)


_CURE_OF_STORED = "remove_attribute(attribute_name=_output_shapes)"
