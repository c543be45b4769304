"""WebP, of which Pillow does not tell how it was compressed."""

from __future__ import annotations


def is_lossless(data: bytes) -> bool:
    """Whether the first picture of a WebP file is a lossless one."""
    # RFC 9649, 2.3: chunks of a kind, a size and as many bytes, padded to an even number.
    at = 12
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if kind in (b"VP8L", b"VP8 "):
            return kind == b"VP8L"
        # Each frame of an animation (2.7.1.1) begins with 16 bytes of its own and holds chunks again.
        at += 8 + (16 if kind == b"ANMF" else size + size % 2)
    return False
