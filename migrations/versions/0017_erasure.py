"""accounts can be erased, and snapshots that nobody needs wait to be deleted"""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.add_column('account', sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True))
    op.create_table('orphan',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('snapshot', sa.String(length=64), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_orphan')),
    sa.UniqueConstraint('snapshot', name=op.f('uq_orphan_snapshot'))
    )
    op.create_index('ix_orphan_since', 'orphan', ['since'], unique=False)


def downgrade():
    op.drop_index('ix_orphan_since', table_name='orphan')
    op.drop_table('orphan')
    op.drop_column('account', 'erased_at')
