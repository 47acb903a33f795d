"""finds by the moment of their verdict: the youngest are looked at again first"""

import sqlalchemy as sa
from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None

ERROR = {'sqlite_where': sa.text('is_error = 1'), 'postgresql_where': sa.text('is_error')}


def upgrade():
    op.create_index('ix_outcome_settled', 'outcome', ['settled_at'], unique=False, **ERROR)


def downgrade():
    op.drop_index('ix_outcome_settled', table_name='outcome', **ERROR)
