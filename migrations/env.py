"""Run by alembic inside the transaction that cli/migrate.py opened."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from cli.tables import METADATA
from runtime.database import Instant


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """A migration keeps to plain types: it must still run when our own are gone."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=False,
    render_as_batch=True,
    render_item=render_item,
)
context.run_migrations()
