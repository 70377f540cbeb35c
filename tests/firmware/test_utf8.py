"""Texts on the wire are UTF-8 as every host reads it, whatever they were made of."""

from hypothesis import example, given
from hypothesis import strategies as st

from pump.utf8 import clean, good_bytes


@given(st.binary(max_size=40) | st.text(max_size=20).map(str.encode))
@example(b"\xc0\x80")
@example(b"\xed\xa0\x80")
@example(b"\xf4\x90\x80\x80")
@example("\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff".encode())
def test_what_is_utf8_is_what_a_strict_decoder_takes(data: bytes) -> None:
    try:
        data.decode()
        whole = len(data)
    except UnicodeDecodeError as error:
        whole = error.start
    assert good_bytes(data) == whole


@given(st.text(st.characters(), max_size=30), st.none() | st.integers(0, 40))
@example("x\ud800y", None)
@example("°" * 10, 7)
def test_a_text_is_cleaned_and_cut_between_characters(text: str, most: int | None) -> None:
    data = clean(text, most)
    assert most is None or len(data) <= most
    wanted = text.encode("utf-8", "replace") if text.isascii() or text.isprintable() else None
    assert data.decode() is not None
    assert wanted is None or wanted.startswith(data)
