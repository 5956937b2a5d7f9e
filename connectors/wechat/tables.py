"""What all processes that serve a WeChat account must agree on: a few small states, each a row."""

from sqlalchemy import JSON, Column, String, Table

from runtime.database import metadata

wechat_state = Table(
    "wechat_state",
    metadata,
    Column("account", String(64), primary_key=True),
    # calls: how often each call was made today · pace: when a token was asked for · stop: whether sending is stopped · token: see shelf.py
    Column("name", String(40), primary_key=True),
    Column("body", JSON, nullable=False),
)
