from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules.aggregation import MajorityVote, OneCoin
from btm.rules.dawid_skene import DawidSkene, confusion_prior

from .crowd import accuracy, crowd

# Three judges of three items. They agree on p and q; on r, a and b say x and c says y.
WORKERS = ["a", "b", "c"] * 3
ITEMS = ["p"] * 3 + ["q"] * 3 + ["r"] * 3
LABELS = ["x", "x", "x", "y", "y", "y", "x", "x", "y"]
EVERY = [DawidSkene, MajorityVote, OneCoin]


def test_one_round_of_plain_maximum_likelihood_is_what_one_finds_by_hand() -> None:
    # The votes give r: x 2/3, so priors 5/9 and 4/9. a and b say x when x always, when y 1/4; c says y when x 2/5, when y always.
    # r: x 5/9 * 2/5 = 2/9, y 4/9 * 1/16 = 1/36. p: x 5/9 * 3/5 = 1/3. q: y 4/9 * 9/16 = 1/4.
    model = DawidSkene(max_iter=1, prior_strength=0).fit(WORKERS, ITEMS, LABELS)
    assert model.posteriors_ == pytest.approx(np.array([[1, 0], [0, 1], [8 / 9, 1 / 9]]), abs=1e-8)
    assert model.log_likelihood_ == pytest.approx(math.log(1 / 3) + 2 * math.log(1 / 4))
    # and then: x has been the truth 1 + 8/9 times, and c said y for 8/9 of them
    assert model.priors_ == pytest.approx([17 / 27, 10 / 27])
    assert model.confusion_[2] == pytest.approx(np.array([[9 / 17, 8 / 17], [0, 1]]), abs=1e-8)
    assert model.confusion_[0] == pytest.approx(np.array([[1, 0], [1 / 10, 9 / 10]]), abs=1e-8)
    assert model.n_iter_ == 1


def test_one_round_with_a_prior_is_what_one_finds_by_hand() -> None:
    # Each row starts with 4 pseudo-judgements, 3.2 on the diagonal and .8 beside it.
    model = DawidSkene(max_iter=1, prior_strength=4, prior_accuracy=0.8).fit(WORKERS, ITEMS, LABELS)
    a_x, a_y = (5 / 3 + 3.2) / (5 / 3 + 4), (1 / 3 + 0.8) / (4 / 3 + 4)
    c_x, c_y = (2 / 3 + 0.8) / (5 / 3 + 4), (4 / 3 + 3.2) / (4 / 3 + 4)
    x, y = 5 / 9 * a_x**2 * c_x, 4 / 9 * a_y**2 * c_y
    assert model.posteriors_[2] == pytest.approx([x / (x + y), y / (x + y)])


def test_what_is_learned_has_the_shapes_and_orders_that_are_promised() -> None:
    model = DawidSkene().fit(np.array(WORKERS), tuple(ITEMS), LABELS)
    assert model.classes_.tolist() == ["x", "y"]
    assert model.items_.tolist() == ["p", "q", "r"]
    assert model.workers_.tolist() == ["a", "b", "c"]
    assert (model.posteriors_.shape, model.confusion_.shape, model.priors_.shape) == ((3, 2), (3, 2, 2), (2,))
    assert model.posteriors_.sum(axis=1) == pytest.approx(np.ones(3))
    assert model.confusion_.sum(axis=2) == pytest.approx(np.ones((3, 2)))
    assert model.predict().tolist() == ["x", "y", "x"]


def test_fixed_class_priors_stay_and_count() -> None:
    low = DawidSkene(class_priors=[0.01, 0.99]).fit(WORKERS, ITEMS, LABELS)
    high = DawidSkene(class_priors=[0.99, 0.01]).fit(WORKERS, ITEMS, LABELS)
    assert low.priors_ == pytest.approx([0.01, 0.99])
    assert low.posteriors_[2, 0] < high.posteriors_[2, 0]


