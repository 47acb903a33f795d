"""content that was taken down"""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
NOT_SEALED = sa.text('sealed_at IS NULL')


def upgrade():
    op.create_table(
        'takedown',
        sa.Column('id', WHOLE, nullable=False),
        sa.Column('public_id', sa.String(32), nullable=False),
        sa.Column('challenge_id', WHOLE, nullable=True),
        sa.Column('reason', sa.String(20), nullable=False),
        sa.Column('note', sa.String(300), nullable=False),
        sa.Column('signature', sa.LargeBinary(), nullable=False),
        sa.Column('taken_by', WHOLE, nullable=True),
        sa.Column('taken_at', MOMENT, nullable=False),
        sa.Column('cleared_at', MOMENT, nullable=True),
        sa.Column('sealed_at', MOMENT, nullable=True),
        sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_takedown_challenge_id_challenge')),
        sa.ForeignKeyConstraint(['taken_by'], ['account.id'], name=op.f('fk_takedown_taken_by_account')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_takedown')),
        sa.UniqueConstraint('public_id', name=op.f('uq_takedown_public_id')),
    )
    op.create_index('ix_takedown_challenge', 'takedown', ['challenge_id', 'id'])
    op.create_index('ix_takedown_not_sealed', 'takedown', ['id'], sqlite_where=NOT_SEALED, postgresql_where=NOT_SEALED)
    op.create_table(
        'tombstone',
        sa.Column('id', WHOLE, nullable=False),
        sa.Column('takedown_id', WHOLE, nullable=False),
        sa.Column('challenge_id', WHOLE, nullable=False),
        sa.Column('page_id', WHOLE, nullable=False),
        sa.Column('name', sa.String(32), nullable=False),
        sa.Column('outcome_id', WHOLE, nullable=True),
        sa.Column('at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['takedown_id'], ['takedown.id'], name=op.f('fk_tombstone_takedown_id_takedown')),
        sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_tombstone_challenge_id_challenge')),
        sa.ForeignKeyConstraint(['page_id'], ['page.id'], name=op.f('fk_tombstone_page_id_page')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_tombstone')),
        sa.UniqueConstraint('page_id', name=op.f('uq_tombstone_page_id')),
    )
    op.create_index('ix_tombstone_challenge', 'tombstone', ['challenge_id', 'id'])
    op.create_index(op.f('ix_tombstone_takedown_id'), 'tombstone', ['takedown_id'])
    op.create_index(op.f('ix_tombstone_name'), 'tombstone', ['name'])
    child('takedown_key', sa.Column('digest', sa.String(64), nullable=False))
    op.create_index('uq_takedown_key', 'takedown_key', ['takedown_id', 'digest'], unique=True)
    op.create_index('ix_takedown_key_digest', 'takedown_key', ['digest'])
    child('takedown_band', sa.Column('value', sa.BigInteger(), nullable=False))
    op.create_index(op.f('ix_takedown_band_takedown_id'), 'takedown_band', ['takedown_id'])
    op.create_index('ix_takedown_band_value', 'takedown_band', ['value'])
    child('takedown_blob', sa.Column('key', sa.String(64), nullable=False), sa.Column('kept', sa.Boolean(), nullable=False))
    op.create_index('uq_takedown_blob', 'takedown_blob', ['takedown_id', 'key'], unique=True)
    op.create_index('ix_submission_page', 'submission', ['page_id'])
    op.create_index(op.f('ix_page_snapshot'), 'page', ['snapshot'])


def child(table, *columns):
    op.create_table(
        table,
        sa.Column('id', WHOLE, nullable=False),
        sa.Column('takedown_id', WHOLE, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(['takedown_id'], ['takedown.id'], name=op.f(f'fk_{table}_takedown_id_takedown')),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{table}')),
    )


def downgrade():
    op.drop_index(op.f('ix_page_snapshot'), table_name='page')
    op.drop_index('ix_submission_page', table_name='submission')
    for table in ('takedown_blob', 'takedown_band', 'takedown_key', 'tombstone', 'takedown'):
        op.drop_table(table)
