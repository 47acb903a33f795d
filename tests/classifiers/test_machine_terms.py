"""The words that a machine listens to."""

from __future__ import annotations

from machine_fakes import BOATS, BREAD, fitted

from classifiers.terms import top_terms


def test_each_label_is_named_by_its_own_words() -> None:
    found = top_terms(fitted().machine_, BOATS + BREAD, most=8)
    boats, bread = (
        {word for term, _ in found[label] for word in term.split()} for label in ("boats", "bread")
    )
    assert {"boat", "sailing"} & boats
    assert {"bread", "bake", "oven"} & bread
    assert not {"bread", "bake", "oven"} & boats


def test_weights_fall_and_are_positive() -> None:
    weights = [weight for _, weight in top_terms(fitted().machine_, BOATS, most=5)["boats"]]
    assert weights == sorted(weights, reverse=True)
    assert min(weights) > 0


def test_without_pages_there_are_no_terms() -> None:
    assert top_terms(fitted().machine_, []) == {"boats": [], "bread": []}
