"""Unpacks the body of an answer within a bound, so that a few bytes cannot fill the memory."""

from __future__ import annotations

import zlib

MOST_ENCODINGS = 4
# Window bits of zlib: 32 detects the header of gzip or zlib; negative is a bare deflate stream.
_GZIP_OR_ZLIB, _BARE = 32 + zlib.MAX_WBITS, -zlib.MAX_WBITS


def decode_body(body: bytes, encodings: str, most: int) -> tuple[bytes, str]:
    """Return the body without its content encodings, or nothing and what is wrong with it.

    No layer may be longer than ``most`` bytes.
    """
    names = [name for name in (name.strip().lower() for name in encodings.split(",")) if name not in ("", "identity")]
    if len(names) > MOST_ENCODINGS or any(name not in ("gzip", "x-gzip", "deflate") for name in names):
        return b"", "the answer is packed in a way that was not asked for"
    for _ in names:
        try:
            body, is_complete = _unpack(body, most)
        except zlib.error:
            return b"", "the answer cannot be unpacked"
        if not is_complete:
            return b"", "the answer was cut off or is too long"
    return body, ""


def _unpack(body: bytes, most: int) -> tuple[bytes, bool]:
    """Return one layer's content and True, or False if it does not end within ``most`` bytes. Raises zlib.error."""
    try:
        packed = zlib.decompressobj(_GZIP_OR_ZLIB)
        content = packed.decompress(body, most)
    except zlib.error:  # some servers call a bare stream deflate
        packed = zlib.decompressobj(_BARE)
        content = packed.decompress(body, most)
    return content, packed.eof
