"""The tables of web chat: what a visitor's page shows, numbered for each visitor so that it can be resumed."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table

from runtime.database import Instant, metadata

web_visitor = Table(
    "web_visitor",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("openid", String(128), primary_key=True),
    Column("last_seq", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    # stays when all else of a visitor is erased: the token is good for nothing from then on
    Column("ended_at", Instant),
)

web_line = Table(
    "web_line",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("openid", String(128), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    # what makes a line one line however often it is written: the page's own id of it, or the name of the bubble
    Column("source", String(80), nullable=False),
    Column("body_enc", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Index("uq_web_line_account_openid_source", "account", "openid", "source", unique=True),
)

web_picture = Table(
    "web_picture",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("openid", String(128), primary_key=True),
    # the line that shows it
    Column("source", String(80), primary_key=True),
    Column("content_type", String(40), nullable=False),
    Column("content_enc", LargeBinary, nullable=False),
)
