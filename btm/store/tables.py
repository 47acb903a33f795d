"""All tables, so that one import knows the whole schema."""

from btm.store.database import Base
from btm.store.tables_challenges import DbChallenge, DbMachine
from btm.store.tables_machines import DbEvaluation, DbTask
from btm.store.tables_money import DbEntry
from btm.store.tables_people import DbAccount, DbQualification, DbRole, DbSession
from btm.store.tables_play import DbBand, DbClaim, DbPage, DbQuote, DbSubmission
from btm.store.tables_review import DbJudgement, DbOutcome, DbReviewItem

__all__ = [
    "Base", "DbAccount", "DbBand", "DbChallenge", "DbClaim", "DbEntry", "DbEvaluation", "DbJudgement",
    "DbMachine", "DbOutcome", "DbPage", "DbQualification", "DbQuote", "DbReviewItem", "DbRole", "DbSession",
    "DbSubmission", "DbTask",
]  # fmt: skip
