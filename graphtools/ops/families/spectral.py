"""Shapes of Fourier transforms and of ops on sounds."""

from __future__ import annotations

from graphtools.ops.call import Call, shape_function
from graphtools.ops.dims import (
    SCALAR,
    Contradiction,
    Dim,
    Dims,
    merge_dim,
    replaced,
    unknown,
    with_rank,
    with_rank_at_least,
)


@shape_function(
    "FFT", "IFFT", "FFT2D", "IFFT2D", "FFT3D", "IFFT3D", "BatchFFT", "BatchIFFT", "BatchFFT2D",
    "BatchIFFT2D", "BatchFFT3D", "BatchIFFT3D",
)  # fmt: skip
def transform(call: Call) -> Dims:
    """The input, of as many dimensions at least as are transformed."""
    return with_rank_at_least(call.input(0), _transformed(call))


def _transformed(call: Call) -> int:
    return {"2": 2, "3": 3}.get(call.node.op[-2], 1)


@shape_function("RFFT", "RFFT2D", "RFFT3D")
def real_transform(call: Call) -> Dims:
    """The last dimensions become the lengths that the second input says; the last n/2 + 1."""
    return _real(call, halves=True)


@shape_function("IRFFT", "IRFFT2D", "IRFFT3D")
def inverse_real_transform(call: Call) -> Dims:
    """The last dimensions become the lengths that the second input says."""
    return _real(call, halves=False)


def _real(call: Call, *, halves: bool) -> Dims:
    count = _transformed(call)
    dims = with_rank_at_least(call.input(0), count)
    (given,) = with_rank(call.input(1), 1)
    merge_dim(given, count)
    lengths = call.vector(1)
    if dims is None:
        return None
    if lengths is None or len(lengths) != count:
        lengths = (None,) * count
    sizes = [None if size == -1 else size for size in lengths]
    last = sizes[-1]
    if halves and last is not None:
        # nothing stays nothing
        sizes[-1] = last // 2 + 1 if last else 0
    if any(s is not None and s < 0 for s in sizes):
        raise Contradiction(f"a transform cannot have the lengths {list(lengths)}")
    return (*dims[:-count], *sizes)


@shape_function("FFTND", "IFFTND", "RFFTND", "IRFFTND")
def transform_nd(call: Call) -> Dims:
    """Axes and their lengths are inputs."""
    dims = with_rank_at_least(call.input(0), 1)
    return None if dims is None else unknown(len(dims))


@shape_function("DecodeWav")
def decode_wav(call: Call) -> list[Dims]:
    """Samples by channels, and the sample rate."""
    with_rank(call.input(0), 0)
    channels, samples = call.int_attr("desired_channels"), call.int_attr("desired_samples")
    if channels < -1 or samples < -1:
        raise Contradiction(f"a sound cannot have {samples} samples of {channels} channels")
    return [(_stated(samples), _stated(channels)), SCALAR]


def _stated(value: int) -> Dim:
    return None if value == -1 else value


@shape_function("EncodeWav")
def encode_wav(call: Call) -> Dims:
    """A text."""
    with_rank(call.input(0), 2)
    with_rank(call.input(1), 0)
    return SCALAR


@shape_function("AudioSpectrogram")
def audio_spectrogram(call: Call) -> Dims:
    """[channels, windows, frequencies] of sounds [samples, channels]."""
    samples, channels = with_rank(call.input(0), 2)
    window, stride = call.int_attr("window_size"), call.int_attr("stride")
    if window <= 1 or stride <= 0 or window >= 1 << 31:
        raise Contradiction(f"a sound cannot be cut into windows of {window} by steps of {stride}")
    length: Dim = None
    if samples is not None:
        length = 0 if samples < window else 1 + (samples - window) // stride
    points = 1 << (window - 1).bit_length()
    return (channels, length, points // 2 + 1)


@shape_function("Mfcc")
def mfcc(call: Call) -> Dims:
    """The coefficients of each window of a spectrogram."""
    dims = with_rank(call.input(0), 3)
    with_rank(call.input(1), 0)
    return replaced(dims, 2, call.int_attr("dct_coefficient_count"))
