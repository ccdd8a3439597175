"""CRC-32C as table files and checkpoints store it: masked.

Source: TensorFlow's crc32c.h. The mask (a rotation and an addition) keeps the checksum of data that
holds checksums itself from being weak.
"""

from __future__ import annotations

_MASK_DELTA = 0xA282EAD8
_PIECE = 1 << 20


def masked_crc32c(*pieces: bytes | memoryview) -> int:
    """The masked CRC-32C of some bytes, given in pieces."""
    crc = 0
    for piece in pieces:
        crc = extend(crc, piece)
    return mask(crc)


def extend(crc: int, data: bytes | memoryview) -> int:
    """The plain CRC-32C of what `crc` covers followed by `data`."""
    import google_crc32c

    if isinstance(data, bytes):
        return int(google_crc32c.extend(crc, data))
    # the library takes bytes only: copy a mapped file in pieces
    for start in range(0, len(data), _PIECE):
        crc = google_crc32c.extend(crc, bytes(data[start : start + _PIECE]))
    return crc


def mask(crc: int) -> int:
    """The form in which a CRC-32C is stored."""
    return ((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF
