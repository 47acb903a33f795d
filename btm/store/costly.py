"""Figures for show whose cost grows with the tables: on a large instance they are kept for a while, and renewed beside the asking.

Only for what people look at: nothing that is decided or paid rests on these. While the tables are small, or a figure comes quickly,
nothing is kept and everybody sees the last row. Where it takes longer than WORTHWHILE, and the ledger has more than LARGE rows, its
answer is kept for TIMES as long as it took, and whoever asks after that is given it once more while one thread asks anew. So
a process spends at most about one part in TIMES of its time on a figure, however often it is asked for.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from btm.store.tables import DbChallenge, DbEntry, DbJury

WORTHWHILE = 0.005
LARGE = 20_000
TIMES, LONGEST = 50, 60.0
MOST_KEPT = 2000

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass
class _Kept:
    answer: Any
    fresh_until: float
    is_renewing: bool = False


_kept: OrderedDict[Hashable, _Kept] = OrderedDict()
_lock = threading.Lock()
_renewing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="figures")


def costly(ask: Callable[P, T]) -> Callable[P, T]:
    """Keep the answers of a query of (session, *arguments) on a large instance. Its answer must be plain values that nobody changes."""

    @wraps(ask)
    def asking(*args: P.args, **kwargs: P.kwargs) -> T:
        session = cast(Session, args[0])
        key = _key(ask, session, args[1:], kwargs)
        kept = _find(key)
        if kept is None:
            return cast(T, _ask(ask, session, key, args[1:], kwargs))
        if _is_due(kept):
            _renewing.submit(_renew, ask, cast(Engine, session.get_bind()), key, args[1:], kwargs)
        return cast(T, kept.answer)

    return asking


def forget() -> None:
    """Keep nothing of what was kept."""
    with _lock:
        _kept.clear()


def _find(key: Hashable) -> _Kept | None:
    with _lock:
        kept = _kept.get(key)
        if kept is not None:
            _kept.move_to_end(key)
        return kept


def _is_due(kept: _Kept) -> bool:
    """Whether the one who asks has to have it renewed."""
    with _lock:
        if kept.is_renewing or time.monotonic() < kept.fresh_until:
            return False
        kept.is_renewing = True
        return True


def _ask(ask: Callable[..., Any], session: Session, key: Hashable, args: Any, kwargs: Any) -> Any:
    started = time.monotonic()
    answer = ask(session, *args, **kwargs)
    took = time.monotonic() - started
    if took < WORTHWHILE or int(session.scalar(select(func.max(DbEntry.id))) or 0) <= LARGE:
        with _lock:
            _kept.pop(key, None)
        return answer
    with _lock:
        _kept[key] = _Kept(answer, time.monotonic() + min(TIMES * took, LONGEST))
        _kept.move_to_end(key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return answer


def _renew(ask: Callable[..., Any], engine: Engine, key: Hashable, args: Any, kwargs: Any) -> None:
    try:
        with Session(engine, expire_on_commit=False) as session:
            _ask(ask, session, key, args, kwargs)
    except Exception:
        log.exception("a figure could not be renewed")
        with _lock:
            _kept.pop(key, None)


def _key(ask: Callable[..., Any], session: Session, args: Any, kwargs: dict[str, Any]) -> Hashable:
    plain = (*map(_plain, args), *((name, _plain(value)) for name, value in sorted(kwargs.items())))
    return (id(session.get_bind()), ask.__module__, ask.__qualname__, *plain)


def _plain(value: Any) -> Hashable:
    """What tells an argument from others."""
    if isinstance(value, DbChallenge):
        return ("challenge", value.id, value.machine_id)
    if isinstance(value, DbJury):
        return ("jury", value.id, value.fitted_to)
    if isinstance(value, (list, tuple, set, frozenset)):
        return tuple(_plain(each) for each in value)
    return cast(Hashable, value)
