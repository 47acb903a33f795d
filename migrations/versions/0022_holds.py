"""points that wait until a page was looked at again"""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table('payout_hold',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('batch_id', WHOLE, nullable=False),
    sa.Column('submission_id', WHOLE, nullable=False),
    sa.Column('points', WHOLE, nullable=False),
    sa.Column('why', sa.String(length=10), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['payout_batch.id'], name=op.f('fk_payout_hold_batch_id_payout_batch')),
    sa.ForeignKeyConstraint(['submission_id'], ['submission.id'], name=op.f('fk_payout_hold_submission_id_submission')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payout_hold'))
    )
    op.create_index('uq_payout_hold', 'payout_hold', ['batch_id', 'submission_id'], unique=True)
    op.create_index('ix_payout_hold_submission', 'payout_hold', ['submission_id'], unique=False)
    op.create_table('payout_release',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('submission_id', WHOLE, nullable=False),
    sa.Column('released_by', WHOLE, nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['released_by'], ['account.id'], name=op.f('fk_payout_release_released_by_account')),
    sa.ForeignKeyConstraint(['submission_id'], ['submission.id'], name=op.f('fk_payout_release_submission_id_submission')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payout_release')),
    sa.UniqueConstraint('submission_id', name=op.f('uq_payout_release_submission_id'))
    )


def downgrade():
    op.drop_table('payout_release')
    op.drop_index('ix_payout_hold_submission', table_name='payout_hold')
    op.drop_index('uq_payout_hold', table_name='payout_hold')
    op.drop_table('payout_hold')
