"""checkpoints of what is promised too; a challenge's finds are counted from an index alone"""

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
ERROR = {'sqlite_where': sa.text('is_error = 1'), 'postgresql_where': sa.text('is_error')}
FUND = {'sqlite_where': sa.text("kind = 'fund'"), 'postgresql_where': sa.text("kind = 'fund'")}


def upgrade():
    # a checkpoint is only a shortcut: without it every sum is the same, and the next sweep writes it anew
    op.execute('DELETE FROM ledger_checkpoint')
    with op.batch_alter_table('ledger_checkpoint') as batch_op:
        batch_op.add_column(sa.Column('escrow', WHOLE, nullable=False))
    op.drop_index('ix_ledger_budget', table_name='ledger')
    op.create_index('ix_ledger_budget', 'ledger', ['challenge_id', 'id', 'budget', 'escrow'], unique=False)
    op.drop_index('ix_ledger_fund', table_name='ledger', **FUND)
    op.create_index('ix_ledger_fund', 'ledger', ['challenge_id', 'id', 'budget'], unique=False, **FUND)
    op.drop_index('ix_outcome_error', table_name='outcome', **ERROR)
    op.create_index('ix_outcome_error', 'outcome', ['challenge_id', 'id', 'settled_at'], unique=False, **ERROR)


def downgrade():
    op.drop_index('ix_outcome_error', table_name='outcome', **ERROR)
    op.create_index('ix_outcome_error', 'outcome', ['challenge_id', 'id'], unique=False, **ERROR)
    op.drop_index('ix_ledger_fund', table_name='ledger', **FUND)
    op.create_index('ix_ledger_fund', 'ledger', ['challenge_id', 'id'], unique=False, **FUND)
    op.drop_index('ix_ledger_budget', table_name='ledger')
    op.create_index('ix_ledger_budget', 'ledger', ['challenge_id', 'id', 'budget'], unique=False)
    with op.batch_alter_table('ledger_checkpoint') as batch_op:
        batch_op.drop_column('escrow')
