"""topics: challenges of one topic are judged in one queue"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade():
    # the default is for the rows that are there; SQLite could not add it otherwise without making the table anew
    op.add_column('challenge', sa.Column('topic', sa.String(length=80), server_default='', nullable=False))
    op.execute("UPDATE challenge SET topic = replace(slug, '-lookalikes', '')")
    op.create_index('ix_challenge_topic', 'challenge', ['topic'])


def downgrade():
    op.drop_index('ix_challenge_topic', 'challenge')
    op.drop_column('challenge', 'topic')
