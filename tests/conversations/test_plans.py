"""What runs in every turn or every few seconds must not read a conversation's history, however long it grows."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from conversations.adapters.rowwise import Cipher
from conversations.adapters.sql_media import _CLAIMABLE, _OF_CONVERSATION, _OLD
from conversations.adapters.sql_records import SqlRecords
from conversations.adapters.sql_store import SqlSurvey
from runtime.database import make_engine, metadata
from runtime.keys import Keyring
from tests.conversations.rows import NOW, handoff

CALLS: dict[str, Any] = {
    "ix_inbound_new": lambda records, survey: records.next_inbound("c_1"),
    "ix_outbound_pending": lambda records, survey: records.pending("c_1"),
    "uq_outbound_conversation_id_position": lambda records, survey: records.outbound_at("c_1", 7),
    "sqlite_autoindex_handoff_1": lambda records, survey: records.handoff("h_1"),
    "ix_handoff_conversation_id_requested_at": lambda records, survey: records.last_handoff("c_1"),
    "uq_handoff_live": lambda records, survey: records.live_handoff("c_1"),
    "ix_handoff_waiting": lambda records, survey: records.ahead(handoff()),
    "ix_inbound_new, ix_outbound_pending": lambda records, survey: survey.left_behind(1000.0, 30.0, 1.0, 10),
    "ix_inbound_open": lambda records, survey: survey.open_since(1000.0, 20.0, 10),
    "ix_conversation_owned": lambda records, survey: survey.overdue(NOW, 10),
    "ix_handoff_waiting, ix_handoff_waiting": lambda records, survey: survey.next_in_line(10),
    "ix_conversation_owned, uq_handoff_live": lambda records, survey: survey.crooked(10),
}


@pytest.mark.parametrize("indexes", CALLS)
def test_only_what_has_something_to_do_is_read(tmp_path: Path, indexes: str) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'test.db'}")
    metadata.create_all(engine)
    seen: list[tuple[str, Any]] = []
    with engine.connect() as connection:
        event.listen(engine, "before_cursor_execute", lambda c, cursor, statement, params, *rest: seen.append((statement, params)))
        CALLS[indexes](SqlRecords(connection, Cipher(Keyring(b"d" * 32, b"l" * 32))), SqlSurvey(connection))
        statement, params = seen[-1]
        plan = [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", params)]
    engine.dispose()
    for index in indexes.split(", "):
        assert any(index in step for step in plan), plan
    whole = ("SCAN inbound", "SCAN outbound", "SCAN conversation", "SCAN handoff")
    assert not [step for step in plan if step.startswith(whole) and "ix_" not in step and "uq_" not in step]


@pytest.mark.parametrize(
    ("statement", "params", "index"),
    [
        (_CLAIMABLE, {"b_now": NOW, "b_far": NOW, "b_mono": 1.0, "b_lease": 1.0, "b_limit": 4}, "ix_media_to_do"),
        (_OF_CONVERSATION, {"b_id": "c_1", "b_after": 0}, "ix_media_conversation_id_position"),
        (_OLD, {"b_before": NOW, "b_limit": 4}, "ix_media_created_at"),
    ],
)
def test_files_are_found_without_reading_all_of_them(tmp_path: Path, statement: Any, params: dict[str, Any], index: str) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'test.db'}")
    metadata.create_all(engine)
    seen: list[tuple[str, Any]] = []
    with engine.connect() as connection:
        event.listen(engine, "before_cursor_execute", lambda c, cursor, text, values, *rest: seen.append((text, values)))
        connection.execute(statement, params).all()
        text, values = seen[-1]
        plan = [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
    engine.dispose()
    assert any(index in step for step in plan), plan
