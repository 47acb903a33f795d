"""a worker's balance is summed from an index alone"""

from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade():
    op.drop_index('ix_ledger_account', table_name='ledger')
    op.create_index('ix_ledger_account', 'ledger', ['account_id', 'id', 'worker'], unique=False)


def downgrade():
    op.drop_index('ix_ledger_account', table_name='ledger')
    op.create_index('ix_ledger_account', 'ledger', ['account_id', 'id'], unique=False)
