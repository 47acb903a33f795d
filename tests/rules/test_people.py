from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules.errors import Invalid
from btm.rules.people import RESERVED, check_handle, check_password, handle_key


@pytest.mark.parametrize(
    "handle", ["ab", "Ada", "ada.lovelace", "a-b_c", "Şule", "李雷", "Ярослав", "x" * 32, "  ada  ", "007"]
)
def test_names_of_any_script_are_welcome(handle: str) -> None:
    assert check_handle(handle) == handle.strip()


@pytest.mark.parametrize(
    "handle", ["", " ", "a", "x" * 33, ".ada", "ada.", "-ada", "_ada", "a b", "a@b", "a/b", "<b>", "a\x00b", "a\nb", "👍👍",
               "admin", "ADMIN", "Machine", "ａｄｍｉｎ", "visitor", "ada\u202e", "\u200bada"]
)  # fmt: skip
def test_other_names_are_not(handle: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_handle(handle)
    assert caught.value.field == "handle"


@pytest.mark.parametrize(
    ("a", "b"), [("Ada", "ADA"), ("ｆｕｌｌ", "full"), ("straße", "STRASSE"), ("Ά", "ά")]
)
def test_names_that_read_the_same_are_one(a: str, b: str) -> None:
    assert handle_key(a) == handle_key(b)


@given(st.text())
def test_a_name_is_taken_as_it_is_shown_or_not_at_all(handle: str) -> None:
    try:
        name = check_handle(handle)
    except Invalid:
        return
    assert check_handle(name) == name
    assert 2 <= len(name) <= 32
    assert handle_key(name) not in RESERVED


def test_no_name_s_key_is_longer_than_its_column() -> None:
    """The column has 64 characters, a name at most 32; some letters become three when case is folded."""
    longest = max(
        len(handle_key(character * 32))
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character)[0] in "LN"
        and unicodedata.normalize("NFKC", character) == character
    )
    assert longest <= 64


@pytest.mark.parametrize("password", ["correct horse battery", "ten chars!", "päßwörter gut", "x1y2" * 50])
def test_long_passwords_of_any_kind_are_taken_as_they_are(password: str) -> None:
    assert check_password(password, "ada") == password


@pytest.mark.parametrize(
    ("password", "handle"),
    [("", "ada"), ("short", "ada"), ("x" * 201, "ada"), ("aaaaaaaaaaaa", "ada"), ("ababababab", "ada"),
     ("ada.lovelace", "Ada.Lovelace"), ("Ada Lovelace X", "adalovelacex")],
)  # fmt: skip
def test_passwords_that_are_quickly_guessed_are_not(password: str, handle: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_password(password, handle)
    assert caught.value.field == "password"
