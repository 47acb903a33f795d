"""indexes for what is asked often of large tables; one that was there twice goes"""

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

ERROR = {'sqlite_where': sa.text('is_error = 1'), 'postgresql_where': sa.text('is_error')}
FUND = {'sqlite_where': sa.text("kind = 'fund'"), 'postgresql_where': sa.text("kind = 'fund'")}
OWN = {'sqlite_where': sa.text('for_judge_id IS NOT NULL'), 'postgresql_where': sa.text('for_judge_id IS NOT NULL')}


def upgrade():
    op.create_index('ix_outcome_error', 'outcome', ['challenge_id', 'id'], unique=False, **ERROR)
    op.create_index('ix_ledger_fund', 'ledger', ['challenge_id', 'id'], unique=False, **FUND)
    op.create_index('ix_act_verb', 'act', ['verb', 'id'], unique=False)
    op.drop_index('ix_review_item_own', table_name='review_item', **OWN)


def downgrade():
    op.create_index('ix_review_item_own', 'review_item', ['for_judge_id'], unique=False, **OWN)
    op.drop_index('ix_act_verb', table_name='act')
    op.drop_index('ix_ledger_fund', table_name='ledger', **FUND)
    op.drop_index('ix_outcome_error', table_name='outcome', **ERROR)
