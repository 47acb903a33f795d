"""people, work and assignments on platforms, and invites"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('topic_qualification',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('platform', sa.String(length=12), nullable=False),
    sa.Column('topic', sa.String(length=80), nullable=False),
    sa.Column('external_id', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_topic_qualification'))
    )
    with op.batch_alter_table('topic_qualification', schema=None) as batch_op:
        batch_op.create_index('uq_topic_qualification', ['platform', 'topic'], unique=True)

    op.create_table('platform_worker',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('platform', sa.String(length=12), nullable=False),
    sa.Column('external_id', sa.String(length=64), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_platform_worker_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_platform_worker'))
    )
    with op.batch_alter_table('platform_worker', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_platform_worker_account_id'), ['account_id'], unique=False)
        batch_op.create_index('uq_platform_worker', ['platform', 'external_id'], unique=True)

    op.create_table('qualification_grant',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('worker_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('topic', sa.String(length=80), nullable=False),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['worker_id'], ['platform_worker.id'], name=op.f('fk_qualification_grant_worker_id_platform_worker')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_qualification_grant'))
    )
    with op.batch_alter_table('qualification_grant', schema=None) as batch_op:
        batch_op.create_index('uq_qualification_grant', ['worker_id', 'topic'], unique=True)

    op.create_table('invite',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('challenge_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('note', sa.String(length=200), server_default='', nullable=False),
    sa.Column('most_uses', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_invite_challenge_id_challenge')),
    sa.ForeignKeyConstraint(['created_by'], ['account.id'], name=op.f('fk_invite_created_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invite')),
    sa.UniqueConstraint('code', name=op.f('uq_invite_code'))
    )
    with op.batch_alter_table('invite', schema=None) as batch_op:
        batch_op.create_index('ix_invite_challenge', ['challenge_id', 'id'], unique=False)

    op.create_table('work',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('platform', sa.String(length=12), nullable=False),
    sa.Column('challenge_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('pieces', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('places', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reward_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('minutes', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('days', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('requirements', sa.JSON(), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('completion_code', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('trouble', sa.Text(), server_default='', nullable=False),
    sa.Column('tries', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False),
    sa.Column('group_id', sa.String(length=64), server_default='', nullable=False),
    sa.Column('page', sa.Text(), server_default='', nullable=False),
    sa.Column('cost_cents', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('wake_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_work_challenge_id_challenge')),
    sa.ForeignKeyConstraint(['created_by'], ['account.id'], name=op.f('fk_work_created_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work')),
    sa.UniqueConstraint('public_id', name=op.f('uq_work_public_id'))
    )
    with op.batch_alter_table('work', schema=None) as batch_op:
        batch_op.create_index('ix_work_challenge', ['challenge_id', 'id'], unique=False)
        batch_op.create_index('ix_work_wake', ['wake_at'], unique=False)

    op.create_table('assignment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('work_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('worker_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('platform', sa.String(length=12), nullable=False),
    sa.Column('external_id', sa.String(length=64), nullable=False),
    sa.Column('unit', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('is_known', sa.Boolean(), nullable=True),
    sa.Column('trouble', sa.Text(), server_default='', nullable=False),
    sa.Column('arrived_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('deadline_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_assignment_account_id_account')),
    sa.ForeignKeyConstraint(['work_id'], ['work.id'], name=op.f('fk_assignment_work_id_work')),
    sa.ForeignKeyConstraint(['worker_id'], ['platform_worker.id'], name=op.f('fk_assignment_worker_id_platform_worker')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignment'))
    )
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.create_index('ix_assignment_account', ['account_id', 'id'], unique=False)
        batch_op.create_index('ix_assignment_work', ['work_id', 'state'], unique=False)
        batch_op.create_index('uq_assignment', ['platform', 'external_id', 'worker_id'], unique=True)

    op.create_table('invite_use',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('invite_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_invite_use_account_id_account')),
    sa.ForeignKeyConstraint(['invite_id'], ['invite.id'], name=op.f('fk_invite_use_invite_id_invite')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invite_use'))
    )
    with op.batch_alter_table('invite_use', schema=None) as batch_op:
        batch_op.create_index('uq_invite_use_account', ['invite_id', 'account_id'], unique=True)
        batch_op.create_index('uq_invite_use_number', ['invite_id', 'number'], unique=True)

    op.create_table('work_unit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('work_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('external_id', sa.String(length=64), nullable=False),
    sa.Column('places', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['work_id'], ['work.id'], name=op.f('fk_work_unit_work_id_work')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work_unit'))
    )
    with op.batch_alter_table('work_unit', schema=None) as batch_op:
        batch_op.create_index('uq_work_unit', ['work_id', 'external_id'], unique=True)

    op.create_table('assignment_piece',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('assignment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('ref_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_assignment_piece_assignment_id_assignment')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignment_piece'))
    )
    with op.batch_alter_table('assignment_piece', schema=None) as batch_op:
        batch_op.create_index('ix_assignment_piece_assignment', ['assignment_id'], unique=False)
        batch_op.create_index('uq_assignment_piece', ['kind', 'ref_id'], unique=True)

    op.create_table('work_session',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('assignment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kept', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_work_session_assignment_id_assignment')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_work_session_token_hash'))
    )
    with op.batch_alter_table('work_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_work_session_assignment_id'), ['assignment_id'], unique=False)



def downgrade():
    with op.batch_alter_table('work_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_work_session_assignment_id'))

    op.drop_table('work_session')
    with op.batch_alter_table('assignment_piece', schema=None) as batch_op:
        batch_op.drop_index('uq_assignment_piece')
        batch_op.drop_index('ix_assignment_piece_assignment')

    op.drop_table('assignment_piece')
    with op.batch_alter_table('work_unit', schema=None) as batch_op:
        batch_op.drop_index('uq_work_unit')

    op.drop_table('work_unit')
    with op.batch_alter_table('invite_use', schema=None) as batch_op:
        batch_op.drop_index('uq_invite_use_number')
        batch_op.drop_index('uq_invite_use_account')

    op.drop_table('invite_use')
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.drop_index('uq_assignment')
        batch_op.drop_index('ix_assignment_work')
        batch_op.drop_index('ix_assignment_account')

    op.drop_table('assignment')
    with op.batch_alter_table('work', schema=None) as batch_op:
        batch_op.drop_index('ix_work_wake')
        batch_op.drop_index('ix_work_challenge')

    op.drop_table('work')
    with op.batch_alter_table('invite', schema=None) as batch_op:
        batch_op.drop_index('ix_invite_challenge')

    op.drop_table('invite')
    with op.batch_alter_table('qualification_grant', schema=None) as batch_op:
        batch_op.drop_index('uq_qualification_grant')

    op.drop_table('qualification_grant')
    with op.batch_alter_table('platform_worker', schema=None) as batch_op:
        batch_op.drop_index('uq_platform_worker')
        batch_op.drop_index(batch_op.f('ix_platform_worker_account_id'))

    op.drop_table('platform_worker')
    with op.batch_alter_table('topic_qualification', schema=None) as batch_op:
        batch_op.drop_index('uq_topic_qualification')

    op.drop_table('topic_qualification')
