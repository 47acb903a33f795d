"""appeals that nobody answered in time"""

from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

PAID = "submission_id IN (SELECT id FROM submission WHERE state = 'undecided')"


def upgrade():
    op.execute(f"UPDATE appeal SET state = 'unanswered' WHERE state = 'upheld' AND {PAID}")


def downgrade():
    op.execute("UPDATE appeal SET state = 'upheld' WHERE state = 'unanswered'")
