"""Clusters are named by the terms that set them apart, as people wrote them."""

from __future__ import annotations

from classifiers.cluster_words import everyday, words_of
from classifiers.clusters import cluster_name, distinguishing_terms
from classifiers.machine import Page

SERIES = [
    "Breaking Bad season three is on tonight and we watch it",
    "Why Breaking Bad ended as it did, by Bryan Cranston",
    "A review of Breaking Bad with Bryan Cranston that I liked",
    "Breaking Bad and what we can learn from it, says Bryan Cranston",
]
TREES = [
    "The Oak in our garden lost its leaves, and the tree is old",
    "Two trees, an oak and a maple, stand in the garden that we have",
    "what is eating my oak, and will the trees come back",
    "The oak was cut down, so we plant new trees",
]


def test_terms_are_pairs_where_the_pair_is_the_term_and_in_their_own_spelling() -> None:
    terms = distinguishing_terms({"series": SERIES, "trees": TREES})
    assert terms["series"][0] == "Breaking Bad"
    assert "Bryan Cranston" in terms["series"]
    assert "oak" in terms["trees"]


def test_a_word_stands_once_in_a_name_whatever_its_ending() -> None:
    terms = distinguishing_terms({0: SERIES, 1: TREES}, k=5)[1]
    assert len({"tree", "trees"} & set(terms)) == 1
    assert terms.count("oak") == 1


def test_everyday_words_name_nothing() -> None:
    terms = distinguishing_terms({0: SERIES, 1: TREES}, k=50)
    assert not {"the", "and", "what", "we", "is"} & {
        term.casefold() for each in terms.values() for term in each
    }
    assert everyday(["the", "because", "piracetam", "2019"]) == {"the", "because", "2019"}


def test_what_other_finds_say_too_tells_nothing_in_any_language() -> None:
    pilze = ["Der Pfifferling wächst unter der Fichte", "Ein Pfifferling ist ein Pilz der Fichte"]
    rest = [
        "Der Zug ist ein Zug der Bahn",
        "Ein Schiff ist der Bau der Werft",
        "Der Weg ist ein Ziel unter der Brücke",
    ]
    terms = distinguishing_terms({0: pilze}, k=4, others=rest)[0]
    assert set(terms) & {"Pfifferling", "Fichte"}
    assert not {"Der", "der", "ist", "ein", "Ein"} & set(terms)


def test_one_long_page_does_not_name_a_cluster() -> None:
    terms = distinguishing_terms({0: [*TREES, "zeppelin " * 500], 1: SERIES})[0]
    assert "zeppelin" not in terms
    assert terms[0] in {"oak", "trees", "tree"}


def test_titles_and_headings_count_and_addresses_do_not() -> None:
    pages = [
        Page(title="Walnut", headings=("Walnut oil",), text="see https://walrus.example/x") for _ in range(3)
    ]
    assert any("Walnut" in term for term in distinguishing_terms({0: pages, 1: SERIES})[0])
    assert words_of("see https://walrus.example/x or www.walrus.example today") == [
        ["see"],
        ["or"],
        ["today"],
    ]


def test_words_of_unspaced_writing_are_pairs_of_characters() -> None:
    assert [word for line in words_of("蘑菇很好 mushroom") for word in line] == [
        "蘑菇",
        "菇很",
        "很好",
        "mushroom",
    ]


def test_nothing_to_say_is_an_empty_name() -> None:
    assert distinguishing_terms({}) == {}
    assert distinguishing_terms({3: [], 4: ["", "the and of"]}) == {3: [], 4: []}
    assert cluster_name([]) == ""
    assert cluster_name(["oak", "maple", "bark", "roots"]) == "oak, maple, bark"
