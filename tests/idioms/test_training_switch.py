"""What a training switch is, and what a rate of dropouts."""

from __future__ import annotations

import pytest

from graphtools.idioms import training_switch
from tests.transforms.graphs import function, graph

#: A cond whose branch for training draws random numbers; the other does not.
COND = """
    x = Placeholder dtype=float shape=[2]
    cond/Switch = Switch({0}, {0}) T=bool
    cond/switch_t = Identity(cond/Switch:1) T=bool
    cond/dims = Const(^cond/switch_t) value=int32:[2]
    cond/random = {1}(cond/dims) T=int32 dtype=float
    cond/x = Switch(x, {0}) T=float
    cond/noisy = Mul(cond/x:1, cond/random) T=float
    y = Merge(cond/x, cond/noisy) T=float N=2
"""


def found(text: str) -> list[tuple[str, int, int | None]]:
    switches = training_switch.find(graph(text))
    return [(s.node.name, s.off, s.default) for s in switches]


@pytest.mark.parametrize(
    "name",
    [
        "is_training", "phase_train", "net/is_training", "training", "train_mode", "is_train",
        "IsTraining", "is_training_1", "keras_learning_phase", "bn/keras_learning_phase",
        "learning_phase", "train_phase", "phase_train_2", "is_trainable", "mode/is_train",
        "is_training_ph", "training_flag",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["bool", "int32", "uint8"])
def test_a_name_tells_it(name: str, kind: str) -> None:
    assert found(f"{name} = Placeholder dtype={kind}") == [(name, 0, None)]


@pytest.mark.parametrize(
    ("name", "off"), [("phase", 0), ("mode", 0), ("train", 0), ("is_test", 1), ("inference", 1)]
)
def test_a_doubtful_name_tells_it_together_with_what_is_decided(name: str, off: int) -> None:
    alone = f"{name} = Placeholder dtype=bool\n"
    assert found(alone + COND.format(name, "RandomUniform")) == [(name, off, None)]
    assert found(alone + COND.format(name, "Fill")) == []
    assert found(alone) == []


def test_a_condition_may_be_made_of_it() -> None:
    text = """
        phase = Placeholder dtype=float
        half = Const value=float:0.5
        above = Greater(phase, half) T=float
        on = LogicalNot(above)
    """
    assert found(text + COND.format("on", "RandomUniform")) == [("phase", 0, None)]
    assert found("phase = Placeholder dtype=float\nwave = Sin(phase) T=float") == []


def test_a_default_is_known() -> None:
    text = "yes = Const value={}\n{} = PlaceholderWithDefault(yes) dtype={} shape=[]\n"
    assert found(text.format("bool:true", "is_training", "bool")) == [("is_training", 0, 1)]
    off = text.format("bool:false", "is_training", "bool")
    assert [s.stands_off for s in training_switch.find(graph(off))] == [True]
    assert found(text.format("int32:0", "keras_learning_phase", "int32"))[0][2] == 0
    nameless = text.format("bool:false", "input_3", "bool")
    assert found(nameless + COND.format("input_3", "RandomUniform")) == [("input_3", 0, 0)]
    assert found(nameless) == []


def test_branches_may_be_functions() -> None:
    noisy = function(
        "noisy", "x float", "y float = m:z:0",
        "s = Shape(x) T=float\nr = RandomUniform(s:output:0) T=int32 dtype=float\n"
        "m = Mul(x, r:output:0) T=float",
    )  # fmt: skip
    plain = function("plain", "x float", "y float = x", "")
    text = """
        mode = Placeholder dtype=bool
        x = Placeholder dtype=float
        y = If(mode, x) Tcond=bool Tin={float} Tout={float} then_branch=@THEN else_branch=@plain
    """
    for name, expected in (("noisy", ["mode"]), ("plain", [])):
        source = graph(text.replace("THEN", name), [noisy, plain])
        assert [s.node.name for s in training_switch.find(source)] == expected


@pytest.mark.parametrize(
    "line",
    [
        "flip = Placeholder dtype=bool",
        "constrain = Placeholder dtype=bool",
        "trainingset = Placeholder dtype=bool",
        "is_training = Placeholder dtype=bool shape=[4]",
        "is_training = Placeholder dtype=string",
        "is_training = Const value=bool:true",
    ],
)
def test_others_are_none(line: str) -> None:
    assert found(line) == []


@pytest.mark.parametrize(
    ("name", "kind", "off"),
    [
        ("keep_prob", "float", 1), ("net/keep_probability", "half", 1),
        ("dropout_keep", "float", 1), ("dropout_keep_prob_1", "float", 1),
        ("dropout_rate", "float", 0), ("drop_prob", "float", 0), ("x", "float", None),
        ("keep_prob", "bool", None), ("dropout_mask", "float", None),
    ],
)  # fmt: skip
def test_names_of_rates(name: str, kind: str, off: int | None) -> None:
    source = graph(f"{name} = Placeholder dtype={kind}")
    rate = training_switch.keep_probability(source, source[name])
    assert (rate.off if rate else None) == off
    assert training_switch.is_keep_probability(source, source[name]) == (off is not None)


def test_what_a_dropout_reads_is_its_rate_by_any_name() -> None:
    source = graph(
        """
        x = Placeholder dtype=float shape=[2]
        p = Placeholder dtype=float
        q = PlaceholderWithDefault(none) dtype=float shape=[]
        none = Const value=float:0
        one = Const value=float:1
        dims = Const value=int32:[2]
        random = RandomUniform(dims) T=int32 dtype=float
        sum = Add(p, random) T=float
        floor = Floor(sum) T=float
        keep = Sub(one, q) T=float
        scale = RealDiv(one, keep) T=float
        kept = GreaterEqual(random, q) T=float
        """
    )
    rates = [training_switch.keep_probability(source, source[name]) for name in "xpq"]
    assert [None if r is None else (r.off, r.stands_off) for r in rates] == [
        None, (1, False), (0, True),
    ]  # fmt: skip
