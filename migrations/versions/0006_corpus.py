"""clusters and the map, what later machines say of finds, the control arm, scans and rounds"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('audit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('challenge_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('machine_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('data', sa.String(length=200), nullable=False),
    sa.Column('wanted', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('pool', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('strata', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_audit_challenge_id_challenge')),
    sa.ForeignKeyConstraint(['created_by'], ['account.id'], name=op.f('fk_audit_created_by_account')),
    sa.ForeignKeyConstraint(['machine_id'], ['machine.id'], name=op.f('fk_audit_machine_id_machine')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit')),
    sa.UniqueConstraint('public_id', name=op.f('uq_audit_public_id'))
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index('ix_audit_challenge', ['challenge_id', 'id'], unique=False)

    op.create_table('cluster',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('challenge_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('truth', sa.String(length=40), nullable=False),
    sa.Column('assigned', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('named_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('terms', sa.JSON(), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('exemplars', sa.JSON(), nullable=False),
    sa.Column('prevalence', sa.JSON(), nullable=True),
    sa.Column('weight', sa.Double(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_cluster_challenge_id_challenge')),
    sa.ForeignKeyConstraint(['named_by'], ['account.id'], name=op.f('fk_cluster_named_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cluster')),
    sa.UniqueConstraint('public_id', name=op.f('uq_cluster_public_id'))
    )
    with op.batch_alter_table('cluster', schema=None) as batch_op:
        batch_op.create_index('ix_cluster_challenge', ['challenge_id', 'id'], unique=False)

    op.create_table('grouping',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('challenge_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('version', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('grouped_to', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('finds', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('grouped_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_grouping_challenge_id_challenge')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_grouping')),
    sa.UniqueConstraint('challenge_id', name=op.f('uq_grouping_challenge_id'))
    )
    op.create_table('round',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('challenge_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('base_machine_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('candidate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('report', sa.JSON(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('started_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('rolled_back_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['base_machine_id'], ['machine.id'], name=op.f('fk_round_base_machine_id_machine')),
    sa.ForeignKeyConstraint(['candidate_id'], ['machine.id'], name=op.f('fk_round_candidate_id_machine')),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_round_challenge_id_challenge')),
    sa.ForeignKeyConstraint(['decided_by'], ['account.id'], name=op.f('fk_round_decided_by_account')),
    sa.ForeignKeyConstraint(['started_by'], ['account.id'], name=op.f('fk_round_started_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round')),
    sa.UniqueConstraint('public_id', name=op.f('uq_round_public_id'))
    )
    with op.batch_alter_table('round', schema=None) as batch_op:
        batch_op.create_index('uq_round_number', ['challenge_id', 'number'], unique=True)

    op.create_table('scan',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('challenge_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('machine_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('pages', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('report', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_scan_challenge_id_challenge')),
    sa.ForeignKeyConstraint(['machine_id'], ['machine.id'], name=op.f('fk_scan_machine_id_machine')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scan')),
    sa.UniqueConstraint('public_id', name=op.f('uq_scan_public_id'))
    )
    with op.batch_alter_table('scan', schema=None) as batch_op:
        batch_op.create_index('ix_scan_challenge', ['challenge_id', 'id'], unique=False)

    op.create_table('placement',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('challenge_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('submission_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('cluster_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('x', sa.Double(), nullable=False),
    sa.Column('y', sa.Double(), nullable=False),
    sa.Column('placed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_placement_challenge_id_challenge')),
    sa.ForeignKeyConstraint(['cluster_id'], ['cluster.id'], name=op.f('fk_placement_cluster_id_cluster')),
    sa.ForeignKeyConstraint(['submission_id'], ['submission.id'], name=op.f('fk_placement_submission_id_submission')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_placement')),
    sa.UniqueConstraint('submission_id', name=op.f('uq_placement_submission_id'))
    )
    with op.batch_alter_table('placement', schema=None) as batch_op:
        batch_op.create_index('ix_placement_challenge', ['challenge_id', 'submission_id'], unique=False)
        batch_op.create_index('ix_placement_cluster', ['cluster_id'], unique=False)

    op.create_table('recheck',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('submission_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('status', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('similarity', sa.Double(), nullable=True),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['submission_id'], ['submission.id'], name=op.f('fk_recheck_submission_id_submission')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recheck'))
    )
    with op.batch_alter_table('recheck', schema=None) as batch_op:
        batch_op.create_index('ix_recheck_submission', ['submission_id', 'id'], unique=False)

    op.create_table('replay',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('machine_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('submission_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('assigned', sa.String(length=40), nullable=False),
    sa.Column('probabilities', sa.JSON(), nullable=False),
    sa.Column('is_wrong', sa.Boolean(), nullable=False),
    sa.Column('severity', sa.Double(), nullable=False),
    sa.Column('replayed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['machine_id'], ['machine.id'], name=op.f('fk_replay_machine_id_machine')),
    sa.ForeignKeyConstraint(['submission_id'], ['submission.id'], name=op.f('fk_replay_submission_id_submission')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replay'))
    )
    with op.batch_alter_table('replay', schema=None) as batch_op:
        batch_op.create_index('ix_replay_submission', ['submission_id'], unique=False)
        batch_op.create_index('uq_replay_find', ['machine_id', 'submission_id'], unique=True)

    op.create_table('audit_page',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('audit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('page_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('bin', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('expected_cost', sa.Double(), nullable=False),
    sa.Column('probabilities', sa.JSON(), nullable=False),
    sa.Column('assigned', sa.String(length=40), nullable=False),
    sa.Column('weight', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['audit_id'], ['audit.id'], name=op.f('fk_audit_page_audit_id_audit')),
    sa.ForeignKeyConstraint(['item_id'], ['review_item.id'], name=op.f('fk_audit_page_item_id_review_item')),
    sa.ForeignKeyConstraint(['page_id'], ['page.id'], name=op.f('fk_audit_page_page_id_page')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_page'))
    )
    with op.batch_alter_table('audit_page', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_page_item_id'), ['item_id'], unique=False)
        batch_op.create_index('uq_audit_page', ['audit_id', 'page_id'], unique=True)

    op.create_table('pool_page',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('challenge_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('page_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('score', sa.Double(), nullable=False),
    sa.Column('cluster_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('probabilities', sa.JSON(), nullable=False),
    sa.Column('assigned', sa.String(length=40), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_pool_page_challenge_id_challenge')),
    sa.ForeignKeyConstraint(['cluster_id'], ['cluster.id'], name=op.f('fk_pool_page_cluster_id_cluster')),
    sa.ForeignKeyConstraint(['item_id'], ['review_item.id'], name=op.f('fk_pool_page_item_id_review_item')),
    sa.ForeignKeyConstraint(['page_id'], ['page.id'], name=op.f('fk_pool_page_page_id_page')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pool_page'))
    )
    with op.batch_alter_table('pool_page', schema=None) as batch_op:
        batch_op.create_index('ix_pool_page_cluster', ['cluster_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_pool_page_item_id'), ['item_id'], unique=False)
        batch_op.create_index('uq_pool_page', ['challenge_id', 'page_id'], unique=True)

    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.alter_column('created_by', existing_type=sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True)


def downgrade():
    op.execute("DELETE FROM task WHERE created_by IS NULL")
    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.alter_column('created_by', existing_type=sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False)

    with op.batch_alter_table('pool_page', schema=None) as batch_op:
        batch_op.drop_index('uq_pool_page')
        batch_op.drop_index(batch_op.f('ix_pool_page_item_id'))
        batch_op.drop_index('ix_pool_page_cluster')

    op.drop_table('pool_page')
    with op.batch_alter_table('audit_page', schema=None) as batch_op:
        batch_op.drop_index('uq_audit_page')
        batch_op.drop_index(batch_op.f('ix_audit_page_item_id'))

    op.drop_table('audit_page')
    with op.batch_alter_table('replay', schema=None) as batch_op:
        batch_op.drop_index('uq_replay_find')
        batch_op.drop_index('ix_replay_submission')

    op.drop_table('replay')
    with op.batch_alter_table('recheck', schema=None) as batch_op:
        batch_op.drop_index('ix_recheck_submission')

    op.drop_table('recheck')
    with op.batch_alter_table('placement', schema=None) as batch_op:
        batch_op.drop_index('ix_placement_cluster')
        batch_op.drop_index('ix_placement_challenge')

    op.drop_table('placement')
    with op.batch_alter_table('scan', schema=None) as batch_op:
        batch_op.drop_index('ix_scan_challenge')

    op.drop_table('scan')
    with op.batch_alter_table('round', schema=None) as batch_op:
        batch_op.drop_index('uq_round_number')

    op.drop_table('round')
    op.drop_table('grouping')
    with op.batch_alter_table('cluster', schema=None) as batch_op:
        batch_op.drop_index('ix_cluster_challenge')

    op.drop_table('cluster')
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_challenge')

    op.drop_table('audit')
