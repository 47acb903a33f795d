"""stop conditions by points spent and points to be kept"""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    # nothing wrote to this table before
    with op.batch_alter_table('stop') as batch_op:
        batch_op.add_column(sa.Column('spent', WHOLE, nullable=True))
        batch_op.add_column(sa.Column('keep_free', WHOLE, nullable=True))
        batch_op.drop_column('cost_per_find')
        batch_op.drop_column('budget_below')
        batch_op.drop_column('stopped_at')
        batch_op.drop_column('reason')


def downgrade():
    with op.batch_alter_table('stop') as batch_op:
        batch_op.drop_column('keep_free')
        batch_op.drop_column('spent')
        batch_op.add_column(sa.Column('cost_per_find', WHOLE, nullable=True))
        batch_op.add_column(sa.Column('budget_below', WHOLE, nullable=True))
        batch_op.add_column(sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('reason', sa.String(length=20), server_default='', nullable=False))
