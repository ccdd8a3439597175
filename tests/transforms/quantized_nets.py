"""A small net that is trained, as text: layers of the kinds that quantization knows."""

from __future__ import annotations


def variable(name: str, shape: str) -> str:
    """A variable with its initialiser and what reads it."""
    return f"""
        {name}/init = Const value=float:zeros{shape}
        {name} = VariableV2 dtype=float shape={shape} shared_name="" container=""
        {name}/Assign = Assign({name}, {name}/init) T=float validate_shape=true use_locking=true
        {name}/read = Identity({name}) T=float
    """


CONV = 'T=float strides={1,1,1,1} padding="SAME" data_format="NHWC"'


def conv(name: str, x: str, shape: str, more: str = "") -> str:
    """A convolution with weights, and more attributes."""
    return (
        variable(f"{name}/w", shape) + f"{name}/Conv2D = Conv2D({x}, {name}/w/read) {CONV} {more}"
    )


def batch_norm(name: str, x: str, channels: int) -> str:
    """A fused batch norm for training, with moving averages and their updates."""
    size = f"[{channels}]"
    parts = "".join(variable(f"{name}/{p}", size) for p in _PARTS)
    return f"""{parts}
        {name}/none = Const value=float:[]
        {name}/bn = FusedBatchNormV3({x}, {name}/gamma/read, {name}/beta/read, {name}/none, {name}/none) T=float U=float epsilon=0.001 is_training=true
        {name}/decay = Const value=float:0.1
        {name}/sub = Sub({name}/moving_mean/read, {name}/bn:1) T=float
        {name}/mul = Mul({name}/sub, {name}/decay) T=float
        {name}/update = AssignSub({name}/moving_mean, {name}/mul) T=float
        {name}/sub_1 = Sub({name}/moving_variance/read, {name}/bn:2) T=float
        {name}/mul_1 = Mul({name}/sub_1, {name}/decay) T=float
        {name}/update_1 = AssignSub({name}/moving_variance, {name}/mul_1) T=float
    """  # noqa: E501


_PARTS = ("gamma", "beta", "moving_mean", "moving_variance")
INPUT = "x = Placeholder dtype=float shape=[2,4,4,3]\n"
