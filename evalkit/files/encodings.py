"""In which encoding a text is written: a mark at its beginning, strict UTF-8, GB18030, or what is declared."""

from __future__ import annotations

import codecs
import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from evalkit.errors import Problems

_CHUNK = 2**20
_SAMPLE = 2_000
"""Texts among which those of Big5 are looked for."""

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
"""Where GB18030 puts byte pairs that no Chinese text uses, such as those of Big5."""

_CHINESE = re.compile("[\u4e00-\u9fff]")

_COMMON = 0.5
"""Big5 read as GB18030 has fewer of its characters among the common ones, and as Big5 most."""

_LEAST_CHARACTERS = 8
"""Of fewer Chinese characters nothing is told."""

_NEARLY = 5
"""Chinese characters for each byte that is none, where a text is taken for damaged UTF-8."""


def likely(path: Path) -> str:
    """Return the encoding that is tried first: that of the mark at the beginning, else UTF-8."""
    return marked(path) or "utf-8"


def seem_big5(texts: Iterable[str]) -> int:
    """Return how many texts, read as GB18030, look like those of Big5; 0 where they do not.

    Both standards put their common characters together: leads B0 to D7, and A4 to C6.
    """
    some = itertools.islice(texts, _SAMPLE)
    chinese = [text for text in some if _CHINESE.search(text)]
    try:
        pairs = [pair for text in chinese for pair in _pairs(text.encode("gb18030"), "big5")]
    except UnicodeDecodeError:
        return 0
    if len(pairs) < _LEAST_CHARACTERS:
        return 0
    common = sum(0xB0 <= lead <= 0xD7 and trail >= 0xA1 for lead, trail in pairs) / len(pairs)
    otherwise = sum(0xA4 <= lead <= 0xC6 for lead, _ in pairs) / len(pairs)
    return len(chinese) if common < _COMMON and otherwise > 1 - _COMMON / 5 else 0


def _pairs(content: bytes, codec: str) -> Iterator[tuple[int, int]]:
    """Yield the byte pairs of a text of double bytes."""
    for character in content.decode(codec):
        encoded = character.encode(codec)
        if len(encoded) == 2:
            yield encoded[0], encoded[1]


def marked(path: Path) -> str | None:
    """Return the encoding that a mark at the beginning of the file names; None without one."""
    with path.open("rb") as handle:
        head = handle.read(4)
    return next((codec for mark, codec in _BOMS if head.startswith(mark)), None)


def encoding_of(path: Path, name: str, declared: str | None, problems: Problems) -> str | None:
    """Return the encoding of a file, by its mark or its bytes; None with a problem."""
    bom = marked(path)
    if declared is not None:
        return _declared_encoding(path, name, declared, bom, problems)
    candidates = (bom,) if bom is not None else ("utf-8", "gb18030")
    for candidate in candidates:
        where = _decodes(path, candidate)
        if where is None:
            return candidate
        if bom is not None or (candidate == "utf-8" and _is_nearly_utf8(path)):
            problems.add(
                "encoding_broken",
                f"文件是 {_TITLES[candidate]} 编码，但有个别字节损坏",
                file=name,
                expected=f"完整的 {_TITLES[candidate]} 文本",
                found=f"第 {where + 1} 字节起不合规则",
                remedy="重新导出或重新下载",
            )
            return None
    problems.add(
        "encoding_unknown",
        "认不出文件的编码",
        file=name,
        expected="UTF-8 或 GB18030",
        found=f"第 {where} 字节附近不合规则",
        remedy="在 Excel 中另存为 xlsx，或在 evaluation.yaml 中声明 encoding",
    )
    return None


def _declared_encoding(
    path: Path, name: str, declared: str, bom: str | None, problems: Problems
) -> str | None:
    try:
        codec = codecs.lookup(declared).name
        codecs.getincrementaldecoder(codec)
        "".encode(codec)
    except (LookupError, UnicodeError):
        problems.add(
            "encoding_unknown",
            "不认识声明的编码",
            file=name,
            key="encoding",
            expected="utf-8、gb18030、big5、utf-16 等",
            found=declared,
            remedy="改正，或删去 encoding 由程序判断",
        )
        return None
    if codec in ("gbk", "gb2312"):
        codec = "gb18030"
    if bom is not None and codec.replace("_", "-").startswith(bom.removesuffix("-sig")):
        codec = bom
    where = _decodes(path, codec)
    if where is None and bom in (None, codec) and not _is_utf8_after_all(path, codec):
        return codec
    others = (bom,) if bom is not None else ("utf-8", "gb18030", "big5")
    alike = next((other for other in others if other and _decodes(path, other) is None), None)
    problems.add(
        "encoding_mismatch",
        "文件不是声明的编码",
        file=name,
        key="encoding",
        expected=declared,
        found=f"看起来是 {_TITLES[alike]}" if alike else f"第 {where} 字节附近不合规则",
        remedy=f"把 encoding 改为 {alike}，或删去" if alike else "在 Excel 中另存为 xlsx",
    )
    return None


def _is_utf8_after_all(path: Path, codec: str) -> bool:
    """Chinese UTF-8 often decodes as GB18030 or Big5 too, into nonsense; the reverse is chance."""
    if codec.startswith("utf") or _decodes(path, "utf-8") is not None:
        return False
    with path.open(encoding="utf-8", newline="") as handle:
        return any(_CHINESE.search(line) for line in handle)


def _is_nearly_utf8(path: Path) -> bool:
    """Tell UTF-8 with some bytes damaged from GB18030, of which hardly a character is UTF-8."""
    right = wrong = 0
    with path.open(encoding="utf-8", errors="replace", newline="") as handle:
        while chunk := handle.read(_CHUNK):
            right += len(_CHINESE.findall(chunk))
            wrong += chunk.count("\N{REPLACEMENT CHARACTER}")
    return right > _NEARLY * wrong


_TITLES: dict[str, str] = {
    "utf-8": "UTF-8",
    "utf-8-sig": "带 BOM 的 UTF-8",
    "utf-16": "UTF-16",
    "utf-32": "UTF-32",
    "gb18030": "GB18030 (GBK)",
    "big5": "Big5",
}


def _decodes(path: Path, codec: str) -> int | None:
    """Return None if all of the file decodes, else the byte offset about which it does not."""
    decoder = codecs.getincrementaldecoder(codec.removesuffix("-sig"))()  # its bytes count, too
    done = 0
    with path.open("rb") as handle:
        while True:
            chunk = handle.read(_CHUNK)
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return done + error.start
            except UnicodeError:
                return done
            done += len(chunk)
            if not chunk:
                return None