@pytest.mark.parametrize("model", EVERY)
def test_gold_pins_its_item_and_tells_of_the_judges(model: Any) -> None:
    plain = model().fit(WORKERS, ITEMS, LABELS)
    told = model().fit(WORKERS, ITEMS, LABELS, gold={"r": "y"})
    assert told.posteriors_[2].tolist() == [0, 1]
    assert told.confusion_[2, 1, 1] >= plain.confusion_[2, 1, 1]
    assert told.confusion_[0, 1, 1] < plain.confusion_[0, 1, 1]
    assert math.isfinite(told.log_likelihood_)


@pytest.mark.parametrize("model", EVERY)
@pytest.mark.parametrize("classes", [["y", "x", "z"], None])
def test_every_model_has_the_same_interface(model: Any, classes: list[str] | None) -> None:
    learned = model(classes=classes).fit(WORKERS, ITEMS, LABELS)
    k = len(classes or "xy")
    assert learned.classes_.tolist() == (classes or ["x", "y"])
    assert learned.confusion_.shape == (3, k, k)
    assert learned.confusion_.sum(axis=2) == pytest.approx(np.ones((3, k)))
    assert learned.predict().tolist() == ["x", "y", "x"]
    assert learned.n_iter_ >= 1
    assert learned.log_likelihood_ < 0


@pytest.mark.parametrize("model", EVERY)
def test_one_label_alone_is_certain(model: Any) -> None:
    learned = model().fit([1, 2], [7, 7], ["x", "x"])
    assert learned.posteriors_.tolist() == [[1]]
    assert learned.confusion_.tolist() == [[[1]], [[1]]]


def test_majority_vote_counts_votes() -> None:
    model = MajorityVote().fit(WORKERS, ITEMS, LABELS)
    assert model.posteriors_ == pytest.approx(np.array([[1, 0], [0, 1], [2 / 3, 1 / 3]]))


def test_one_coin_finds_the_guesser() -> None:
    rng = np.random.default_rng(3)
    truth = np.repeat(rng.integers(0, 3, 300), 4)
    worker = np.tile(np.arange(4), 300)
    right = rng.random(1200) < np.array([0.9, 0.8, 0.7, 1 / 3])[worker]
    label = np.where(right, truth, (truth + rng.integers(1, 3, 1200)) % 3)
    model = OneCoin().fit(worker, np.repeat(np.arange(300), 4), label)
    assert model.accuracy_ == pytest.approx([0.9, 0.8, 0.7, 1 / 3], abs=0.07)


@pytest.mark.parametrize(
    ("columns", "options", "gold", "says"),
    [
        ((["a"], ["p"], []), {}, None, "no judgements"),
        (([], [], []), {}, None, "no judgements"),
        ((["a", "b"], ["p"], ["x"]), {}, None, "different lengths: 2, 1 and 1"),
        ((["a", "b"], ["p", "p"], ["x", float("nan")]), {}, None, "labels have a gap: number 2 is nan"),
        ((["a", "b"], ["p", "p"], ["x", None]), {}, None, "labels have a gap: number 2 is None"),
        ((["a", "b"], ["p", "p"], np.array([0, np.nan])), {}, None, "labels have a gap: number 2 is NaN"),
        ((["a", "b"], ["p", "p"], ["x", 1]), {}, None, "labels are of different kinds"),
        ((["a"], ["p"], [["x"]]), {}, None, "labels are not all single values"),
        ((["a"], ["p"], np.zeros((1, 1))), {}, None, "shape (1, 1)"),
        ((["a"], ["p"], ["x"]), {}, {"q": "x"}, "gold for item 'q', which nobody judged"),
        ((["a"], ["p"], ["x"]), {}, {"p": "z"}, "gold label 'z' of item 'p'"),
        ((["a"], ["p"], ["x"]), {"classes": ["y", "z"]}, None, "label 'x' is not one of the classes"),
        ((["a"], ["p"], ["x"]), {"classes": ["x", "x"]}, None, "names a label twice"),
        ((["a"], ["p"], ["x"]), {"class_priors": [0.5, 0.5]}, None, "2 entries; there are 1 classes"),
        ((["a"], ["p"], ["x"]), {"max_iter": 0}, None, "max_iter is 0"),
        ((["a"], ["p"], ["x"]), {"prior_strength": -1}, None, "prior_strength is -1"),
        ((["a"], ["p"], ["x"]), {"prior_strength": float("nan")}, None, "prior_strength is nan"),
        ((["a"], ["p"], ["x"]), {"prior_accuracy": 1}, None, "prior_accuracy is 1"),
    ],
)
def test_input_that_cannot_be_used_is_refused_with_a_sentence(
    columns: Any, options: Any, gold: Any, says: str
) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (the sentence is checked beneath)
        DawidSkene(**options).fit(*columns, gold=gold)
    assert says in str(refused.value)


