from __future__ import annotations

from tests.transforms.graphs import apply, same, skips

#: One end of a range as fake_quantize_training follows it, in a frozen graph.
END = """
    {e} = Const value=float:{v}
    {e}/set = IsVariableInitialized({e}) dtype=float
    {e}/now = {E}(x, {e}/axes) T=float
    {e}/axes = Range(zero, zero, zero) Tidx=int32
    {e}/start = Switch({e}/now, {e}/set) T=float
    {e}/diff = Sub({e}, {e}/now) T=float
    {e}/rest = Sub(one, decay) T=float
    {e}/step = Mul({e}/diff, {e}/rest) T=float
    {e}/next = Sub({e}, {e}/step) T=float
    {e}/merge = Merge({e}/start, {e}/next) N=2 T=float
    {e}/assign = Assign({e}, {e}/merge) T=float
"""
BEFORE = (
    """
    x = Placeholder dtype=float
    one = Const value=float:1
    decay = Const value=float:0.9
    zero = Const value=int32:0
"""
    + END.format(e="min", E="Min", v=-2)
    + END.format(e="max", E="Max", v=3)
    + """
    q = FakeQuantWithMinMaxVars(x, min/assign, max/assign, ^x) narrow_range=true num_bits=7
"""
)


def test_ranges_are_read_from_where_training_left_them() -> None:
    after = """
        x = Placeholder dtype=float
        min = Const value=float:-2
        max = Const value=float:3
        q = FakeQuantWithMinMaxVars(x, min, max, ^x) narrow_range=true num_bits=7
    """
    done = apply(BEFORE, "remove_ema", ["x"], ["q"])
    assert same(done.graph, after)
    assert not skips(done)


def test_what_is_followed_in_another_way_stays() -> None:
    before = BEFORE.replace("Sub(one", "Add(one")
    done = apply(before, "remove_ema", ["x"], ["q"])
    assert same(done.graph, before)
    assert "another way" in skips(done)["q"]


def test_constant_ranges_are_no_matter() -> None:
    before = """
        x = Placeholder dtype=float
        r = Const value=float:1
        q = FakeQuantWithMinMaxVars(x, r, r) num_bits=8
    """
    done = apply(before, "remove_ema", ["x"], ["q"])
    assert same(done.graph, before)
    assert not skips(done)
