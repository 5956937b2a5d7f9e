"""The deployment's own tables: whose database this is, and which processes serve it."""

from sqlalchemy import JSON, BigInteger, Column, Integer, String, Table

from runtime.database import Instant, metadata

deployment = Table(
    "deployment",
    metadata,
    Column("name", String(16), primary_key=True),
    # of the keys the encrypted columns were written with: a database opened with others is refused at once
    Column("fingerprint", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
)

core_process = Table(
    "core_process",
    metadata,
    Column("core_id", String(40), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("data_dir", String(1024), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("version", String(40), nullable=False),
    Column("accounts", JSON, nullable=False),
    Column("started_at", Instant, nullable=False),
    # raised every few seconds: who looks judges by their own clock, since two machines share none
    Column("beat", BigInteger, nullable=False),
)
