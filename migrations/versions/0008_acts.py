"""the record of privileged acts"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table('act',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('actor_id', WHOLE, nullable=True),
    sa.Column('verb', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.String(length=120), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['account.id'], name=op.f('fk_act_actor_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_act'))
    )
    op.create_index('ix_act_actor', 'act', ['actor_id', 'id'], unique=False)
    op.create_index('ix_act_subject', 'act', ['subject', 'id'], unique=False)


def downgrade():
    op.drop_index('ix_act_subject', table_name='act')
    op.drop_index('ix_act_actor', table_name='act')
    op.drop_table('act')
