"""Recognises the encoding of a CSV file: BOM, strict UTF-8, UTF-16 without a BOM, and last cp1250 or
cp1252.

The two Windows code pages share most bytes. They are told apart by the letters that each would show:
Central European names have č, ć, đ, ł, ő where the Western page shows è, æ, ð, ³, õ.
"""

from __future__ import annotations

import codecs
from typing import Final, NamedTuple

from matcher.intake.findings import Unreadable

NAMES: Final = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "cp1250": "cp1250 (Windows, Central European)",
    "cp1252": "cp1252 (Windows, Western European)",
}
"""What the encodings are called in messages."""

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, None),
    (codecs.BOM_UTF32_BE, None),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_SAMPLE: Final = 4096

# How strongly a letter speaks for its page; a letter that is not listed but differs speaks against it.
_WEIGHTS: Final = {
    "cp1250": {4: "ćłąęđĆŁĄĐ", 3: "čČżŻřŘěĚőŐűŰůŮśŚźŹ", 2: "ňŇńŃăĂţŢşŞťŤďĎĘŽžŠš"},
    "cp1252": {4: "ñÑ", 3: "èàòùãõÀåÅøØæÆÒ", 2: "êìûÈÙÊœŒ’“”", 1: "ïëÿÌÃÕðÐþßªº¿¡"},
}
_AGAINST: Final = -3
_OUT_OF_PLACE: Final = 5.0
_VOWELS: Final = frozenset("aeiouyáéíóúAEIOUY")


class Decoded(NamedTuple):
    """A file's text and the encoding that it was read with."""

    text: str
    encoding: str


def decode(data: bytes) -> Decoded:
    """The text of a file; raises ``Unreadable`` for NUL characters or when no known encoding fits."""
    decoded = _by_mark(data) or _utf8(data) or _unmarked_utf16(data) or _code_page(data)
    if decoded is None:
        raise Unreadable("not text in UTF-8, UTF-16, cp1250 or cp1252: save the file as CSV UTF-8")
    if "\x00" in decoded.text:
        row = decoded.text.count("\n", 0, decoded.text.index("\x00")) + 1
        raise Unreadable("NUL characters in the file: it is damaged, or not text", row)
    return decoded


def _by_mark(data: bytes) -> Decoded | None:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            if encoding is None:
                raise Unreadable("UTF-32 is not read: save the file as CSV UTF-8")
            decoded = _strict(data[len(mark) :], encoding)
            if decoded is None:
                raise Unreadable(
                    f"the file begins as {NAMES[encoding]} but is damaged: it cannot be read as such"
                )
            return decoded
    return None


def _utf8(data: bytes) -> Decoded | None:
    """UTF-8, unless NUL bytes say that every other byte is one of UTF-16."""
    return None if _nul_parity(data) else _strict(data, "utf-8")


def _unmarked_utf16(data: bytes) -> Decoded | None:
    parity = _nul_parity(data)
    return _strict(data, parity) if parity else None


def _nul_parity(data: bytes) -> str | None:
    """The UTF-16 whose high bytes are where most of the NUL bytes are (text in Latin letters)."""
    sample = data[:_SAMPLE]
    half = len(sample) // 2
    if half and sample[1::2].count(0) > 0.3 * half and not sample[0::2].count(0):
        return "utf-16-le"
    if half and sample[0::2].count(0) > 0.3 * half and not sample[1::2].count(0):
        return "utf-16-be"
    return None


def _strict(data: bytes, encoding: str) -> Decoded | None:
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError:
        return None


def _code_page(data: bytes) -> Decoded | None:
    """The code page whose letters are the more plausible; the Western one where nothing tells."""
    candidates = [decoded for page in ("cp1252", "cp1250") if (decoded := _strict(data, page))]
    return max(candidates, key=_plausibility, default=None)


def _plausibility(decoded: Decoded) -> float:
    weights = {char: weight for weight, chars in _WEIGHTS[decoded.encoding].items() for char in chars}
    other = {"cp1250": "cp1252", "cp1252": "cp1250"}[decoded.encoding]
    score = 0.0
    for before, char, after in _neighbourhoods(decoded.text):
        if char.encode(decoded.encoding).decode(other, "replace") == char:
            score += _shared(char, decoded.encoding)
        else:
            score += weights.get(char, _AGAINST) + _fits(decoded.encoding, before, char, after)
    return score


def _neighbourhoods(text: str) -> list[tuple[str, str, str]]:
    """Every letter beyond ASCII with the characters on either side; some thousands are enough."""
    places = [place for place, char in enumerate(text[: 200 * _SAMPLE]) if char > "\x7f"][:_SAMPLE]
    padded = f" {text} "
    return [(padded[place], padded[place + 1], padded[place + 2]) for place in places]


def _shared(char: str, encoding: str) -> float:
    """š and ž are the same byte in both pages, but at home in the Central European one."""
    return 2.0 if char in "šžŠŽ" and encoding == "cp1250" else 0.0


def _fits(encoding: str, before: str, char: str, after: str) -> float:
    """What the neighbours say of a letter of the Western page.

    Romance è, à, ò do not stand before a vowel or after a or e, but often at the end of a word; ñ stands before a
    vowel, õ before e; a sign such as ³ does not stand inside a word.
    """
    if encoding != "cp1252":
        return 0.0
    if char in "èàòùìÈæð":
        astray = after in _VOWELS or before in "ae" or (before.isspace() and after.isalpha())
        return -_OUT_OF_PLACE if astray else float(char in "èàòùì" and not after.isalpha())
    if (char in "ñÑ" and after not in _VOWELS) or (char == "õ" and after != "e"):
        return -_OUT_OF_PLACE
    return -_OUT_OF_PLACE if not char.isalpha() and before.isalpha() and after.isalpha() else 0.0
