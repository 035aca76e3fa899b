"""Which encoding a file of text has: Unicode where it says or proves so, else Chinese or Western."""

import codecs
from collections.abc import Iterable
from dataclasses import dataclass

UTF_8, UTF_16_LE, UTF_16_BE, GB18030, WESTERN = "utf-8-sig", "utf-16-le", "utf-16-be", "gb18030", "cp1252"
LABELS = {
    UTF_8: "UTF-8",
    UTF_16_LE: "UTF-16",
    UTF_16_BE: "UTF-16 BE",
    GB18030: "GBK / GB18030",
    WESTERN: "Windows-1252",
    "big5": "Big5",
    "shift_jis": "Shift JIS",
}
_MARKS = ((codecs.BOM_UTF8, UTF_8), (codecs.BOM_UTF16_LE, UTF_16_LE), (codecs.BOM_UTF16_BE, UTF_16_BE))
_HIGH = 0x80
_PAIRED_SHARE_OF_CHINESE = 0.8


@dataclass
class _HighBytes:
    """Bytes over 0x7F, and how many of them stand in runs of two or more: Chinese ones nearly all do."""

    count: int = 0
    paired: int = 0

    def look_at(self, block: bytes) -> None:
        run = 0
        for byte in (*block, 0):
            if byte >= _HIGH:
                run += 1
                continue
            self.count += run
            self.paired += run if run > 1 else 0
            run = 0


def encoding_by_mark(head: bytes) -> str | None:
    """By the byte order mark, or by the zero bytes that UTF-16 has at every other place."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if len(head) >= 4:
        even, odd = head[0::2], head[1::2]
        if odd.count(0) > len(odd) * 0.6 and not even.count(0):
            return UTF_16_LE
        if even.count(0) > len(even) * 0.6 and not odd.count(0):
            return UTF_16_BE
    return None


def detect_encoding(blocks: Iterable[bytes]) -> str:
    """The encoding in which all of the text is valid. blocks: the whole file, in order."""
    decoders = {name: codecs.getincrementaldecoder(name)("strict") for name in (UTF_8, GB18030)}
    high = _HighBytes()
    first = True
    for block in blocks:
        if first and (marked := encoding_by_mark(block[:4096])):
            return marked
        first = False
        if high.count < 20_000 and not block.isascii():
            high.look_at(block[:65536])
        for name in list(decoders):
            if not _accepts(decoders[name], block):
                del decoders[name]
        if not decoders:
            return WESTERN
    if UTF_8 in decoders and _accepts(decoders[UTF_8], b"", final=True):
        return UTF_8
    chinese = high.count and high.paired / high.count >= _PAIRED_SHARE_OF_CHINESE
    return GB18030 if chinese and GB18030 in decoders else WESTERN


def _accepts(decoder: codecs.IncrementalDecoder, block: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True
