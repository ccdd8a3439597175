"""GT200-GT219: what is left of training in a graph that is meant for inference."""

from __future__ import annotations

import pytest

from tests.lint.graphs import Case
from tests.transforms.graphs import function, graph

X = "x = Placeholder dtype=float shape=[1,4]\n"
GOOD = X + "y = Relu(x) T=float\n"
NORM = """
    x = Placeholder dtype=float shape=[1,2,2,1]
    s = Const value=float:[1]
    y = FusedBatchNormV3(x, s, s, s, s) T=float U=float
"""
MOMENTS = """
    x = Placeholder dtype=float shape=[?,4]
    axes = Const value=int32:[0]
    eps = Const value=float:0.001
    beta = Const value=float:[1,2,3,4]
    mean = Mean(x, axes) T=float Tidx=int32 keep_dims=true
    diff = SquaredDifference(x, mean) T=float
    variance = Mean(diff, axes) T=float Tidx=int32 keep_dims=true
    add = AddV2(variance, eps) T=float
    factor = Rsqrt(add) T=float
    product = Mul(x, factor) T=float
    shift = Mul(mean, factor) T=float
    offset = Sub(beta, shift) T=float
    y = AddV2(product, offset) T=float
"""
CALL = X + "y = PartitionedCall(x) Tin={float} Tout={float} f=@f\n"
NORM_IN_FUNCTION = function(
    "f", "a float, s float", "r float = y:y:0",
    "y = FusedBatchNormV3(a, s, s, s, s) T=float U=float",
)  # fmt: skip
PLAIN_FUNCTION = function("f", "a float", "r float = y:activations:0", "y = Relu(a) T=float")
DROPOUT_IN_FUNCTION = function(
    "f", "a float", "r float = y:z:0",
    """
    shape = Shape(a) T=float
    random = RandomUniform(shape:output:0) T=int32 dtype=float
    half = Const value=float:0.5
    two = Const value=float:2
    scaled = Mul(a, two:output:0) T=float
    kept = GreaterEqual(random:output:0, half:output:0) T=float
    mask = Cast(kept:z:0) SrcT=bool DstT=float
    y = Mul(scaled:z:0, mask:y:0) T=float
    """,
)  # fmt: skip
RANDOM = """
    shape = Const value=int32:[1,4]
    random = RandomUniform(shape) T=int32 dtype=float
"""
DROPOUT = (
    X
    + RANDOM
    + """
    keep = Const value=float:0.5
    div = RealDiv(x, keep) T=float
    sum = Add(keep, random) T=float
    floor = Floor(sum) T=float
    y = Mul(div, floor) T=float
"""
)
NEWER_DROPOUT = (
    X
    + RANDOM
    + """
    rate = Const value=float:0.5
    scale = Const value=float:2
    mul = Mul(x, scale) T=float
    kept = GreaterEqual(random, rate) T=float
    cast = Cast(kept) SrcT=bool DstT=float
    y = Mul(mul, cast) T=float
"""
)
NEWEST_DROPOUT = NEWER_DROPOUT.replace(
    "cast = Cast(kept) SrcT=bool DstT=float", "zero = Const value=float:0"
).replace("y = Mul(mul, cast)", "y = SelectV2(kept, mul, zero)")
NOISE = X + RANDOM + "y = Mul(x, random) T=float"
QUEUE = """
    queue = FIFOQueueV2 component_types={float} shapes={[1,4]}
    batch = QueueDequeueV2(queue) component_types={float}
    y = Relu(batch) T=float
"""
TAGS = """
    a = Const value=string:"loss"
    b = Const value=string:"loss"
    s = ScalarSummary(a, y) T=float
    t = ScalarSummary(b, y) T=float
    all = MergeSummary(s, t) N=2
"""
ASSERT = (
    X
    + """
    zero = Const value=float:0
    fine = GreaterEqual(x, zero) T=float
    axes = Const value=int32:[0,1]
    every = All(fine, axes) Tidx=int32
    assert = Assert(every, x) T={float} summarize=3
    y = Relu(x, ^assert) T=float
"""
)

