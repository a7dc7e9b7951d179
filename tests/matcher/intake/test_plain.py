"""Texts that are recognised as plain are read as their column's reader reads them."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.intake import limits
from matcher.intake.loading import examine
from matcher.intake.readers import Read, reader_of
from matcher.intake.readers.plain import PLAIN
from matcher.intake.reading import _CONTROL, clean
from models import columns as kinds

KINDS = (kinds.Id(), kinds.Ref("companies"), kinds.RefList(("companies",)), kinds.Text())
TEXTS = st.text(st.sampled_from("aZ09_.:/-;=+@' \t\n\u00e9,"), max_size=80)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
@given(text=TEXTS)
def test_a_plain_text_is_what_the_reader_says(kind: kinds.Kind, text: str) -> None:
    """Plain texts are clean, short enough, and mean what the reader makes of them; no other text is called plain."""
    plain = PLAIN[type(kind)]
    if plain.pattern.fullmatch(text):
        assert clean(text) == text
        assert not _CONTROL.search(text)
        assert len(text) <= limits.LIST_CHARACTERS
        assert reader_of(kind, workbook=False)(text) == Read(plain.value(text))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (kinds.Id(), ""),
        (kinds.Id(), "=1"),
        (kinds.Id(), "-1"),
        (kinds.Id(), "a b"),
        (kinds.Id(), "a" * 65),
        (kinds.Id(), "a\n"),
        (kinds.RefList(("companies",)), "a,b"),
        (kinds.RefList(("companies",)), "a;"),
        (kinds.RefList(("companies",)), "a;=b"),
        (kinds.Text(), "'=1"),
        (kinds.Text(), "a "),
        (kinds.Text(), "a\tb"),
    ],
)
def test_what_is_not_plain_goes_to_the_reader(kind: kinds.Kind, text: str) -> None:
    """What is wrong, or written otherwise, is for the reader to say."""
    assert PLAIN[type(kind)].pattern.fullmatch(text) is None


def test_usual_texts_are_plain() -> None:
    """An id, a list of ids and a name: else large rounds would be slow to read."""
    for kind, text in zip(KINDS, ("L0001", "c1", "c1;h2", "Mechatronics, year 2"), strict=True):
        assert PLAIN[type(kind)].pattern.fullmatch(text)


def test_garbage_is_collected_again_after_reading(tmp_path: Path) -> None:
    """Reading stops the search for cycles of garbage; it goes on afterwards, and stays off where it was off."""
    examine(tmp_path)
    assert gc.isenabled()
    gc.disable()
    try:
        examine(tmp_path)
        assert not gc.isenabled()
    finally:
        gc.enable()
