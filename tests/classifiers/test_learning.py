"""Learning from the errors that were found: splits by cluster, weights, the candidate, and what it costs elsewhere."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from learning_fakes import BOATS, HOLES, LABELS, OPTIONS, OTHER, base, corpus, hole
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from classifiers.evaluate import average_precision, calibration_error
from classifiers.learning import Example, learn, split_by_cluster, train_candidate
from classifiers.learning_choice import HeldOut, Tried, calibrate, choose_total, probabilities
from classifiers.learning_data import base_folds, cluster_weights
from classifiers.learning_solver import solve
from classifiers.linear import LinearMachine
from classifiers.machine import Machine, load


def train(finds: list[Example], probes: list[Example] | None = None, seed: int = 0) -> LinearMachine:
    return train_candidate(
        base(), finds, probes or [], LABELS, name="boats", version="2", seed=seed, options=OPTIONS
    )


def boats(machine: Machine, examples: list[Example]) -> np.ndarray:
    return machine.predict_proba([each.page for each in examples])[:, 0]


@pytest.fixture(scope="module")
def before() -> LinearMachine:
    return train([])


@pytest.fixture(scope="module")
def after() -> LinearMachine:
    return train(corpus())


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d", ""]), min_size=1, max_size=30),
    st.integers(2, 5),
    st.integers(0, 9),
)
@settings(max_examples=30, deadline=None)
def test_no_cluster_stands_on_two_sides(groups: list[str], folds: int, seed: int) -> None:
    examples = [
        Example(f"page{place} word{place * 7} other{place * 31}", "none", group, "corpus")
        for place, group in enumerate(groups)
    ]
    fold = split_by_cluster(examples, folds, seed)
    assert fold.shape == (len(groups),)
    assert set(fold.tolist()) <= set(range(folds))
    for group in set(groups) - {""}:
        assert len({fold[place] for place, each in enumerate(groups) if each == group}) == 1
    assert (fold == split_by_cluster(examples, folds, seed)).all()


def test_near_duplicates_in_two_clusters_stand_on_one_side() -> None:
    text = "the white kite flew above the long meadow until the string broke near the old mill"
    copies = [
        Example(text, "none", "kites", "corpus"),
        Example(f"{text} today", "none", "mills", "corpus"),
        Example(text, "none", "", "corpus"),
    ]
    others = [Example(f"unlike{n} stands{n} alone{n}", "none", "", "corpus") for n in range(9)]
    fold = split_by_cluster([*copies, *others], 4, seed=3)
    assert len(set(fold[:3].tolist())) == 1
    assert len(set(fold.tolist())) == 4


def test_folds_are_of_about_equal_size() -> None:
    fold = split_by_cluster(corpus(), 5, seed=0)
    assert Counter(fold.tolist()) == dict.fromkeys(range(5), 12)


def test_one_fold_is_no_split() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        split_by_cluster(corpus(), 1, seed=0)


def test_a_cluster_weighs_by_the_root_of_its_size() -> None:
    weight = cluster_weights([*corpus("kites", count=36), *corpus("mills", count=4)])
    assert weight.sum() == pytest.approx(40)
    assert weight[:36].sum() / weight[36:].sum() == pytest.approx(3)


def test_base_folds_keep_sites_whole_and_labels_in_their_share() -> None:
    examples = [
        Example("p", "boats" if n % 4 == 0 else "none", f"site{n // 2}" if n < 40 else "") for n in range(240)
    ]
    fold = base_folds(examples, 3, seed=1)
    for n in range(0, 40, 2):
        assert fold[n] == fold[n + 1]
    share = [
        np.mean([e.label == "boats" for e, f in zip(examples, fold, strict=True) if f == k]) for k in range(3)
    ]
    assert max(share) - min(share) < 0.1


def test_the_solver_agrees_with_scikit_learn_and_needs_nothing_when_the_offset_says_it_all() -> None:
    random = np.random.default_rng(0)
    table = random.normal(size=(200, 6))
    truth = table @ [2, -1, 0, 0, 1, 0] + random.normal(size=200) > 0.3
    answer = solve(csr_matrix(table), truth, np.ones(200), 1.0, rounds=500)
    peer = LogisticRegression(C=1.0, tol=1e-8).fit(table, truth)
    assert answer == pytest.approx([*peer.coef_[0], peer.intercept_[0]], abs=1e-3)
    odds = table @ answer[:-1] + answer[-1]
    told = 1 / (1 + np.exp(-odds))
    assert solve(csr_matrix(table), told, np.ones(200), 1.0, offset=odds) == pytest.approx(0, abs=1e-4)


def test_known_holes_close_and_boats_are_still_found(before: LinearMachine, after: LinearMachine) -> None:
    fresh, natural = corpus(seed=9), base(300, seed=8)
    truth = np.array([each.label == "boats" for each in natural])
    assert np.mean(boats(before, fresh) > 0.5) > 0.8
    assert np.mean(boats(after, fresh) > 0.5) < 0.1
    assert average_precision(truth, boats(after, natural)) > 0.99
    assert calibration_error(truth, boats(after, natural)) < 0.1


def test_a_small_cluster_is_not_drowned_by_a_large_one() -> None:
    machine = train([*hole("kites", 120), *hole("birds", 5)])
    assert np.mean(boats(machine, hole("birds", 30, seed=9)) > 0.5) < 0.2


def test_the_same_input_gives_the_same_machine_and_the_artifact_loads(
    after: LinearMachine, tmp_path: Path
) -> None:
    again = train(corpus())
    assert (np.asarray(again.coef) == np.asarray(after.coef)).all()
    saved = after.save(tmp_path / "boats")
    assert load(tmp_path / "boats").version == saved.version == "2"
    assert json.dumps(saved.card)
    assert saved.card["learning"]["clusters"] == 5


def test_a_verified_page_is_taken_out_of_the_base() -> None:
    wrong = Example(corpus()[0].page, "boats")
    machine = train_candidate(
        [*base(), wrong], corpus(), [], LABELS, name="b", version="", seed=0, options=OPTIONS
    )
    assert machine.card["learning"]["base_pages"] == len(base())


def test_right_answers_that_were_verified_stay_right() -> None:
    random = np.random.default_rng(5)
    probes = [
        Example(f"sail {' '.join(random.choice(BOATS, 6))}", "boats", "regatta", "probe") for _ in range(12)
    ]
    machine = train(corpus(), probes)
    assert machine.card["learning"]["probes"] == 12
    assert (boats(machine, probes) > 0.5).all()


def test_progress_rises_from_nought() -> None:
    told: list[tuple[float, str]] = []
    train_candidate(
        base(),
        corpus(),
        [],
        LABELS,
        name="b",
        version="",
        seed=0,
        options=OPTIONS,
        progress=lambda share, what: told.append((share, what)),
    )
    shares = [share for share, _ in told]
    assert shares[0] == 0
    assert shares == sorted(shares)
    assert shares[-1] < 1


def test_three_labels_are_learned_too() -> None:
    third = [Example(f"{' '.join(HOLES['mills'][1:])} {n % 7}", "mills") for n in range(60)]
    finds = [Example(f"sail sail windmill flour {word}", "mills", "mills", "corpus") for word in OTHER]
    labels = ("boats", "mills", "none")
    machine = train_candidate(
        [*base(), *third], finds, [], labels, name="three", version="", seed=0, options=OPTIONS
    )
    table = machine.predict_proba([each.page for each in finds])
    assert table.sum(axis=1) == pytest.approx(1)
    assert np.mean(table.argmax(axis=1) == 1) > 0.8


@pytest.mark.parametrize(
    ("labels", "examples", "message"),
    [
        (("boats",), [], "at least two labels"),
        (LABELS, [Example("x", "trains", "", "corpus")], "'trains' is no label"),
        ((*LABELS, "trains"), [], "fewer than two base pages"),
    ],
)
def test_what_cannot_be_learned_from_is_said(
    labels: tuple[str, ...], examples: list[Example], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        train_candidate(base(), examples, [], labels, name="b", version="", seed=0, options=OPTIONS)


def test_learn_takes_plain_sequences_and_gives_a_classifier(tmp_path: Path) -> None:
    rows, finds = base(), corpus()
    machine = learn(
        [each.page for each in rows],
        [each.label for each in rows],
        [each.page for each in finds],
        [each.label for each in finds],
        [each.group for each in finds],
        settings=OPTIONS.settings,
        totals=(1.0,),
    )
    assert list(machine.predict([finds[0].page, "mast keel rudder deck"])) == ["none", "boats"]
    assert machine.save(tmp_path / "m", name="boats").classes_ == LABELS


def test_the_weight_that_helps_most_is_chosen_of_those_that_keep_natural_pages() -> None:
    tried = [
        Tried(0, 0.90, 0.9, 0.01, 0.05),
        Tried(1, 0.899, 0.7, 0.01, 0.05),
        Tried(2, 0.898, 0.5, 0.01, 0.052),
        Tried(3, 0.899, 0.3, 0.01, 0.06),
        Tried(4, 0.8, 0.1, 0, 0.05),
    ]
    assert choose_total(tried, 0.003) == 2
    assert choose_total(tried, 0.0015) == 1
    assert choose_total(tried[:1], 0.003) == 0


def test_calibration_counts_held_out_finds_as_far_as_natural_pages_allow() -> None:
    random = np.random.default_rng(2)
    scores = np.concatenate((random.normal(-2, 1, 900), random.normal(2, 1, 100), random.normal(2, 0.5, 50)))
    place = np.arange(1050)
    truth = ((place >= 900) & (place < 1000)).astype(np.int64)
    held = HeldOut(truth, place < 1000, place >= 1000, np.ones(1050), 2)
    strict, none = calibrate(scores[:, None], held, 0.0, 1.0)
    loose, much = calibrate(scores[:, None], held, 0.5, 1.0)
    assert calibrate(scores[:, None], held, 0.5, 0.0)[1] == 0
    assert none == 0
    assert much == 6
    finds = scores[1000:, None]
    assert probabilities(finds, loose)[:, 1].mean() < probabilities(finds, strict)[:, 1].mean()
