"""Every part's tables, brought together: what the migrations know."""

import importlib

from runtime.database import metadata

TABLES = (
    "business.carrier.tables",
    "business.identity.tables",
    "connectors.webchat.tables",
    "connectors.wechat.tables",
    "conversations.adapters.media_tables",
    "conversations.adapters.tables",
    "desk.tables",
    "runtime.tables",
    "staff.tables",
)

for _module in TABLES:
    importlib.import_module(_module)

METADATA = metadata
