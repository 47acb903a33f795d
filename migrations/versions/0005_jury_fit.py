"""what an exact computation over a topic's judges left beside the jury"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table('jury_fit',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('topic', sa.String(length=80), nullable=False),
    sa.Column('judgements', WHOLE, nullable=False),
    sa.Column('changes_done', WHOLE, nullable=False),
    sa.Column('disputed', WHOLE, nullable=False),
    sa.Column('pairs', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_jury_fit')),
    sa.UniqueConstraint('topic', name=op.f('uq_jury_fit_topic'))
    )


def downgrade():
    op.drop_table('jury_fit')
