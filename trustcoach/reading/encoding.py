"""Bytes to text: the encoding of a file, and bytes that do not belong to it."""

from __future__ import annotations

import codecs
import re

__all__ = ["Decoder", "detect_encoding"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")


def detect_encoding(head: bytes) -> str | None:
    """The encoding that the first bytes of a file are written in, or `None` if they are not text."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if b"\x00" in head:
        return _sixteen_bits(head)
    try:
        codecs.utf_8_decode(head, "strict", False)
        return "utf-8"
    except UnicodeDecodeError:
        pass
    high = len(_HIGH.findall(head))
    if sum(map(len, _UTF8_SEQUENCE.findall(head))) * 2 > high:
        return "utf-8"  # mixed: the strangers are repaired one by one
    if high * 5 < len(head):
        return "cp1252"  # a western text; statistics on so few letters would only mislead
    from charset_normalizer import from_bytes

    best = from_bytes(head[:65536]).best()
    return best.encoding if best else "cp1252"


def _sixteen_bits(head: bytes) -> str | None:
    even, odd = head[0:4096:2].count(0), head[1:4096:2].count(0)
    half = max(1, min(len(head), 4096) // 2)
    if odd > half * 0.3 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.3 and odd < half * 0.05:
        return "utf-16-be"
    return None if (even + odd) > 3 or even + odd > len(head) * 0.01 else "utf-8"


class Decoder:
    """Decodes a file piece by piece.

    Bytes in a UTF-8 file that are not UTF-8 are read as Windows-1252, one by one, and counted in `repaired`; in other
    encodings they become U+FFFD, counted as well.
    """

    def __init__(self, encoding: str) -> None:
        self.repaired = 0
        self._utf8 = codecs.lookup(encoding).name == "utf-8"
        self._rest = b""
        self._started = False
        self._other = None if self._utf8 else codecs.getincrementaldecoder(encoding)("replace")

    def decode(self, data: bytes, final: bool = False) -> str:
        """The text of the next piece; a character cut at its end is kept for the next one."""
        text = self._decode_utf8(data, final) if self._other is None else self._other.decode(data, final)
        if self._other is not None:
            self.repaired += text.count("\ufffd")
        if text and not self._started:
            self._started = True
            text = text.removeprefix("\ufeff")
        return text

    def _decode_utf8(self, data: bytes, final: bool) -> str:
        data = self._rest + data
        done: list[str] = []
        at = 0
        while at < len(data):
            try:
                text, used = codecs.utf_8_decode(data[at:] if at else data, "strict", final)
            except UnicodeDecodeError as error:
                done.append(data[at : at + error.start].decode("utf-8"))
                strangers = data[at + error.start : at + error.end]
                done.append("".join(_WINDOWS[byte] for byte in strangers))
                self.repaired += len(strangers)
                at += error.end
                continue
            done.append(text)
            at += used
            break
        self._rest = data[at:]
        return "".join(done)


_WINDOWS = [bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256)]
