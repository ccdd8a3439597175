"""`freeze(inference=True)`: a graph for training becomes one for inference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphtools.errors import InvalidGraph
from graphtools.formats.checkpoint_path import find_checkpoint
from graphtools.formats.graphdef import parse_graph
from graphtools.graph import Graph
from graphtools.transforms._inference_form import for_inference, resolve_conds, training_signs
from graphtools.transforms.freeze import freeze
from tests.transforms.graphs import function, graph, same, text_of

RANDOM = """
    dims = Const value=int32:[2]
    random/uniform = RandomUniform(dims) T=int32 dtype=float seed=0 seed2=0
    random/sub = Sub(one, zero) T=float
    random/mul = Mul(random/uniform, random/sub) T=float
    random = Add(random/mul, zero) T=float
    one = Const value=float:1
    zero = Const value=float:0
    rate = Const value=float:0.25
    keep = {keep}
    x = {x}
"""


def inferred(text: str, *outputs: str) -> tuple[str, list[str]]:
    """What is left for the outputs, as text, and the notes."""
    source = graph(text)
    notes = for_inference(source, outputs)
    left = freeze(source, None, outputs).graph
    return text_of(left), notes


def with_random(
    body: str, keep: str = "Const value=float:0.75", x: str = "Placeholder dtype=float shape=[2]"
) -> str:
    return RANDOM.format(keep=keep, x=x) + body


# Dropout

OLD = """
    d/div = RealDiv(x, keep) T=float
    d/add = Add({sum}) T=float
    d/floor = Floor(d/add) T=float
    d/mul = Mul({product}) T=float
    y = Relu(d/mul) T=float
"""
NEW = """
    d/one = Sub(one, rate) T=float
    d/scale = RealDiv(one, d/one) T=float
    d/scaled = Mul(x, d/scale) T=float
    d/ge = GreaterEqual(random, rate) T=float
    d/cast = Cast(d/ge) SrcT=bool DstT=float
    d/mul = Mul(d/scaled, d/cast) T=float
    y = Relu(d/mul) T=float
"""
SELECT = """
    scale = Const value=float:1.333
    d/scaled = Mul(x, scale) T=float
    d/ge = GreaterEqual(random, rate) T=float
    d/mul = {op}(d/ge, d/scaled, {other}) T=float
    like = ZerosLike(x) T=float
    y = Relu(d/mul) T=float
"""
FED = "Placeholder dtype=float"


@pytest.mark.parametrize(
    "text",
    [
        with_random(OLD.format(sum="keep, random", product="d/div, d/floor")),
        with_random(OLD.format(sum="random, keep", product="d/floor, d/div")),
        with_random(OLD.format(sum="keep, random", product="d/div, d/floor"), keep=FED),
        with_random(
            OLD.format(sum="keep, random", product="d/div, d/floor"),
            keep="PlaceholderWithDefault(one) dtype=float shape=[]",
        ),
        with_random(NEW),
        with_random(NEW.replace("Mul(x, d/scale)", "Mul(d/scale, x)")),
        with_random(SELECT.format(op="SelectV2", other="zero")),
        with_random(SELECT.format(op="Select", other="like")),
    ],
)
def test_dropout_hands_its_input_on(text: str) -> None:
    left, notes = inferred(text, "y")
    assert left == (
        "x = Placeholder dtype=float32 shape=[2]\n"
        "d/mul = Identity(x) T=float32\n"
        "y = Relu(d/mul) T=float32"
    )
    assert notes == ["dropout removed: d/mul"]


def test_dropout_of_a_placeholder_of_unknown_shape_hands_that_on() -> None:
    """It looks like a fed scalar, which it is not."""
    for text in (NEW, OLD.format(sum="keep, random", product="d/div, d/floor")):
        left, _ = inferred(with_random(text, x=FED), "y")
        assert "d/mul = Identity(x)" in left


def test_control_inputs_of_dropout_stay() -> None:
    text = with_random(NEW).replace("Mul(d/scaled, d/cast)", "Mul(d/scaled, d/cast, ^x)")
    assert "d/mul = Identity(x, ^x)" in inferred(text, "y")[0]


@pytest.mark.parametrize(
    "text",
    [
        # noise that is added or multiplied is none
        "d/mul = Mul(x, random) T=float\n y = Relu(d/mul) T=float",
        "d/mul = Add(x, random) T=float\n y = Relu(d/mul) T=float",
        # a mask without a scale may be wanted
        NEW.replace("Mul(d/scaled, d/cast)", "Mul(x, d/cast)"),
        # a product of two tensors is no scaled one
        NEW.replace("Mul(x, d/scale)", "Mul(x, x)"),
        OLD.format(sum="keep, random", product="d/div, d/floor").replace("(x, keep)", "(keep, x)"),
        # one or the other, by chance
        SELECT.format(op="SelectV2", other="x"),
        SELECT.format(op="SelectV2", other="one"),
        # a mask that is computed
        NEW.replace("GreaterEqual(random, rate)", "GreaterEqual(x, rate)"),
    ],
)
def test_what_is_no_dropout_stays(text: str) -> None:
    before = with_random(text)
    left, notes = inferred(before, "y")
    assert "d/mul = Identity" not in left
    assert not any("dropout" in n for n in notes)
    if "random" in left:
        assert notes == ["random numbers are still drawn, by 'random/uniform'"]


# Switches and conds

COND = """
    {switch}
    x = Placeholder dtype=float
    c/Switch = Switch({name}, {name}) T=bool
    c/switch_t = Identity(c/Switch:1) T=bool
    c/switch_f = Identity(c/Switch) T=bool
    c/pred_id = Identity({name}) T=bool
    c/x = Switch(x, c/pred_id) T=float
    c/two = Const(^c/switch_t) value=float:2
    c/train = Mul(c/x:1, c/two) T=float
    c/half = Const(^c/switch_f) value=float:0.5
    c/infer = Mul(c/x, c/half) T=float
    c/Merge = Merge(c/infer, c/train) N=2 T=float
    y = Relu(c/Merge) T=float