CASES = [
    Case("GT201", X + "v = VariableV2 dtype=float shape=[1,4]\ny = Add(x, v) T=float",
         X + "v = Const value=float:[[1,2,3,4]]\ny = Add(x, v) T=float", "v"),
    Case("GT201", X + "v = VariableV2 dtype=float shape=[1,4]\ny = Add(x, v) T=float", GOOD, "v",
         target="tensorflow-cpu", severity="info"),
    Case("GT201", GOOD + "step = VariableV2 dtype=int64 shape=[]", GOOD, "step",
         says="no output needs", severity="warning", cured=True),
    Case("GT202", GOOD + "w/Adam = Const value=float:[1]", GOOD, "w/Adam", cured=True),
    Case("GT202", X + "w/Adam = Const value=float:[1]\ny = Add(x, w/Adam) T=float", GOOD, "w/Adam",
         severity="warning"),
    Case("GT203", NORM, NORM.replace("U=float", "U=float is_training=false"), "y",
         says="1 batch norm"),
    Case("GT203", MOMENTS, MOMENTS.replace("int32:[0]", "int32:[1]"), "y", says="1 batch norm"),
    Case("GT203", CALL, CALL, "y@f", functions=[NORM_IN_FUNCTION], good_functions=[PLAIN_FUNCTION]),
    Case("GT204", CALL, CALL, "y@f", functions=[DROPOUT_IN_FUNCTION], cured=True,
         good_functions=[PLAIN_FUNCTION]),
    Case("GT204", DROPOUT, NOISE, "y", cured=True),
    Case("GT204", NEWER_DROPOUT, NOISE, "y", cured=True),
    Case("GT204", NEWEST_DROPOUT, NOISE, "y", cured=True),
    Case("GT205", GOOD + "queue = FIFOQueueV2 component_types={float} shapes={[1,4]}", GOOD,
         "queue", cured=True),
    Case("GT205", QUEUE, GOOD, "batch", says="from which the model is fed", severity="warning",
         inputs=("batch",), cured=True),
    Case("GT205", QUEUE, GOOD, "queue", severity="warning", inputs=()),
    Case("GT206", GOOD + TAGS, GOOD, "s", cured=True),
    Case("GT207", GOOD + TAGS, GOOD + TAGS.replace('b = Const value=string:"loss"',
         'b = Const value=string:"accuracy"'), "t", says="'s' has the tag 'loss', too"),
    Case("GT208", ASSERT, GOOD, "assert", cured=True),
    Case("GT209", X + 'p = Print(x, x) T=float U={float} message="x"\ny = Relu(p) T=float', GOOD,
         "p", cured=True),
    Case("GT209", X + 't = Const value=string:"x"\np = PrintV2(t)\ny = Relu(x, ^p) T=float', GOOD,
         "p", cured=True),
    Case("GT209", X + 'y = Print(x, x) T=float U={float} message="x"', GOOD, "y"),
    Case("GT210", GOOD + 'n = Const value=string:"w"\ns = Const value=string:[""]\n'
         "save = SaveV2(n, s, s, x) dtypes={float}", GOOD, "save", cured=True),
    Case("GT211", X + 'c = CheckNumerics(x) T=float message="?"\ny = Relu(c) T=float',
         X + 'y = CheckNumerics(x) T=float message="?"', "c", cured=True),
    Case("GT212", X + "keep_prob = Placeholder dtype=float shape=[]\ny = Mul(x, keep_prob) T=float",
         X + "factor = Placeholder dtype=float shape=[]\ny = Mul(x, factor) T=float", "keep_prob",
         cured=True),
    Case("GT212", X + "phase_train = Placeholder dtype=bool shape=[]\n"
         "y = SelectV2(phase_train, x, x) T=float", GOOD, "phase_train", cured=True),
]  # fmt: skip


def test_the_cure_of_a_switch_is_a_constant() -> None:
    case = next(c for c in CASES if c.node == "phase_train")
    (found,) = case.findings(case.bad_graph())
    assert found.cure == 'placeholder_to_const(value="phase_train=False")'
    assert not found.is_safe_cure


@pytest.mark.parametrize("code", ["GT204", "GT208"])
def test_cures_that_change_what_is_computed_are_not_safe(code: str) -> None:
    case = next(c for c in CASES if c.code == code)
    assert not case.findings(case.bad_graph())[0].is_safe_cure


def test_a_placeholder_that_switches_training_off_is_named() -> None:
    (plain,) = Case("GT203", NORM, GOOD, "y").findings(graph(NORM))
    assert plain.remedy.startswith("Build the graph with is_training=False")
    switched = (
        NORM
        + """
        is_training = Placeholder dtype=bool shape=[]
        choice = Switch(y, is_training) T=float
        z = Merge(choice, choice:1) T=float N=2
    """
    )
    (found,) = Case("GT203", switched, GOOD, "y", outputs=("z",)).findings(graph(switched))
    assert found.remedy.startswith("'is_training' decides")
    assert "inference=True" in found.remedy
