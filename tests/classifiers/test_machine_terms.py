"""The words that a machine listens to."""

from __future__ import annotations

from machine_fakes import BOATS, BREAD, fitted

from classifiers.machine import Page
from classifiers.terms import top_terms


def test_each_label_is_named_by_its_own_words() -> None:
    found = top_terms(fitted().machine_, BOATS + BREAD, k=8)
    boats, bread = ({term for term, _ in found[label]} for label in ("boats", "bread"))
    assert {"boat", "sailing"} <= boats
    assert {"bread", "bake"} <= bread
    assert not boats & bread
    assert any(" " in term for term in boats | bread)


def test_weights_fall_and_are_positive() -> None:
    weights = [weight for _, weight in top_terms(fitted().machine_, BOATS, k=5)["boats"]]
    assert weights == sorted(weights, reverse=True)
    assert min(weights) > 0


def test_one_page_says_what_the_machine_heard_in_it() -> None:
    page = Page(title="Sailing", text="a loaf of bread")
    found = top_terms(fitted().machine_, [page], minimum_pages=1)
    assert found["boats"][0][0] == "sailing"
    assert "bread" in {term for term, _ in found["bread"]}


def test_without_pages_there_are_no_terms() -> None:
    assert top_terms(fitted().machine_, []) == {"boats": [], "bread": []}
