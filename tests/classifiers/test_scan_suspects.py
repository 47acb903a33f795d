"""What a scan keeps of single pages is the same in whatever order, and however divided, it comes."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from classifiers.scan.suspects import Best, Sample, Suspect


def suspect(url: str, foreseeable: float = 0.5, offset: int = 0) -> Suspect:
    return Suspect(url, "c", foreseeable, 1.0, "drugs", 1.0, "", "x", offset)


offers = st.lists(
    st.builds(
        lambda host, path, score: suspect(f"http://h{host}.example/{path}", score / 20),
        st.integers(0, 5),
        st.integers(0, 20),
        st.integers(0, 20),
    ),
    max_size=400,
)


def plain(offered: list[Suspect], most: int, per_host: int) -> list[Suspect]:
    """The same by holding everything."""
    kept: list[Suspect] = []
    for each in sorted(offered, key=lambda s: (-s.score, s.url, s.source, s.offset)):
        alike = sum(other.host == each.host for other in kept)
        if len(kept) < most and alike < per_host and each.url not in {other.url for other in kept}:
            kept.append(each)
    return kept


@given(offers, st.integers(1, 8), st.integers(1, 4), st.integers(1, 5))
def test_the_best_are_those_that_holding_everything_would_give(
    offered: list[Suspect], most: int, per_host: int, parts: int
) -> None:
    whole = Best(most, per_host)
    for part in range(parts):
        one = Best(most, per_host)
        one.add(offered[part::parts])
        whole.add(one.ranked())
    assert whole.ranked() == plain(offered, most, per_host)


def test_addresses_that_are_none_count_as_one_host() -> None:
    best = Best(10, 2)
    best.add(suspect(url) for url in ("", "http://[broken", "no address"))
    assert len(best.ranked()) == 2


@given(st.integers(0, 3), st.integers(1, 4))
def test_a_sample_does_not_depend_on_the_order_or_the_parts(salt: int, parts: int) -> None:
    offered = [suspect(f"http://a.example/{n}", offset=n) for n in range(60)]
    whole, merged = Sample(7, salt), Sample(7, salt)
    whole.add(reversed(offered))
    for part in range(parts):
        one = Sample(7, salt)
        one.add(offered[part::parts])
        merged.add(one.members())
    assert merged.members() == whole.members()
    assert len(whole.members()) == 7


def test_every_suspect_has_the_same_chance_to_be_sampled() -> None:
    drawn: Counter[int] = Counter()
    for salt in range(2000):
        sample = Sample(3, salt)
        sample.add(suspect(f"http://a.example/{n}", n / 10, n) for n in range(10))
        drawn.update(each.offset for each in sample.members())
    # 2000 draws of 3 in 10: 600 each, standard deviation 20
    assert all(abs(drawn[n] - 600) < 90 for n in range(10))