"""


def cond(name: str, op: str = "Placeholder dtype=bool") -> str:
    return COND.format(name=name, switch=f"{name} = {op}")


@pytest.mark.parametrize(
    "name",
    [
        "is_training", "phase_train", "net/is_training", "training", "train_mode", "is_train",
        "IsTraining", "is_training_1", "keras_learning_phase", "bn/keras_learning_phase",
        "learning_phase", "train_phase", "phase_train_2",
    ],
)  # fmt: skip
def test_switches_are_turned_off_and_conds_resolved(name: str) -> None:
    left, notes = inferred(cond(name), "y")
    assert "c/infer = Mul(x, c/half)" in left
    assert "c/Merge = Identity(c/infer)" in left
    assert "c/train" not in left
    assert notes == [f"set to false: {name}", "conds of which one branch is left: 1"]


def test_a_switch_with_a_default_is_turned_off() -> None:
    op = "PlaceholderWithDefault(yes) dtype=bool shape=[]\n yes = Const value=bool:true"
    left, _ = inferred(cond("is_training", op), "y")
    assert "c/Merge = Identity(c/infer)" in left


@pytest.mark.parametrize(
    ("name", "op"),
    [
        ("flip", "Placeholder dtype=bool"),
        ("constrain", "Placeholder dtype=bool"),
        ("trainingset", "Placeholder dtype=bool"),
        ("is_training", "Placeholder dtype=string"),
        ("is_training", "Relu(x) T=bool"),
    ],
)
def test_other_conditions_stay(name: str, op: str) -> None:
    left, notes = inferred(cond(name, op), "y")
    assert "c/Merge = Merge" in left
    assert notes == []


def test_a_condition_that_is_true_leaves_the_other_branch() -> None:
    source = graph(cond("go", "Const value=bool:true"))
    assert resolve_conds(source) == 1
    assert source["c/Merge"].op == "Identity"
    assert source["c/Merge"].inputs == ("c/train",)
    assert source["c/train"].inputs[0] == "x"


def test_a_condition_may_be_turned_round() -> None:
    source = graph(cond("go", "LogicalNot(no)\n no = Const value=bool:true"))
    assert resolve_conds(source) == 1
    assert source["c/Merge"].inputs == ("c/infer",)


def test_the_number_of_the_branch_is_a_constant() -> None:
    source = graph(cond("go", "Const value=bool:true") + "\n which = Identity(c/Merge:1) T=int32")
    resolve_conds(source)
    number = source[source["which"].inputs[0]]
    assert number.tensor is not None
    assert int(number.tensor.array()) == 1


NESTED = """
    is_training = Placeholder dtype=bool
    x = Placeholder dtype=float
    a/x = Switch(x, is_training) T=float
    a/train = Switch(is_training, is_training) T=bool
    b/x = Switch(a/x:1, a/train:1) T=float
    b/one = Exp(b/x:1) T=float
    b/two = Tanh(b/x) T=float
    b/Merge = Merge(b/two, b/one) N=2 T=float
    c/flag = Switch(other, is_training) T=bool
    c/x = Switch(a/x, c/flag) T=float
    c/one = Exp(c/x:1) T=float
    c/two = Tanh(c/x) T=float
    c/Merge = Merge(c/two, c/one) N=2 T=float
    other = Placeholder dtype=bool
    a/Merge = Merge(c/Merge, b/Merge) N=2 T=float
    y = Relu(a/Merge) T=float
