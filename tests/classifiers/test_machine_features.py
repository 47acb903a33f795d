"""Counting features: what is the same, what differs, and how long pages and odd characters fare."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from classifiers.features import FeatureSettings, counts, weigh
from classifiers.page import Page

SMALL = FeatureSettings(bits=14)
WORDS = FeatureSettings(bits=16, word_ngrams=1, character_ngrams=(), namespaces=("body",))


def row(page: Page | str, settings: FeatureSettings = SMALL) -> dict[int, float]:
    matrix = counts([page], settings)
    return dict(zip(matrix.indices.tolist(), matrix.data.tolist(), strict=True))


def test_counts_every_word_of_two_letters_or_more() -> None:
    assert sorted(row("a boat, a boat and Bread!", WORDS).values()) == [1, 1, 2]


def test_counts_pairs_of_neighbours_but_never_across_fields() -> None:
    pairs = FeatureSettings(bits=16, character_ngrams=(), namespaces=("body",))
    assert len(row("old boat", pairs)) == 3
    assert len(row(Page(title="old", text="boat"), pairs)) == 2


def test_case_and_compatibility_forms_make_no_difference() -> None:
    assert row("ＢＯＡＴ Straße") == row("boat straße")


def test_a_string_is_the_body_of_a_page() -> None:
    assert row("a white boat") == row(Page(text="a white boat"))


def test_title_headings_and_description_feed_the_body_too() -> None:
    first, size = SMALL.block("body")
    for page in (Page(title="white boat"), Page(headings=("white boat",)), Page(description="white boat")):
        assert set(row("white boat")) <= set(row(page))
        assert any(not first <= column < first + size for column in row(page))


def test_link_text_and_address_stay_out_of_the_body() -> None:
    first, size = SMALL.block("body")
    page = Page(url="https://boats.example/white", links=("white boat",), language="en")
    assert row(page)
    assert not any(first <= column < first + size for column in row(page))


def test_respelling_keeps_most_characters() -> None:
    only = FeatureSettings(bits=18, namespaces=("body", "characters"))
    first, size = only.block("characters")
    whole = {c for c in row("sailboats", only) if first <= c < first + size}
    spelt = {c for c in row("s4ilboats", only) if first <= c < first + size}
    assert len(whole & spelt) >= len(whole) / 2


def test_reads_a_body_as_far_as_told() -> None:
    short = FeatureSettings(bits=14, max_characters=10)
    assert row("white boat" + " bread" * 50, short) == row("white boat", short)


def test_batches_count_as_single_pages_do() -> None:
    pages: list[Page | str] = [
        "old boat",
        "",
        Page(title="Rye", text="bread " * 3000),
        "x" * 500,
        "大麻 bread",
    ] * 40
    together = counts(pages, SMALL)
    alone = [counts([page], SMALL) for page in pages]
    assert together.shape == (200, SMALL.columns)
    for index, single in enumerate(alone):
        assert (together[index] != single).nnz == 0


@given(st.lists(st.text(max_size=80), max_size=6))
def test_any_text_makes_sorted_positive_whole_rows(texts: list[str]) -> None:
    matrix = counts(texts, SMALL)
    assert matrix.shape == (len(texts), SMALL.columns)
    assert isinstance(matrix, csr_matrix)
    assert (matrix.data >= 1).all()
    for start, end in zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True):
        assert (np.diff(matrix.indices[start:end]) > 0).all()


def test_separators_within_a_text_cannot_shift_pages() -> None:
    matrix = counts(["old\x1fboat", "bread"], SMALL)
    assert (matrix[1] != counts(["bread"], SMALL)).nnz == 0


def test_lone_surrogates_are_survived() -> None:
    assert counts(["boat \ud800 bread"], SMALL).nnz


def test_each_name_space_has_length_one() -> None:
    matrix = counts([Page(title="white boat", text="a white boat sailed")], SMALL)
    values, rows = weigh(matrix, np.ones(SMALL.columns, np.float32), SMALL)
    block = np.searchsorted(SMALL.edges[1:-1], matrix.indices, side="right")
    assert set(rows) == {0}
    for each in np.unique(block):
        assert np.sum(values[block == each] ** 2) == pytest.approx(1, abs=1e-5)


def test_a_name_space_without_weight_leaves_the_others_alone() -> None:
    idf = np.ones(SMALL.columns, np.float32)
    first, size = SMALL.block("links")
    idf[first : first + size] = 0
    bare = weigh(counts(["white boat"], SMALL), idf, SMALL)[0]
    linked = weigh(counts([Page(text="white boat", links=("bread",))], SMALL), idf, SMALL)[0]
    assert np.allclose(np.sort(linked[linked > 0]), np.sort(bare))


@pytest.mark.parametrize("wrong", [{"bits": 3}, {"word_ngrams": 3}, {"namespaces": ("body", "footer")}])
def test_settings_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        FeatureSettings(**wrong)  # type: ignore[arg-type]


def test_something_else_than_a_page_is_refused() -> None:
    with pytest.raises(TypeError, match="not int"):
        counts([7], SMALL)  # type: ignore[list-item]
