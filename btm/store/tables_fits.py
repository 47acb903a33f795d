"""What an exact computation over a topic's judges left beside the jury itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from btm.store.database import Base, BigId


class DbJuryFit(Base):
    """The last exact computation of a topic, written together with its jury.

    `judgements`: how many it knew. `changes_done`: how many changes of standing were carried out before it. `disputed`: how much
    gold had been found to be wrong. By these three a sweep sees whether another one is due. `pairs`: judges who agree beyond
    what their matrices explain, the most suspicious first: [account, account, together, agreed, expected, probability].
    """

    __tablename__ = "jury_fit"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    topic: Mapped[str] = mapped_column(String(80), unique=True)
    judgements: Mapped[int]
    changes_done: Mapped[int]
    disputed: Mapped[int]
    pairs: Mapped[list[list[Any]]] = mapped_column(JSON)
