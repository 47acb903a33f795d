"""machines from anywhere, how good they are, long work in the background, and submissions that wait for a machine"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('evaluation',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('machine_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('data', sa.String(length=200), nullable=False),
    sa.Column('rows', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('report', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['machine_id'], ['machine.id'], name=op.f('fk_evaluation_machine_id_machine')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evaluation'))
    )
    with op.batch_alter_table('evaluation', schema=None) as batch_op:
        batch_op.create_index('ix_evaluation_machine', ['machine_id', 'id'], unique=False)

    op.create_table('task',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('progress', sa.Double(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('input', sa.JSON(), nullable=False),
    sa.Column('result', sa.JSON(), nullable=False),
    sa.Column('fence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('wake_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('challenge_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_task_challenge_id_challenge')),
    sa.ForeignKeyConstraint(['created_by'], ['account.id'], name=op.f('fk_task_created_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task')),
    sa.UniqueConstraint('public_id', name=op.f('uq_task_public_id'))
    )
    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.create_index('ix_task_challenge', ['challenge_id', 'id'], unique=False)
        batch_op.create_index('ix_task_wake', ['state', 'wake_at'], unique=False)

    # Column by column: copying a table to which others refer, as a batch does on SQLite, would trip over the references.
    op.add_column('machine', sa.Column('location', sa.JSON(), server_default='{}', nullable=False))
    op.add_column(
        'machine',
        sa.Column(
            'created_by',
            sa.BigInteger().with_variant(sa.Integer(), 'sqlite'),
            sa.ForeignKey('account.id', name=op.f('fk_machine_created_by_account')),
            nullable=True,
        ),
        inline_references=op.get_bind().dialect.name == 'sqlite',
    )
    op.add_column('submission', sa.Column('tries', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False))
    op.add_column('submission', sa.Column('waiting_since', sa.DateTime(timezone=True), nullable=True))


def downgrade():
    op.drop_column('submission', 'waiting_since')
    op.drop_column('submission', 'tries')
    op.drop_column('machine', 'created_by')
    op.drop_column('machine', 'location')
    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.drop_index('ix_task_wake')
        batch_op.drop_index('ix_task_challenge')

    op.drop_table('task')
    with op.batch_alter_table('evaluation', schema=None) as batch_op:
        batch_op.drop_index('ix_evaluation_machine')

    op.drop_table('evaluation')
