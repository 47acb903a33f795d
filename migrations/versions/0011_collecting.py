"""challenges without a machine, examples that are collected, and pools of imported pages"""

import re

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
RULE = "machine_id IS NOT NULL OR mode = 'collect' OR state = 'draft'"
CHECK = f", CONSTRAINT ck_challenge_has_machine CHECK ({RULE})"


def upgrade():
    op.add_column('challenge', sa.Column('proportions', sa.JSON(), server_default='{}', nullable=False))
    if op.get_bind().dialect.name == 'sqlite':
        _rewrite_challenge(r'(machine_id\s+\w+)\s+NOT NULL', r'\1', CHECK, '')
    else:
        op.alter_column('challenge', 'machine_id', existing_type=WHOLE, nullable=True)
        op.create_check_constraint(op.f('ck_challenge_has_machine'), 'challenge', RULE)
    with op.batch_alter_table('quote', schema=None) as batch_op:
        batch_op.alter_column('machine_id', existing_type=WHOLE, nullable=True)
        batch_op.add_column(sa.Column('site', sa.String(length=255), server_default='', nullable=False))
    op.add_column('submission', sa.Column('claimed', sa.String(length=40), server_default='', nullable=False))
    op.add_column('review_item', sa.Column('given', sa.JSON(), nullable=True))
    op.add_column('review_item', sa.Column('ranked_by', sa.String(length=4), server_default='', nullable=False))
    with op.batch_alter_table('pool_page', schema=None) as batch_op:
        batch_op.alter_column('item_id', existing_type=WHOLE, nullable=True)
        batch_op.add_column(sa.Column('name', sa.String(length=200), server_default='', nullable=False))
        batch_op.add_column(sa.Column('given', sa.JSON(), server_default='{}', nullable=False))
        batch_op.add_column(sa.Column('model_uncertainty', sa.Double(), nullable=True))
    op.create_table('example',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('challenge_id', WHOLE, nullable=False),
    sa.Column('submission_id', WHOLE, nullable=False),
    sa.Column('page_id', WHOLE, nullable=False),
    sa.Column('truth', sa.String(length=40), nullable=False),
    sa.Column('claimed', sa.String(length=40), nullable=False),
    sa.Column('site', sa.String(length=255), nullable=False),
    sa.Column('probability', sa.Double(), nullable=False),
    sa.Column('points', WHOLE, nullable=False),
    sa.Column('label_counts', sa.JSON(), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_example_challenge_id_challenge')),
    sa.ForeignKeyConstraint(['page_id'], ['page.id'], name=op.f('fk_example_page_id_page')),
    sa.ForeignKeyConstraint(['submission_id'], ['submission.id'], name=op.f('fk_example_submission_id_submission')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_example')),
    sa.UniqueConstraint('submission_id', name=op.f('uq_example_submission_id'))
    )
    op.create_index('ix_example_challenge', 'example', ['challenge_id', 'id'], unique=False)
    op.create_index('ix_example_site', 'example', ['challenge_id', 'site'], unique=False)
    op.create_table('pool_point',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('challenge_id', WHOLE, nullable=False),
    sa.Column('judgements', WHOLE, nullable=False),
    sa.Column('pages', WHOLE, nullable=False),
    sa.Column('label_quality', sa.Double(), nullable=True),
    sa.Column('model_quality', sa.Double(), nullable=True),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.Column('measured_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_pool_point_challenge_id_challenge')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pool_point'))
    )
    op.create_index('uq_pool_point', 'pool_point', ['challenge_id', 'judgements'], unique=True)


def downgrade():
    _refuse_where_something_would_be_lost()
    op.drop_index('uq_pool_point', table_name='pool_point')
    op.drop_table('pool_point')
    op.drop_index('ix_example_site', table_name='example')
    op.drop_index('ix_example_challenge', table_name='example')
    op.drop_table('example')
    with op.batch_alter_table('pool_page', schema=None) as batch_op:
        batch_op.drop_column('model_uncertainty')
        batch_op.drop_column('given')
        batch_op.drop_column('name')
        batch_op.alter_column('item_id', existing_type=WHOLE, nullable=False)
    op.drop_column('review_item', 'ranked_by')
    op.drop_column('review_item', 'given')
    op.drop_column('submission', 'claimed')
    with op.batch_alter_table('quote', schema=None) as batch_op:
        batch_op.drop_column('site')
        batch_op.alter_column('machine_id', existing_type=WHOLE, nullable=False)
    if op.get_bind().dialect.name == 'sqlite':
        _rewrite_challenge(r'(machine_id\s+\w+)', r'\1 NOT NULL', '', CHECK)
    else:
        op.drop_constraint(op.f('ck_challenge_has_machine'), 'challenge', type_='check')
        op.alter_column('challenge', 'machine_id', existing_type=WHOLE, nullable=False)
    op.drop_column('challenge', 'proportions')


def _rewrite_challenge(old, new, added, dropped):
    """SQLite keeps a table's definition as text. Copying the table, as a batch does, would trip over all that refers to it; for
    constraints alone its manual says to change the text, and to tell other connections by a new schema version."""
    bind = op.get_bind()
    sql = bind.execute(sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'challenge'")).scalar_one()
    text, count = re.subn(old, new, sql.replace(dropped, '') if dropped else sql, count=1)
    if count != 1:
        raise RuntimeError('the table of challenges is not as this migration knows it')
    text = text.rstrip()[:-1].rstrip() + added + '\n)'
    version = bind.execute(sa.text('PRAGMA schema_version')).scalar_one()
    bind.execute(sa.text('PRAGMA writable_schema = ON'))
    bind.execute(sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = 'challenge'"), {'sql': text})
    bind.execute(sa.text(f'PRAGMA schema_version = {version + 1}'))
    bind.execute(sa.text('PRAGMA writable_schema = OFF'))


def _refuse_where_something_would_be_lost():
    for table, column in (('challenge', 'machine_id'), ('quote', 'machine_id'), ('pool_page', 'item_id')):
        count = op.get_bind().execute(sa.text(f'SELECT count(*) FROM {table} WHERE {column} IS NULL')).scalar_one()
        if count:
            raise RuntimeError(f'{count} rows of {table} have no {column}, which the version before cannot hold')
