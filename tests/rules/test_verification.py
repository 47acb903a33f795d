from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from btm.rules.settings import ChallengeRules
from btm.rules.verification import (
    NeedMore,
    Undecided,
    Verdict,
    decide,
    decision_costs,
    posterior,
    uniform_confusion,
)

from .test_scoring import beliefs, costs

PLAIN = 1 - np.eye(2)
RULES = ChallengeRules()


def after(
    *given_labels: int, rules: ChallengeRules = RULES, labels: int = 2
) -> Verdict | NeedMore | Undecided:
    confusion = uniform_confusion(labels, rules.judge_accuracy)
    post = posterior(np.full(labels, 1 / labels), given_labels, [confusion] * len(given_labels))
    return decide(post, 1 - np.eye(labels), len(given_labels), rules)


@pytest.mark.parametrize("labels", [2, 3, 4])
@pytest.mark.parametrize("truth", [0, 1])
def test_two_who_agree_settle_it(truth: int, labels: int) -> None:
    decision = after(truth, truth, labels=labels)
    assert isinstance(decision, Verdict)
    assert decision.label == truth
    assert decision.probability > 0.95
    assert decision.expected_cost == pytest.approx(1 - decision.probability)


@pytest.mark.parametrize("given_labels", [(), (0,), (0, 1), (1, 0, 0), (0, 1, 0, 1)])
def test_too_few_or_too_divided_needs_more(given_labels: tuple[int, ...]) -> None:
    assert isinstance(after(*given_labels), NeedMore)


def test_three_against_one_settle_it() -> None:
    decision = after(1, 0, 0, 0)
    assert isinstance(decision, Verdict)
    assert decision.label == 0


def test_seven_who_do_not_agree_are_undecided() -> None:
    assert isinstance(after(0, 1, 0, 1, 0, 1, 0), Undecided)


def test_one_is_never_enough_while_two_are_asked_for() -> None:
    assert isinstance(after(0, rules=ChallengeRules(judge_accuracy=0.999)), NeedMore)


def test_dawid_and_skene_by_hand() -> None:
    careful, sloppy = np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[0.6, 0.4], [0.5, 0.5]])
    found = posterior((0.3, 0.7), (0, 1), (careful, sloppy))
    weights = np.array([0.3 * 0.9 * 0.4, 0.7 * 0.2 * 0.5])
    assert found == pytest.approx(weights / weights.sum())


def test_a_judge_who_answers_by_chance_changes_nothing() -> None:
    assert posterior((0.3, 0.7), (0, 1), [np.full((2, 2), 0.5)] * 2) == pytest.approx((0.3, 0.7))


def test_each_answer_needs_its_judge() -> None:
    with pytest.raises(ValueError, match=r"\w+"):
        posterior((0.5, 0.5), (0, 1), [uniform_confusion(2, 0.8)])


@given(beliefs(), st.lists(st.integers(0, 3), max_size=60), st.floats(0.51, 0.999))
def test_a_posterior_is_a_belief_in_whatever_order_the_answers_came(
    prior: np.ndarray, answers: list[int], accuracy: float
) -> None:
    confusion = uniform_confusion(4, accuracy)
    found = posterior(prior, answers, [confusion] * len(answers))
    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()
    assert posterior(prior, answers[::-1], [confusion] * len(answers)) == pytest.approx(found)


@given(beliefs(), st.integers(0, 3), st.floats(0.51, 0.999))
def test_an_answer_never_makes_its_label_less_likely(prior: np.ndarray, label: int, accuracy: float) -> None:
    found = posterior(prior, [label], [uniform_confusion(4, accuracy)])
    assert found[label] >= prior[label] - 1e-9


@given(beliefs(), costs(), st.integers(0, 9))
def test_a_verdict_is_the_cheapest_decision_and_cheap_enough(
    post: np.ndarray, cost: np.ndarray, judgements: int
) -> None:
    decision = decide(post, cost, judgements, RULES)
    cheapest = decision_costs(post, cost).min()
    assert decision.expected_cost == pytest.approx(cheapest)
    if isinstance(decision, Verdict):
        assert judgements >= RULES.min_judgements
        assert cheapest <= RULES.max_expected_cost
    else:
        assert isinstance(decision, Undecided) == (judgements >= RULES.max_judgements)


def test_a_costly_mistake_asks_for_more_than_a_cheap_one() -> None:
    post = (0.06, 0.94)
    assert isinstance(decide(post, [[0, 1], [1, 0]], 2, RULES), NeedMore)
    assert isinstance(decide(post, [[0, 0.5], [1, 0]], 2, RULES), Verdict)


@pytest.mark.parametrize("labels", [2, 3, 7])
def test_a_uniform_judge_s_rows_are_beliefs(labels: int) -> None:
    confusion = uniform_confusion(labels, 0.85)
    assert confusion.sum(axis=1) == pytest.approx(np.ones(labels))
    assert np.diag(confusion) == pytest.approx(np.full(labels, 0.85))