def test_ids_may_be_numbers_texts_or_truth_values_and_mean_the_same() -> None:
    as_text = DawidSkene().fit(WORKERS, ITEMS, LABELS)
    number = {name: 10**12 * place for place, name in enumerate("abcpqrxy")}
    sparse = [np.array([number[each] for each in column]) for column in (WORKERS, ITEMS, LABELS)]
    truth = [label == "y" for label in LABELS]
    for columns in (sparse, (WORKERS, ITEMS, truth), (sparse[0] / 2, ITEMS, np.array(truth))):
        model = DawidSkene().fit(*columns)
        assert np.array_equal(model.posteriors_, as_text.posteriors_)
        assert np.array_equal(model.confusion_, as_text.confusion_)


judgement = st.tuples(st.integers(0, 5), st.integers(0, 7), st.integers(0, 2))


@given(st.lists(judgement, min_size=1, max_size=60), st.sampled_from([0.0, 1.0, 4.0]))
def test_probabilities_are_probabilities_and_likelihood_grows(rows: list[Any], strength: float) -> None:
    columns = tuple(zip(*rows, strict=True))
    short = DawidSkene(1, tol=-1, prior_strength=strength).fit(*columns)
    long = DawidSkene(6, tol=-1, prior_strength=strength).fit(*columns)
    for model in (short, long):
        assert np.isfinite(model.posteriors_).all()
        assert model.posteriors_.sum(axis=1) == pytest.approx(np.ones(len(model.items_)))
        assert model.confusion_.sum(axis=2) == pytest.approx(np.ones(model.confusion_.shape[:2]))
        assert (model.confusion_ >= 0).all()
    if strength == 0:
        assert long.log_likelihood_ >= short.log_likelihood_ - 1e-6


@given(st.lists(judgement, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_the_judgements_does_not_matter(rows: list[Any], shuffle: Any) -> None:
    one = DawidSkene(10).fit(*zip(*rows, strict=True))
    shuffle.shuffle(rows)
    other = DawidSkene(10).fit(*zip(*rows, strict=True))
    assert one.posteriors_ == pytest.approx(other.posteriors_, abs=1e-9)


def test_a_newcomer_is_believed_a_little() -> None:
    prior = confusion_prior(4, 4.0)
    assert prior.sum(axis=1) == pytest.approx(np.full(4, 4.0))
    alone = DawidSkene(class_priors=[0.25] * 4, classes="GPRX").fit(["new"], ["page"], ["P"])
    assert 0.5 < alone.posteriors_[0, 1] < 0.95


def test_many_items_and_many_judges_need_no_table_of_both() -> None:
    n = 50_000  # as a table of items by judges: 20 GB
    item = np.repeat(np.arange(n), 2)
    model = DawidSkene(3).fit(np.roll(item, 1), item, item % 2)
    assert model.posteriors_.shape == (n, 2)
    assert model.predict().tolist() == (np.arange(n) % 2).tolist()


@pytest.mark.data
def test_rte_is_as_right_as_was_published() -> None:
    columns, gold = crowd("rte")
    assert accuracy(DawidSkene(prior_strength=0).fit(*columns), gold) == pytest.approx(0.9275, abs=0.01)
    assert accuracy(DawidSkene().fit(*columns), gold) >= 0.9275
    assert accuracy(OneCoin().fit(*columns), gold) >= 0.92
    assert accuracy(MajorityVote().fit(*columns), gold) == pytest.approx(0.9, abs=0.02)