"""


def test_nested_conds() -> None:
    left, _ = inferred(NESTED, "y")
    after = """
        x = Placeholder dtype=float32
        c/x = Switch(x, other) T=float32
        c/one = Exp(c/x:1) T=float32
        c/two = Tanh(c/x) T=float32
        c/Merge = Merge(c/two, c/one) N=2 T=float32
        other = Placeholder dtype=bool
        a/Merge = Identity(c/Merge) T=float32
        y = Relu(a/Merge) T=float32
    """
    assert left == "\n".join(line.strip() for line in after.strip().splitlines())


LOOP = """
    is_training = Placeholder dtype=bool
    x = Placeholder dtype=float
    a/x = Switch(x, is_training) T=float
    l/enter = Enter(a/x{branch}) T=float frame_name="l"
    l/merge = Merge(l/enter, l/next) N=2 T=float
    l/less = Less(l/merge, l/ten) T=float
    l/ten = Const(^l/merge) value=float:10
    l/cond = LoopCond(l/less)
    l/switch = Switch(l/merge, l/cond) T=float
    l/body = Exp(l/switch:1) T=float
    l/next = NextIteration(l/body) T=float
    l/exit = Exit(l/switch) T=float
    other = Tanh(a/x{other}) T=float
    a/Merge = Merge({data}) N=2 T=float
    y = Relu(a/Merge) T=float
"""


def test_a_loop_in_a_branch_goes_with_it() -> None:
    left, _ = inferred(LOOP.format(branch=":1", other="", data="other, l/exit"), "y")
    assert "a/Merge = Identity(other)" in left
    assert "l/" not in left


def test_a_loop_in_the_branch_that_is_taken_stays() -> None:
    left, _ = inferred(LOOP.format(branch="", other=":1", data="l/exit, other"), "y")
    assert "a/Merge = Identity(l/exit)" in left
    assert "l/merge = Merge(l/enter, l/next)" in left
    assert "l/enter = Enter(x)" in left
    assert "l/switch = Switch(l/merge, l/cond)" in left


@pytest.mark.parametrize(
    ("op", "call"), [("If", "StatefulPartitionedCall"), ("StatelessIf", "PartitionedCall")]
)
def test_of_a_functional_cond_the_branch_that_is_taken_is_called(op: str, call: str) -> None:
    source = graph(
        f"""
        is_training = Placeholder dtype=bool
        x = Placeholder dtype=float
        y = {op}(is_training, x, ^x) then_branch=@t else_branch=@e Tin={{float}} Tout={{float}}
        other = Placeholder dtype=bool
        z = {op}(other, y) then_branch=@t else_branch=@e Tin={{float}} Tout={{float}}
        """
    )
    notes = for_inference(source, ["z"])
    assert notes == ["set to false: is_training", "conds of which one branch is left: 1"]
    line = text_of([source["y"]])
    assert line == f"y = {call}(x, ^x) Tin={{float32}} Tout={{float32}} f=@e"
    assert source["z"].op == op


# Updates and batch norms

UPDATES = """
    x = Placeholder dtype=float
    v = VariableV2 dtype=float shape=[2]
    update = AssignSub(v, x) T=float
    other = NoOp
    group = NoOp(^update)
    y = Relu(x, ^group, ^other, ^update) T=float
