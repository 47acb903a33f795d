"""drafts, edits, and what was promised for judging a page"""

import json

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
OLD = "machine_id IS NOT NULL OR mode = 'collect' OR state = 'draft'"
NEW = "machine_id IS NOT NULL OR mode = 'collect' OR state IN ('draft', 'archived')"


def upgrade():
    op.add_column('challenge', sa.Column('starting_budget', WHOLE, server_default='0', nullable=False))
    op.add_column('challenge', sa.Column('revision', WHOLE, server_default='0', nullable=False))
    op.add_column('challenge', sa.Column('live_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('review_item', sa.Column('judging_price', WHOLE, nullable=True))
    op.add_column('review_item', sa.Column('max_judgements', WHOLE, nullable=True))
    op.execute("UPDATE challenge SET state = 'paused' WHERE state NOT IN ('draft', 'live')")
    op.execute("UPDATE challenge SET live_at = created_at WHERE state <> 'draft'")
    op.execute("UPDATE challenge SET starting_budget = coalesce((SELECT sum(budget) FROM ledger WHERE kind = 'fund' "
               "AND ledger.challenge_id = challenge.id), 0)")
    keep_promises()
    replace_check(OLD, NEW)


def keep_promises():
    """Pages that wait for judges keep what their challenge promises now."""
    connection = op.get_bind()
    for challenge_id, stored in connection.execute(sa.text('SELECT id, rules FROM challenge')).all():
        rules = json.loads(stored) if isinstance(stored, str) else stored
        connection.execute(
            sa.text("UPDATE review_item SET judging_price = :price, max_judgements = :most "
                    "WHERE challenge_id = :challenge AND origin <> 'gold'"),
            {'price': rules.get('judging_price', 50), 'most': rules.get('max_judgements', 7), 'challenge': challenge_id},
        )


def downgrade():
    # an archived challenge without a machine cannot be said any more
    op.execute("UPDATE challenge SET state = 'draft' WHERE state = 'archived' AND machine_id IS NULL AND mode <> 'collect'")
    replace_check(NEW, OLD)
    op.drop_column('review_item', 'max_judgements')
    op.drop_column('review_item', 'judging_price')
    op.drop_column('challenge', 'live_at')
    op.drop_column('challenge', 'revision')
    op.drop_column('challenge', 'starting_budget')


def replace_check(old, new):
    bind = op.get_bind()
    if bind.dialect.name != 'sqlite':
        op.drop_constraint(op.f('ck_challenge_has_machine'), 'challenge', type_='check')
        op.create_check_constraint(op.f('ck_challenge_has_machine'), 'challenge', new)
        return
    # SQLite can change no constraint of a table that others refer to, except in the text that defines it, with a new schema version so
    # that other connections read it again
    asked = "type = 'table' AND name = 'challenge'"
    sql = bind.execute(sa.text(f'SELECT sql FROM sqlite_master WHERE {asked}')).scalar_one()
    if sql.count(f'({old})') != 1:
        raise RuntimeError('the table of challenges is not as this migration knows it')
    version = bind.execute(sa.text('PRAGMA schema_version')).scalar_one()
    bind.execute(sa.text('PRAGMA writable_schema = ON'))
    bind.execute(sa.text(f'UPDATE sqlite_master SET sql = :sql WHERE {asked}'), {'sql': sql.replace(f'({old})', f'({new})')})
    bind.execute(sa.text(f'PRAGMA schema_version = {version + 1}'))
    bind.execute(sa.text('PRAGMA writable_schema = OFF'))
