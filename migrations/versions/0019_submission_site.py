"""the site of a submission, by which floods are seen"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('submission', sa.Column('site', sa.String(255), server_default='', nullable=False))
    op.create_index('ix_submission_site', 'submission', ['site', 'created_at'])


def downgrade():
    op.drop_index('ix_submission_site', table_name='submission')
    op.drop_column('submission', 'site')
