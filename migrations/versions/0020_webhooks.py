"""webhooks, and the outbox of what they are told"""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table('webhook',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('challenge_id', WHOLE, nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('secret', sa.String(length=80), nullable=False),
    sa.Column('events', sa.JSON(), nullable=False),
    sa.Column('created_by', WHOLE, nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_webhook_challenge_id_challenge')),
    sa.ForeignKeyConstraint(['created_by'], ['account.id'], name=op.f('fk_webhook_created_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook')),
    sa.UniqueConstraint('public_id', name=op.f('uq_webhook_public_id'))
    )
    op.create_index(op.f('ix_webhook_challenge_id'), 'webhook', ['challenge_id'], unique=False)
    op.create_table('delivery',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('webhook_id', WHOLE, nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('event', sa.String(length=30), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('fence', WHOLE, nullable=False),
    sa.Column('tries', WHOLE, nullable=False),
    sa.Column('wake_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tried_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['webhook_id'], ['webhook.id'], name=op.f('fk_delivery_webhook_id_webhook')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery')),
    sa.UniqueConstraint('public_id', name=op.f('uq_delivery_public_id'))
    )
    op.create_index('uq_delivery_key', 'delivery', ['webhook_id', 'key'], unique=True)
    op.create_index('ix_delivery_wake', 'delivery', ['wake_at'], unique=False)


def downgrade():
    op.drop_index('ix_delivery_wake', table_name='delivery')
    op.drop_index('uq_delivery_key', table_name='delivery')
    op.drop_table('delivery')
    op.drop_index(op.f('ix_webhook_challenge_id'), table_name='webhook')
    op.drop_table('webhook')
