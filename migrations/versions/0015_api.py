"""personal tokens, and writes by API under their keys"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table('token',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('account_id', WHOLE, nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_token_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_token')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_token_token_hash'))
    )
    op.create_index(op.f('ix_token_account_id'), 'token', ['account_id'], unique=False)
    op.create_table('api_call',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('account_id', WHOLE, nullable=False),
    sa.Column('key', sa.String(length=100), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('fence', WHOLE, nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', WHOLE, nullable=True),
    sa.Column('headers', sa.JSON(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_api_call_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_call'))
    )
    op.create_index('uq_api_call_key', 'api_call', ['account_id', 'key'], unique=True)
    op.create_index('ix_api_call_age', 'api_call', ['begun_at'], unique=False)


def downgrade():
    op.drop_index('ix_api_call_age', table_name='api_call')
    op.drop_index('uq_api_call_key', table_name='api_call')
    op.drop_table('api_call')
    op.drop_index(op.f('ix_token_account_id'), table_name='token')
    op.drop_table('token')
