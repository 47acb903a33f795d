"""Clusters of errors by cause: few lines of text each, so that a person can see what belongs together."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.cluster import AgglomerativeClustering

from classifiers.cluster_graph import communities, nearest_neighbours
from classifiers.cluster_merge import join_alike, renumbered
from classifiers.cluster_place import ordinary_likeness, without_lone, without_small
from classifiers.clusters import CauseClusters, ErrorClusters, exemplars, place
from classifiers.machine import Page
from classifiers.novelty import vectorise

TREES = [
    "The old maple in our garden lost its leaves early, should I prune its lower branches this autumn?",
    "Planting oak and maple seedlings along the fence: how deep must the roots of saplings go?",
    "Pruning a maple: cut the branches in autumn, seal the bark, and spare the roots",
    "My oak has brown leaves and peeling bark, are the roots too wet?",
    "Which maple has red leaves in autumn, and which oak keeps its leaves on the branches?",
    "Grafting oak saplings: bark, branches and roots explained",
]
CHESS = [
    "White sacrifices the bishop on move twelve and the black king never gets to castle",
    "A rook endgame with two pawns: the king must go before the rook",
    "Why grandmasters castle early: a king in the centre invites a bishop sacrifice",
    "Checkmate with bishop and knight, the endgame that every grandmaster fears",
    "The knight fork won a rook, and the pawns decided the endgame",
    "Opening traps: a pawn for quick bishop and knight play against the castled king",
]
BREAD = [
    "My sourdough starter smells of vinegar, must I feed it more flour?",
    "A loaf of rye with a crisp crust: flour, water, salt, and a lively sourdough starter",
    "The dough was too wet, and the crust of the loaf stayed pale in the oven",
    "Kneading dough by hand until the flour is smooth, then a slow rise before the oven",
    "Baking sourdough in a hot iron pot gives the loaf its crust",
    "How much yeast for a kilogram of flour, and when does the dough go into the oven?",
]
STRANGER = "Quarterly figures of the shipping company beat the forecast"
FINDS = [*TREES, *CHESS, *BREAD]


def together(labels: np.ndarray) -> list[set[int]]:
    return [set(labels[start : start + 6].tolist()) for start in (0, 6, 12)]


def test_three_causes_are_found_though_nobody_said_that_there_are_three() -> None:
    labels = CauseClusters().fit_predict(FINDS)
    assert [len(each) for each in together(labels)] == [1, 1, 1]
    assert set(labels.tolist()) == {0, 1, 2}


def test_a_find_like_no_other_stays_lone() -> None:
    labels = CauseClusters(lone=0.02).fit_predict([*FINDS, STRANGER, ""])
    assert labels[-2:].tolist() == [-1, -1]
    assert min(labels[:-2]) >= 0


def test_pages_rows_and_texts_give_the_same_clusters_again_and_again() -> None:
    texts = CauseClusters().fit_predict(FINDS)
    assert np.array_equal(texts, CauseClusters().fit_predict(vectorise(FINDS)))
    assert np.array_equal(texts, CauseClusters().fit_predict([Page(text=find) for find in FINDS]))


def test_names_hold_a_word_of_the_cause() -> None:
    model = ErrorClusters().fit(FINDS)
    names = [model.names_[int(model.labels_[start])] for start in (0, 6, 12)]
    assert {"maple", "oak", "roots", "branches"} & set(names[0].split(", "))
    assert {"king", "bishop", "endgame", "rook"} & set(names[1].split(", "))
    assert {"flour", "dough", "sourdough", "loaf", "crust"} & set(names[2].split(", "))
    assert CauseClusters().fit(vectorise(FINDS)).names_ == {}


def test_any_clusterer_of_scikit_learn_can_take_the_place_of_the_graph() -> None:
    model = clone(CauseClusters(estimator=AgglomerativeClustering(3)))
    labels = model.fit_predict(FINDS)
    assert model.get_params()["estimator"].n_clusters == 3
    assert [len(each) for each in together(labels)] == [1, 1, 1]


@pytest.mark.parametrize("finds", [[], ["one find"], ["", ""], ["a word", "another thing"]])
def test_too_few_finds_make_no_cluster(finds: list[str]) -> None:
    for estimator in (None, AgglomerativeClustering(2)) if len(finds) < 2 else (None,):
        assert CauseClusters(estimator=estimator).fit_predict(finds).tolist() == [-1] * len(finds)


def test_copies_of_one_page_are_one_cluster() -> None:
    assert CauseClusters().fit_predict([TREES[0]] * 5).tolist() == [0] * 5


def test_a_new_find_joins_the_cluster_that_it_is_like_and_a_stranger_none() -> None:
    rows = vectorise(FINDS)
    labels = CauseClusters().fit_predict(rows)
    new = vectorise(
        ["When do I prune an oak with dry branches?", "A sourdough loaf without an oven", STRANGER, ""]
    )
    placed = [place(new[each], rows, labels, lone=0.02) for each in range(4)]
    assert placed == [labels[0], labels[12], -1, -1]


def test_nothing_joins_where_there_is_no_cluster() -> None:
    rows = vectorise(TREES)
    assert place(rows[0], rows, np.full(6, -1)) == -1
    assert place(rows[0], rows[:0], np.empty(0, np.int64)) == -1
    with pytest.raises(ValueError, match="6 members and 5 labels"):
        place(rows[0], rows, np.zeros(5, np.int64))


def test_exemplars_are_the_members_nearest_the_centre_without_copies() -> None:
    rows = csr_matrix(np.array([[1, 0], [1, 0.1], [1, 0.1], [0.6, 0.8], [0, 1]], np.float32))
    labels = np.array([0, 0, 0, 0, -1])
    assert exemplars(rows, labels, k=2) == {0: [1, 3]}
    assert exemplars(rows, labels, k=9) == {0: [1, 3, 2, 0]}
    assert exemplars(rows, np.full(5, -1)) == {}


def test_neighbours_are_the_most_alike_and_never_oneself() -> None:
    rows = vectorise(FINDS)
    near = nearest_neighbours(rows, 4)
    dense = (rows @ rows.T).toarray()
    np.fill_diagonal(dense, 0)
    assert near.diagonal().sum() == 0
    assert np.diff(near.indptr).max() <= 4
    for place_, line in enumerate(near.toarray()):
        assert line.sum() == pytest.approx(np.sort(dense[place_])[-4:].sum(), abs=1e-5)


def test_two_cliques_with_one_bridge_are_two_communities() -> None:
    graph = np.zeros((8, 8))
    graph[:4, :4] = graph[4:, 4:] = 1
    np.fill_diagonal(graph, 0)
    graph[3, 4] = graph[4, 3] = 1
    labels = communities(csr_matrix(graph))
    assert len(set(labels[:4].tolist())) == len(set(labels[4:].tolist())) == 1
    assert labels[0] != labels[4]
    assert len(set(communities(csr_matrix((3, 3))).tolist())) == 3


def test_halves_of_one_cause_are_joined_and_different_causes_are_not() -> None:
    random = np.random.default_rng(0)
    texts = [" ".join(random.choice(words.split(), 12)) for words in (" ".join(TREES), " ".join(CHESS)) * 20]
    rows = vectorise(texts)
    labels = np.array([0, 2, 1, 2] * 10)
    joined = join_alike(rows, labels, ordinary_likeness(rows), at=0.5)
    assert joined.tolist() == [0, 1] * 20
    assert join_alike(rows, np.full(40, -1), ordinary_likeness(rows), at=0.5).tolist() == [-1] * 40


def test_clusters_are_numbered_by_size_and_small_ones_fall_apart() -> None:
    labels = np.array([7, 3, 3, -1, 5, 5, 3])
    assert renumbered(labels).tolist() == [2, 0, 0, -1, 1, 1, 0]
    assert without_small(renumbered(labels), 2).tolist() == [-1, 0, 0, -1, 1, 1, 0]


def test_a_member_unlike_the_rest_leaves_its_cluster() -> None:
    rows = vectorise([*TREES, STRANGER])
    assert without_lone(rows, np.zeros(7, np.int64), lone=0.02).tolist() == [0] * 6 + [-1]
