"""All tables, so that one import knows the whole schema."""

from btm.store.database import Base
from btm.store.tables_abuse import DbTakedown, DbTakedownBand, DbTakedownBlob, DbTakedownKey, DbTombstone
from btm.store.tables_api import DbCall, DbToken
from btm.store.tables_challenges import DbChallenge, DbMachine
from btm.store.tables_collecting import DbExample, DbPoolPoint
from btm.store.tables_corpus import (
    DbAudit,
    DbAuditPage,
    DbCluster,
    DbGrouping,
    DbPlacement,
    DbPoolPage,
    DbRecheck,
    DbReplay,
    DbRound,
    DbScan,
)
from btm.store.tables_fits import DbJuryFit
from btm.store.tables_judges import DbDispute, DbFingerprint, DbGold, DbJudge, DbJury, DbStandingChange
from btm.store.tables_machines import DbEvaluation, DbTask
from btm.store.tables_money import (
    DbCheckpoint,
    DbEntry,
    DbPayout,
    DbPayoutBatch,
    DbPayoutHold,
    DbRelease,
    DbSearch,
    DbSearchStep,
    DbStop,
)
from btm.store.tables_operations import DbBeat, DbOrphan
from btm.store.tables_people import DbAccount, DbAct, DbQualification, DbRole, DbSession
from btm.store.tables_platforms import (
    DbAssignment,
    DbGrant,
    DbInvite,
    DbInviteUse,
    DbPiece,
    DbTopicQualification,
    DbUnit,
    DbWork,
    DbWorker,
    DbWorkSession,
)
from btm.store.tables_play import DbAppeal, DbBand, DbClaim, DbPage, DbQuote, DbSubmission
from btm.store.tables_review import DbJudgement, DbOutcome, DbReviewItem
from btm.store.tables_webhooks import DbDelivery, DbWebhook

__all__ = [
    "Base",
    "DbAccount",
    "DbAct",
    "DbAppeal",
    "DbAssignment",
    "DbAudit",
    "DbAuditPage",
    "DbBand",
    "DbBeat",
    "DbCall",
    "DbChallenge",
    "DbCheckpoint",
    "DbClaim",
    "DbCluster",
    "DbDelivery",
    "DbDispute",
    "DbEntry",
    "DbEvaluation",
    "DbExample",
    "DbFingerprint",
    "DbGold",
    "DbGrant",
    "DbGrouping",
    "DbInvite",
    "DbInviteUse",
    "DbJudge",
    "DbJudgement",
    "DbJury",
    "DbJuryFit",
    "DbMachine",
    "DbOrphan",
    "DbOutcome",
    "DbPage",
    "DbPayout",
    "DbPayoutBatch",
    "DbPayoutHold",
    "DbPiece",
    "DbPlacement",
    "DbPoolPage",
    "DbPoolPoint",
    "DbQualification",
    "DbQuote",
    "DbRecheck",
    "DbRelease",
    "DbReplay",
    "DbReviewItem",
    "DbRole",
    "DbRound",
    "DbScan",
    "DbSearch",
    "DbSearchStep",
    "DbSession",
    "DbStandingChange",
    "DbStop",
    "DbSubmission",
    "DbTakedown",
    "DbTakedownBand",
    "DbTakedownBlob",
    "DbTakedownKey",
    "DbTask",
    "DbToken",
    "DbTombstone",
    "DbTopicQualification",
    "DbUnit",
    "DbWebhook",
    "DbWork",
    "DbWorkSession",
    "DbWorker",
]