"""


def test_dependencies_on_updates_are_removed() -> None:
    left, notes = inferred(UPDATES, "y")
    assert left == ("x = Placeholder dtype=float32\nother = NoOp\ny = Relu(x, ^other) T=float32")
    assert notes == ["control dependencies on updates of variables removed: 3"]


def test_what_reads_an_update_is_refused_still() -> None:
    source = graph(UPDATES + "\n z = Relu(update) T=float")
    for_inference(source, ["z"])
    assert source["z"].inputs == ("update",)


def test_updates_in_functions_are_removed_where_nothing_reads_them() -> None:
    body = function(
        "f", "a float, v resource", "r float = y:activations:0",
        """
        old = ReadVariableOp(v) dtype=float
        sum = AddV2(old:value:0, a) T=float
        update = AssignVariableOp(v, sum:z:0) dtype=float
        y = Relu(a, ^update) T=float
        """,
    )  # fmt: skip
    text = """
        x = Placeholder dtype=float
        v = VarHandleOp dtype=float shape=[]
        y = StatefulPartitionedCall(x, v) Tin={float,resource} Tout={float} f=@f
    """
    source = graph(text, [body])
    notes = for_inference(source, ["y"])
    assert notes == ["control dependencies on updates of variables removed: 1"]
    assert text_of(source.functions["f"].nodes) == "y = Relu(a) T=float32"
    # a function that the outputs do not call restores the variables
    source = graph(text, [body])
    assert for_inference(source, ["x"]) == []


NORM = """
    x = Placeholder dtype=float
    w = Const value=float:[1]
    bn = {op}(x, w, w, w, w) T=float {attr}
    y = Relu(bn) T=float
