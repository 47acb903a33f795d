"""when each worker was last seen"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table('beat',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_beat')),
    sa.UniqueConstraint('name', name=op.f('uq_beat_name'))
    )
    op.create_index('ix_beat_seen', 'beat', ['seen_at'], unique=False)


def downgrade():
    op.drop_index('ix_beat_seen', table_name='beat')
    op.drop_table('beat')
