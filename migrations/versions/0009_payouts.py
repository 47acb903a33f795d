"""batches of payments, stop conditions, and searches for the lowest reward"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table('payout_batch',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('platform', sa.String(length=20), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('cutoff', sa.DateTime(timezone=True), nullable=False),
    sa.Column('least_cents', WHOLE, nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('differences', sa.JSON(), nullable=False),
    sa.Column('fence', WHOLE, nullable=False),
    sa.Column('wake_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_by', WHOLE, nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('frozen_by', WHOLE, nullable=True),
    sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('approved_by', WHOLE, nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reconciled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['approved_by'], ['account.id'], name=op.f('fk_payout_batch_approved_by_account')),
    sa.ForeignKeyConstraint(['created_by'], ['account.id'], name=op.f('fk_payout_batch_created_by_account')),
    sa.ForeignKeyConstraint(['frozen_by'], ['account.id'], name=op.f('fk_payout_batch_frozen_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payout_batch')),
    sa.UniqueConstraint('public_id', name=op.f('uq_payout_batch_public_id'))
    )
    with op.batch_alter_table('payout_batch', schema=None) as batch_op:
        batch_op.create_index('ix_payout_batch_wake', ['wake_at'], unique=False)
        batch_op.create_index('uq_payout_batch_paying', ['platform'], unique=True, sqlite_where=sa.text("state = 'paying'"), postgresql_where=sa.text("state = 'paying'"))

    op.create_table('payout',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('batch_id', WHOLE, nullable=False),
    sa.Column('account_id', WHOLE, nullable=False),
    sa.Column('key', sa.String(length=60), nullable=False),
    sa.Column('worker', sa.String(length=200), nullable=False),
    sa.Column('assignment', sa.String(length=200), nullable=False),
    sa.Column('cents', WHOLE, nullable=False),
    sa.Column('points', WHOLE, nullable=False),
    sa.Column('parts', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('reference', sa.String(length=300), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('tries', WHOLE, nullable=False),
    sa.Column('tried_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_payout_account_id_account')),
    sa.ForeignKeyConstraint(['batch_id'], ['payout_batch.id'], name=op.f('fk_payout_batch_id_payout_batch')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payout')),
    sa.UniqueConstraint('key', name=op.f('uq_payout_key'))
    )
    with op.batch_alter_table('payout', schema=None) as batch_op:
        batch_op.create_index('ix_payout_account', ['account_id', 'id'], unique=False)
        batch_op.create_index('ix_payout_state', ['batch_id', 'state', 'id'], unique=False)
        batch_op.create_index('uq_payout_worker', ['batch_id', 'account_id'], unique=True)

    op.create_table('reward_search',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('challenge_id', WHOLE, nullable=False),
    sa.Column('setting', sa.String(length=20), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('keep_pace', sa.Double(), nullable=False),
    sa.Column('keep_quality', sa.Double(), nullable=False),
    sa.Column('least_hours', sa.Double(), nullable=False),
    sa.Column('least_pages', WHOLE, nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('created_by', WHOLE, nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_reward_search_challenge_id_challenge')),
    sa.ForeignKeyConstraint(['created_by'], ['account.id'], name=op.f('fk_reward_search_created_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reward_search')),
    sa.UniqueConstraint('public_id', name=op.f('uq_reward_search_public_id'))
    )
    with op.batch_alter_table('reward_search', schema=None) as batch_op:
        batch_op.create_index('uq_reward_search_running', ['challenge_id'], unique=True, sqlite_where=sa.text("state = 'running'"), postgresql_where=sa.text("state = 'running'"))

    op.create_table('stop',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('challenge_id', WHOLE, nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finds', WHOLE, nullable=True),
    sa.Column('cost_per_find', WHOLE, nullable=True),
    sa.Column('budget_below', WHOLE, nullable=True),
    sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_stop_challenge_id_challenge')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stop')),
    sa.UniqueConstraint('challenge_id', name=op.f('uq_stop_challenge_id'))
    )
    op.create_table('reward_step',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('search_id', WHOLE, nullable=False),
    sa.Column('number', WHOLE, nullable=False),
    sa.Column('value', WHOLE, nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('pages', WHOLE, nullable=True),
    sa.Column('finds', WHOLE, nullable=True),
    sa.Column('pace', sa.Double(), nullable=True),
    sa.Column('quality', sa.Double(), nullable=True),
    sa.Column('points', WHOLE, nullable=True),
    sa.Column('verdict', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['search_id'], ['reward_search.id'], name=op.f('fk_reward_step_search_id_reward_search')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reward_step'))
    )
    with op.batch_alter_table('reward_step', schema=None) as batch_op:
        batch_op.create_index('uq_reward_step', ['search_id', 'number'], unique=True)



def downgrade():
    with op.batch_alter_table('reward_step', schema=None) as batch_op:
        batch_op.drop_index('uq_reward_step')

    op.drop_table('reward_step')
    op.drop_table('stop')
    with op.batch_alter_table('reward_search', schema=None) as batch_op:
        batch_op.drop_index('uq_reward_search_running', sqlite_where=sa.text("state = 'running'"), postgresql_where=sa.text("state = 'running'"))

    op.drop_table('reward_search')
    with op.batch_alter_table('payout', schema=None) as batch_op:
        batch_op.drop_index('uq_payout_worker')
        batch_op.drop_index('ix_payout_state')
        batch_op.drop_index('ix_payout_account')

    op.drop_table('payout')
    with op.batch_alter_table('payout_batch', schema=None) as batch_op:
        batch_op.drop_index('uq_payout_batch_paying', sqlite_where=sa.text("state = 'paying'"), postgresql_where=sa.text("state = 'paying'"))
        batch_op.drop_index('ix_payout_batch_wake')

    op.drop_table('payout_batch')