"""


@pytest.mark.parametrize("op", ["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"])
@pytest.mark.parametrize("attr", ["is_training=true", ""])
def test_batch_norms_built_for_training_are_refused(op: str, attr: str) -> None:
    source = graph(NORM.format(op=op, attr=attr))
    with pytest.raises(InvalidGraph, match="'bn' is a batch norm that was built for training"):
        for_inference(source, ["y"])
    assert training_signs(source)
    # where the output does not need it, it is no hindrance
    assert for_inference(graph(NORM.format(op=op, attr=attr)), ["x"]) == []


def test_batch_norms_built_for_inference_and_their_gradients_are_not() -> None:
    for op, attr in (("FusedBatchNormV3", "is_training=false"), ("FusedBatchNormGradV3", "")):
        source = graph(NORM.format(op=op, attr=attr))
        assert for_inference(source, ["y"]) == []
        assert training_signs(source) == []


def test_what_is_for_inference_already_stays_as_it_is() -> None:
    before = "x = Placeholder dtype=float\n y = Relu(x) T=float"
    source = graph(before)
    assert for_inference(source, ["y"]) == []
    assert same(source, before)


# In TensorFlow


def built(tf: Any, make: Any) -> tuple[Graph, Any]:
    """A graph that TensorFlow builds for training, frozen for inference; and how to run it."""
    v1 = tf.compat.v1
    with tf.Graph().as_default() as source, v1.Session():
        make(v1, v1.placeholder(tf.float32, [None, 8], name="x"))
        raw = source.as_graph_def().SerializeToString()
    done = freeze(parse_graph(raw, 0, len(raw)), None, ["y"], inference=True)
    message = v1.GraphDef.FromString(b"".join(done.graph.pieces()))

    def run(value: Any) -> Any:
        with tf.Graph().as_default():
            tf.import_graph_def(message, name="")
            with v1.Session() as session:
                return session.run("y:0", {"x:0": value})

    return done.graph, run


@pytest.mark.tensorflow
@pytest.mark.parametrize("control_flow_v2", [False, True])
def test_dropout_as_tensorflow_builds_it(tf: Any, control_flow_v2: bool) -> None:
    def make(v1: Any, x: Any) -> None:
        training = v1.placeholder_with_default(True, [], name="is_training")
        with_rate = v1.nn.dropout(tf.tanh(x), rate=0.5)
        fed = v1.placeholder_with_default(0.5, [], name="rate")
        by_fed_rate = v1.nn.dropout(x, rate=fed)
        switched = v1.cond(training, lambda: v1.nn.dropout(x, rate=0.9), lambda: x * 3.0)
        tf.add_n([with_rate, by_fed_rate, switched], name="y")

    if control_flow_v2:
        tf.compat.v1.enable_control_flow_v2()
    try:
        done, run = built(tf, make)
    finally:
        tf.compat.v1.disable_control_flow_v2()
    assert not any("Random" in n.op for n in done)
    x = np.linspace(-1, 1, 16, dtype=np.float32).reshape(2, 8)
    np.testing.assert_allclose(run(x), np.tanh(x) + x + 3 * x, rtol=1e-5, atol=1e-6)


@pytest.mark.tensorflow
@pytest.mark.parametrize("stored_only", [False, True])
@pytest.mark.parametrize("form", ["fused", "moments", "shared axes"])
def test_batch_norms_use_the_moving_averages_of_the_checkpoint(
    tf: Any, tmp_path: Path, form: str, stored_only: bool
) -> None:
    v1 = tf.compat.v1
    random = np.random.default_rng(3)
    values = {
        name: random.uniform(0.5, 1.5, 3).astype(np.float32)
        for name in ("bn/gamma", "bn/beta", "bn/moving_mean", "bn/moving_variance")
    }

    def variable(name: str) -> Any:
        return v1.get_variable(name, initializer=values[name], use_resource=False)

    with tf.Graph().as_default() as source:
        x = v1.placeholder(tf.float32, [None, 2, 2, 3], name="x")
        gamma, beta = variable("bn/gamma"), variable("bn/beta")
        if form == "fused":
            y, mean, variance = v1.nn.fused_batch_norm(x, gamma, beta, epsilon=0.01)
        else:
            mean, variance = v1.nn.moments(x, [0, 1, 2], keep_dims=form == "shared axes")
            y = tf.nn.batch_normalization(x, mean, variance, beta, gamma, 0.01)
        moving = [variable("bn/moving_mean"), variable("bn/moving_variance")]
        if not stored_only:
            for average, statistic in zip(moving, (mean, variance), strict=True):
                change = (average - tf.reshape(statistic, [3])) * 0.1
                with tf.control_dependencies([v1.assign_sub(average, change)]):
                    y = tf.identity(y)
        tf.identity(y, name="y")
        with v1.Session() as session:
            session.run(v1.global_variables_initializer())
            v1.train.Saver().save(session, str(tmp_path / "model"), write_meta_graph=False)
        raw = source.as_graph_def().SerializeToString()
    graph = parse_graph(raw, 0, len(raw))
    if stored_only:
        graph.remove_all(
            [n.name for n in graph if n.name.startswith(("bn/moving", "save/", "init"))]
        )
    done = freeze(graph, find_checkpoint(tmp_path / "model"), ["y"], inference=True)
    assert "batch norms that use their moving averages: 1" in done.report.notes
    message = v1.GraphDef.FromString(b"".join(done.graph.pieces()))
    fed = random.normal(size=(2, 2, 2, 3)).astype(np.float32)
    with tf.Graph().as_default():
        tf.import_graph_def(message, name="")
        with v1.Session() as session:
            got = session.run("y:0", {"x:0": fed})
    gamma, beta, mean, variance = values.values()
    expected = (fed - mean) / np.sqrt(variance + 0.01) * gamma + beta
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


def _averaged(name: str, statistic: str) -> str:
    return f"""
        {name}/old = ReadVariableOp({name}) dtype=float
        {name}/delta = Sub({name}/old:value:0, bn:{statistic}:0) T=float
        {name}/scaled = Mul({name}/delta:z:0, rate:output:0) T=float
        {name}/update = AssignSubVariableOp({name}, {name}/scaled:z:0) dtype=float
    """


def test_a_batch_norm_in_a_function_uses_the_averages_of_its_caller() -> None:
    body = function(
        "f", "a float, mean resource, variance resource", "r float = y:activations:0",
        f"""
        one = Const value=float:[1,1]
        rate = Const value=float:0.1
        none = Const value=float:[]
        bn = FusedBatchNormV3(a, one:output:0, one:output:0, none:output:0, none:output:0)
            T=float U=float epsilon=0.001 data_format="NHWC" is_training=true
        {_averaged("mean", "batch_mean")}
        {_averaged("variance", "batch_variance")}
        y = Relu(bn:y:0, ^mean/update, ^variance/update) T=float
        """.replace("none:output:0)\n           ", "none:output:0)"),
    )  # fmt: skip
    text = """
        x = Placeholder dtype=float shape=[?,4,4,2]
        mm = VarHandleOp dtype=float shape=[2]
        mv = VarHandleOp dtype=float shape=[2]
        y = StatefulPartitionedCall(x, mm, mv) Tin={float,resource,resource} Tout={float} f=@f
    """
    source = graph(text, [body])
    assert "batch norms that use their moving averages: 1" in for_inference(source, ["y"])
    (norm,) = (n for n in source if n.op == "FusedBatchNormV3")
    assert norm.attr("is_training") is False
    assert [source[i].inputs for i in norm.inputs[3:]] == [("mm",), ("mv",)]
