"""what is known of each judge, gold, disputes, blocking, appeals, and one queue a topic"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table('jury',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('topic', sa.String(length=80), nullable=False),
    sa.Column('labels', sa.JSON(), nullable=False),
    sa.Column('priors', sa.JSON(), nullable=False),
    sa.Column('pace', sa.JSON(), nullable=False),
    sa.Column('version', WHOLE, nullable=False),
    sa.Column('fitted_to', WHOLE, nullable=False),
    sa.Column('fitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_jury')),
    sa.UniqueConstraint('topic', name=op.f('uq_jury_topic'))
    )
    op.create_table('fingerprint',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('account_id', WHOLE, nullable=False),
    sa.Column('value', sa.String(length=64), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_fingerprint_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fingerprint'))
    )
    with op.batch_alter_table('fingerprint', schema=None) as batch_op:
        batch_op.create_index('ix_fingerprint_value', ['value'], unique=False)
        batch_op.create_index('uq_fingerprint_account', ['account_id', 'value'], unique=True)

    op.create_table('judge',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('topic', sa.String(length=80), nullable=False),
    sa.Column('account_id', WHOLE, nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_judge_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_judge'))
    )
    with op.batch_alter_table('judge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_judge_account_id'), ['account_id'], unique=False)
        batch_op.create_index('uq_judge_person', ['topic', 'account_id'], unique=True)

    op.create_table('standing_change',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('judge_id', WHOLE, nullable=False),
    sa.Column('action', sa.String(length=10), nullable=False),
    sa.Column('why', sa.String(length=12), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('changed_by', WHOLE, nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('is_done', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['changed_by'], ['account.id'], name=op.f('fk_standing_change_changed_by_account')),
    sa.ForeignKeyConstraint(['judge_id'], ['judge.id'], name=op.f('fk_standing_change_judge_id_judge')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_standing_change'))
    )
    with op.batch_alter_table('standing_change', schema=None) as batch_op:
        batch_op.create_index('ix_standing_change_judge', ['judge_id', 'id'], unique=False)

    op.create_table('gold',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('topic', sa.String(length=80), nullable=False),
    sa.Column('challenge_id', WHOLE, nullable=False),
    sa.Column('page_id', WHOLE, nullable=False),
    sa.Column('item_id', WHOLE, nullable=True),
    sa.Column('truth', sa.String(length=40), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('source', sa.String(length=10), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('retired_why', sa.String(length=12), nullable=False),
    sa.Column('created_by', WHOLE, nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_gold_challenge_id_challenge')),
    sa.ForeignKeyConstraint(['created_by'], ['account.id'], name=op.f('fk_gold_created_by_account')),
    sa.ForeignKeyConstraint(['page_id'], ['page.id'], name=op.f('fk_gold_page_id_page')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gold')),
    sa.UniqueConstraint('public_id', name=op.f('uq_gold_public_id'))
    )
    with op.batch_alter_table('gold', schema=None) as batch_op:
        batch_op.create_index('ix_gold_active', ['topic', 'state', 'truth'], unique=False)
        batch_op.create_index('uq_gold_page', ['topic', 'page_id'], unique=True)

    op.create_table('appeal',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('submission_id', WHOLE, nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['submission_id'], ['submission.id'], name=op.f('fk_appeal_submission_id_submission')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appeal')),
    sa.UniqueConstraint('submission_id', name=op.f('uq_appeal_submission_id'))
    )
    op.create_table('dispute',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('gold_id', WHOLE, nullable=False),
    sa.Column('judgement_id', WHOLE, nullable=False),
    sa.Column('judge_id', WHOLE, nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by', WHOLE, nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['decided_by'], ['account.id'], name=op.f('fk_dispute_decided_by_account')),
    sa.ForeignKeyConstraint(['gold_id'], ['gold.id'], name=op.f('fk_dispute_gold_id_gold')),
    sa.ForeignKeyConstraint(['judge_id'], ['account.id'], name=op.f('fk_dispute_judge_id_account')),
    sa.ForeignKeyConstraint(['judgement_id'], ['judgement.id'], name=op.f('fk_dispute_judgement_id_judgement')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispute')),
    sa.UniqueConstraint('judgement_id', name=op.f('uq_dispute_judgement_id'))
    )
    with op.batch_alter_table('dispute', schema=None) as batch_op:
        batch_op.create_index('ix_dispute_gold', ['gold_id', 'state'], unique=False)

    _add('judgement', sa.Column('other', sa.String(length=200), server_default='', nullable=False))
    _add('judgement', sa.Column('reason', sa.String(length=300), server_default='', nullable=False))
    _add('judgement', sa.Column('round', WHOLE, server_default='0', nullable=False))
    _add('judgement', sa.Column('is_hasty', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    _add('judgement', sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True))
    _add('judgement', _reference('judgement', 'withdrawn_by', 'standing_change'))
    _add('quote', sa.Column('terms', sa.JSON(), server_default='{}', nullable=False))
    _add('submission', sa.Column('reopened_at', sa.DateTime(timezone=True), nullable=True))
    _add('submission', sa.Column('reopened_why', sa.String(length=12), server_default='', nullable=False))
    _add('review_item', sa.Column('topic', sa.String(length=80), server_default='', nullable=False))
    op.execute("UPDATE review_item SET topic = (SELECT topic FROM challenge WHERE challenge.id = review_item.challenge_id)")
    _add('review_item', _reference('review_item', 'gold_id', 'gold'))
    _add('review_item', _reference('review_item', 'for_judge_id', 'account'))
    _add('review_item', sa.Column('model_uncertainty', sa.Double(), server_default='1', nullable=False))
    _add('review_item', sa.Column('stake', sa.Double(), server_default='1', nullable=False))
    _add('review_item', sa.Column('belief', sa.JSON(), nullable=True))
    _add('review_item', sa.Column('round', WHOLE, server_default='0', nullable=False))
    _add('review_item', sa.Column('reopened', WHOLE, server_default='0', nullable=False))
    _add('review_item', sa.Column('is_stale', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    _add('review_item', sa.Column('lease_ready_at', sa.DateTime(timezone=True), nullable=True))
    _add('review_item', sa.Column('lease_price', WHOLE, server_default='0', nullable=False))
    op.execute("UPDATE review_item SET lease_price = 50 WHERE lease_judge_id IS NOT NULL")  # the default so far
    _add('review_item', _reference('review_item', 'decided_by', 'account'))
    _add('review_item', sa.Column('decided_why', sa.Text(), server_default='', nullable=False))
    # what waits with judgements was weighed without knowing the judges; it is weighed again by the first sweep
    op.execute("UPDATE review_item SET is_stale = true WHERE state = 'open' AND id IN (SELECT item_id FROM judgement)")
    op.drop_index('ix_review_item_queue', 'review_item')
    op.drop_index('uq_review_item_page', 'review_item')
    _index('uq_review_item_page', ['challenge_id', 'page_id', 'origin'], 'for_judge_id IS NULL', unique=True)
    _index('uq_review_item_gold', ['gold_id', 'for_judge_id'], unique=True)
    _index('ix_review_item_queue', ['topic', 'priority', 'shuffle'], "state = 'open' AND for_judge_id IS NULL")
    _index('ix_review_item_lease', ['lease_judge_id'], 'lease_judge_id IS NOT NULL')
    _index('ix_review_item_for_judge', ['for_judge_id'], 'for_judge_id IS NOT NULL')
    _index('ix_review_item_page', ['page_id'])
    _index('ix_review_item_own', ['for_judge_id'], 'for_judge_id IS NOT NULL')
    _index('ix_review_item_stale', ['id'], 'is_stale')
    _index('ix_review_item_challenge', ['challenge_id', 'state', 'id'])
    op.create_index('ix_ledger_account_at', 'ledger', ['account_id', 'at'])


def _add(table, column):
    """Column by column: copying a table to which others refer, as a batch does on SQLite, would trip over the references."""
    op.add_column(table, column, inline_references=op.get_bind().dialect.name == 'sqlite' and bool(column.foreign_keys))


def _reference(table, name, to):
    return sa.Column(name, WHOLE, sa.ForeignKey(f'{to}.id', name=op.f(f'fk_{table}_{name}_{to}')), nullable=True)


def _index(name, columns, where=None, unique=False):
    condition = sa.text(where) if where else None
    op.create_index(name, 'review_item', columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def downgrade():
    op.drop_index('ix_ledger_account_at', 'ledger')
    for name in ('ix_review_item_challenge', 'ix_review_item_stale', 'ix_review_item_own', 'ix_review_item_page', 'ix_review_item_for_judge',
                 'ix_review_item_lease', 'ix_review_item_queue', 'uq_review_item_gold', 'uq_review_item_page'):
        op.drop_index(name, 'review_item')
    op.execute("DELETE FROM dispute")
    op.execute("DELETE FROM judgement WHERE item_id IN (SELECT id FROM review_item WHERE origin = 'gold')")
    op.execute("DELETE FROM review_item WHERE origin = 'gold'")
    op.create_index('uq_review_item_page', 'review_item', ['challenge_id', 'page_id', 'origin'], unique=True)
    op.create_index('ix_review_item_queue', 'review_item', ['challenge_id', 'state', 'priority', 'shuffle'])
    for name in ('decided_why', 'decided_by', 'lease_price', 'lease_ready_at', 'is_stale', 'reopened', 'round', 'belief', 'stake',
                 'model_uncertainty', 'for_judge_id', 'gold_id', 'topic'):
        op.drop_column('review_item', name)
    for name in ('reopened_why', 'reopened_at'):
        op.drop_column('submission', name)
    op.drop_column('quote', 'terms')
    for name in ('withdrawn_by', 'withdrawn_at', 'is_hasty', 'round', 'reason', 'other'):
        op.drop_column('judgement', name)
    with op.batch_alter_table('dispute', schema=None) as batch_op:
        batch_op.drop_index('ix_dispute_gold')

    op.drop_table('dispute')
    op.drop_table('appeal')
    with op.batch_alter_table('gold', schema=None) as batch_op:
        batch_op.drop_index('uq_gold_page')
        batch_op.drop_index('ix_gold_active')

    op.drop_table('gold')
    with op.batch_alter_table('standing_change', schema=None) as batch_op:
        batch_op.drop_index('ix_standing_change_judge')

    op.drop_table('standing_change')
    with op.batch_alter_table('judge', schema=None) as batch_op:
        batch_op.drop_index('uq_judge_person')
        batch_op.drop_index(batch_op.f('ix_judge_account_id'))

    op.drop_table('judge')
    with op.batch_alter_table('fingerprint', schema=None) as batch_op:
        batch_op.drop_index('uq_fingerprint_account')
        batch_op.drop_index('ix_fingerprint_value')

    op.drop_table('fingerprint')
    op.drop_table('jury')
