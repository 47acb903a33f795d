"""sums of the ledger up to a row of it"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table('ledger_checkpoint',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('challenge_id', WHOLE, nullable=False),
    sa.Column('up_to_id', WHOLE, nullable=False),
    sa.Column('budget', WHOLE, nullable=False),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_ledger_checkpoint_challenge_id_challenge')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_checkpoint')),
    sa.UniqueConstraint('challenge_id', name=op.f('uq_ledger_checkpoint_challenge_id'))
    )
    op.create_index('ix_ledger_budget', 'ledger', ['challenge_id', 'id', 'budget'], unique=False)


def downgrade():
    op.drop_index('ix_ledger_budget', table_name='ledger')
    op.drop_table('ledger_checkpoint')
