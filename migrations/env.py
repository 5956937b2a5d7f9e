"""Run by alembic inside the transaction that cli/migrate.py opened."""

from alembic import context

from cli.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=False,
    render_as_batch=True,
)
context.run_migrations()
