"""The trainable classifier: scikit-learn's manners, calibration, name spaces, saving."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from machine_fakes import BOATS, BREAD, fitted, pages_and_labels
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score
from sklearn.utils import estimator_checks as checks

from classifiers.machine import Page, load
from classifiers.text import PageClassifier


@pytest.mark.parametrize(
    "check",
    [
        checks.check_no_attributes_set_in_init,
        checks.check_get_params_invariance,
        checks.check_set_params,
        checks.check_parameters_default_constructible,
        checks.check_estimator_cloneable,
        checks.check_estimator_repr,
        checks.check_do_not_raise_errors_in_init_or_set_params,
        checks.check_mixin_order,
        checks.check_valid_tag_types,
        checks.check_estimator_tags_renamed,
    ],
)  # fmt: skip
def test_passes_the_estimator_checks_that_apply_to_text(check: object) -> None:
    check("PageClassifier", PageClassifier())  # type: ignore[operator]


def test_learns_labels_and_gives_a_row_of_probabilities_a_page() -> None:
    machine = fitted()
    probabilities = machine.predict_proba(["a sailing boat", Page(title="Rye bread", text="bake it")])
    assert list(machine.classes_) == ["boats", "bread"]
    assert probabilities.shape == (2, 2)
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert list(machine.predict(["a sailing boat", Page(title="Rye bread", text="bake it")])) == [
        "boats",
        "bread",
    ]


def test_three_labels_have_three_columns() -> None:
    pages, labels = pages_and_labels()
    stones = [
        f"granite and {a} from the {b} quarry" for a in ("marble", "slate") for b in ("north", "old", "deep")
    ]
    machine = PageClassifier(bits=14).fit(pages + stones, labels + ["stones"] * 6)
    probabilities = machine.predict_proba(["slate quarry", "sailing boat"])
    assert probabilities.shape == (2, 3)
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert list(machine.predict(["slate quarry", "sailing boat"])) == ["stones", "boats"]
    assert machine.decision_function(["slate quarry"]).shape == (1, 3)


def test_a_page_with_only_a_title_is_not_a_blank_to_a_machine_that_saw_bodies_only() -> None:
    bare, titled = fitted().predict_proba(["white sailing boat", Page(title="white sailing boat")])
    assert np.allclose(bare, titled, atol=0.01)


def test_unknown_addresses_and_links_change_nothing_for_a_machine_that_never_saw_any() -> None:
    page = Page(text="bake bread", url="https://harbour.example/boat", links=("sailing boat",), language="en")
    assert np.allclose(*fitted().predict_proba(["bake bread", page]))


def test_a_long_page_about_a_topic_is_still_about_it() -> None:
    long = " ".join(BREAD * 40) + " and other words about weather and roads" * 30
    assert fitted().predict([long])[0] == "bread"


def test_probabilities_are_calibrated_on_folds_that_were_held_out() -> None:
    machine = fitted()
    assert machine.calibrated_
    assert machine.held_out_scores_ is not None
    assert machine.held_out_scores_.shape == (24, 1)
    assert not fitted(folds=0).calibrated_


def test_too_few_pages_to_calibrate_is_said_not_hidden() -> None:
    machine = PageClassifier(bits=14).fit(["a boat", "some bread"], ["boats", "bread"])
    assert not machine.calibrated_
    assert list(machine.predict(["boat", "bread"])) == ["boats", "bread"]


def test_groups_stay_on_one_side_of_a_fold() -> None:
    pages, labels = pages_and_labels()
    machine = PageClassifier(bits=14, folds=2).fit(pages, labels, groups=np.arange(len(pages)) // 2)
    assert machine.calibrated_


def test_a_weight_of_nought_is_a_page_that_is_not_there() -> None:
    pages, labels = pages_and_labels()
    options = {"bits": 14, "folds": 0, "minimum_pages": 1}
    lied = PageClassifier(**options).fit([*pages, BOATS[0]], [*labels, "bread"], [1.0] * 24 + [0.0])
    told = PageClassifier(**options).fit([*pages, BOATS[0]], [*labels, "bread"])
    column = list(lied.classes_).index("boats")
    assert lied.predict_proba([BOATS[0]])[0, column] > told.predict_proba([BOATS[0]])[0, column]


def test_class_weight_moves_the_balance() -> None:
    pages, labels = BOATS + BREAD[:2], ["boats"] * len(BOATS) + ["bread"] * 2
    plain = PageClassifier(bits=14, folds=0).fit(pages, labels).predict_proba(["weather"])[0, 1]
    balanced = PageClassifier(bits=14, folds=0, class_weight="balanced").fit(pages, labels)
    named = PageClassifier(bits=14, folds=0, class_weight={"bread": 6.0}).fit(pages, labels)
    assert balanced.predict_proba(["weather"])[0, 1] > plain
    assert named.predict_proba(["weather"])[0, 1] > plain


def test_the_same_data_and_seed_give_the_same_machine() -> None:
    assert np.array_equal(fitted().machine_.coef, fitted().machine_.coef)


def test_survives_cloning_pickling_and_cross_validation() -> None:
    machine = fitted()
    again = pickle.loads(pickle.dumps(machine))
    assert np.array_equal(again.predict_proba(BOATS), machine.predict_proba(BOATS))
    fresh = clone(machine)
    assert fresh.get_params() == machine.get_params()
    with pytest.raises(NotFittedError):
        fresh.predict_proba(BOATS)
    pages, labels = pages_and_labels()
    assert cross_val_score(fresh, pages, labels, cv=3).mean() > 0.8


def test_takes_arrays_of_strings_and_pages() -> None:
    machine = fitted()
    expected = machine.predict_proba(BOATS)
    assert np.array_equal(machine.predict_proba(np.array(BOATS)), expected)
    assert np.array_equal(machine.predict_proba([Page(text=text) for text in BOATS]), expected)


def test_no_pages_have_no_rows_and_an_empty_page_has_one() -> None:
    machine = fitted()
    assert machine.predict_proba([]).shape == (0, 2)
    assert np.isfinite(machine.predict_proba([""])).all()


@pytest.mark.parametrize(
    ("pages", "labels", "weights", "why"),
    [
        (["boat", "bread"], ["boats"], None, "2 pages, 1 labels"),
        (["boat", "bread"], ["boats", "boats"], None, "two labels or more"),
        ([], [], None, "two labels or more"),
        (["boat", "bread"], ["boats", "bread"], [1.0], "1 weights"),
        ("boat", ["boats"], None, "one page"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(
    pages: object, labels: object, weights: object, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        PageClassifier(bits=14).fit(pages, labels, weights)  # type: ignore[arg-type]


def test_one_string_is_no_list_of_pages() -> None:
    with pytest.raises(ValueError, match="list of pages"):
        fitted().predict_proba("boat")


def test_a_saved_machine_answers_as_the_one_that_was_trained(tmp_path) -> None:  # type: ignore[no-untyped-def]
    machine = fitted()
    saved = machine.save(tmp_path / "boats", name="boats", card={"task": "boats?"})
    loaded = load(tmp_path / "boats")
    assert np.allclose(loaded.predict_proba(BOATS + BREAD), machine.predict_proba(BOATS + BREAD), atol=0.002)
    assert (loaded.name, loaded.classes_, loaded.card) == ("boats", ("boats", "bread"), {"task": "boats?"})
    assert loaded.version == saved.version == fitted().save(tmp_path / "again", name="boats").version


def test_an_unfitted_machine_is_not_saved(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NotFittedError):
        PageClassifier().save(tmp_path, name="empty")
