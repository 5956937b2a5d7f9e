"""What the sweep and the audit look for, in every store."""

from dataclasses import replace
from datetime import timedelta

from conversations.model import Address, Owner, Status
from conversations.records import Records, Store
from conversations.rows import DeskKind, HandoffStatus, Progress, Reply
from tests.conversations.rows import NOW, conversation, handoff, inbound, outbound, put


async def test_the_queue_is_by_priority_then_by_waiting_time(store: Store) -> None:
    later = NOW + timedelta(seconds=1)
    rows = [
        handoff("h_1", conversation_id="c_1", requested_at=later),
        handoff("h_2", conversation_id="c_2"),
        handoff("h_3", conversation_id="c_3", priority=1, requested_at=later),
        handoff("h_4", conversation_id="c_4", requested_at=later),
        handoff("h_5", conversation_id="c_5", account="other"),
        handoff("h_6", conversation_id="c_6", status=HandoffStatus.ASSIGNED),
    ]

    def work(records: Records) -> list[int]:
        for row in rows:
            records.add_conversations([conversation(row.conversation_id, address=Address(row.account, row.conversation_id))])
            records.add_handoff(row)
        return [records.ahead(row) for row in rows[:5]]

    assert await store.write(work) == [2, 1, 0, 3, 0]
    assert sorted(await store.survey(lambda look: look.next_in_line(10))) == ["c_3", "c_5"]
    await store.write(lambda records: records.save_handoff(replace(rows[2], told_next=True)))
    assert await store.survey(lambda look: look.next_in_line(10)) == ["c_5"]


async def test_the_sweep_finds_work_without_a_live_lease(store: Store) -> None:
    leases = {"c_free": 0.0, "c_live": 1010.0, "c_over": 999.0, "c_restarted": 99_999.0, "c_held": 0.0, "c_done": 0.0}

    def work(records: Records) -> None:
        for number, (name, lease) in enumerate(leases.items()):
            records.add_conversations([conversation(name, address=Address("demo", name), lease_until=lease)])
            put(
                records, inbound(f"i_{number}", conversation_id=name, address=Address("demo", name),
                        status=Progress.DONE if name in ("c_held", "c_done", "c_over") else Progress.NEW)
            )  # fmt: skip
        records.add_outbound(
            [
                outbound("m_1", conversation_id="c_held", status=Status.HELD),
                outbound("m_2", conversation_id="c_over", status=Status.SENDING),
            ]
        )

    await store.write(work)
    assert sorted(await store.survey(lambda look: look.left_behind(1001.0, 30.0, 1.0, 10))) == ["c_free", "c_over", "c_restarted"]
    # what has just come in is under way; what was going out is not
    assert await store.survey(lambda look: look.left_behind(1000.5, 30.0, 1.0, 10)) == ["c_over"]
    assert len(await store.survey(lambda look: look.left_behind(1001.0, 30.0, 1.0, 2))) == 2
    # one that came after the sweep had read its clock is not one of before a restart
    assert await store.survey(lambda look: look.left_behind(999.9, 30.0, 1.0, 10)) == ["c_over"]
    assert "c_free" in await store.survey(lambda look: look.left_behind(998.0, 30.0, 1.0, 10))


async def test_the_sweep_finds_replies_that_nobody_decided(store: Store) -> None:
    def work(records: Records) -> None:
        records.add_conversations([conversation()])
        for name, mono, reply in (("i_old", 970.0, Reply.OPEN), ("i_new", 990.0, Reply.OPEN), ("i_told", 970.0, Reply.DEFERRED),
                                  ("i_while_looking", 1000.1, Reply.OPEN),
                                  ("i_before_restart", 5000.0, Reply.OPEN)):  # fmt: skip
            put(records, inbound(name, accepted_mono=mono, reply=reply, position=hash(name) % 10_000))

    await store.write(work)
    assert sorted(await store.survey(lambda look: look.open_since(1000.0, 20.0, 10))) == ["i_before_restart", "i_old"]


async def test_the_sweep_finds_deadlines_that_have_passed(store: Store) -> None:
    def work(records: Records) -> None:
        for name, owner, deadline in (
            ("c_1", Owner.WAITING, NOW), ("c_2", Owner.WAITING, NOW + timedelta(seconds=1)),
            ("c_3", Owner.BOT, NOW), ("c_4", Owner.AGENT, None),
        ):  # fmt: skip
            records.add_conversations([conversation(name, address=Address("demo", name), owner=owner, deadline=deadline)])

    await store.write(work)
    assert await store.survey(lambda look: look.overdue(NOW, 10)) == ["c_1"]


async def test_the_audit_finds_what_does_not_agree(store: Store) -> None:
    live = {"waiting": HandoffStatus.WAITING, "agent": HandoffStatus.ASSIGNED}
    cases = [
        ("c_bot", Owner.BOT, None, None, None),
        ("c_bot_waits", Owner.BOT, HandoffStatus.WAITING, NOW, None),
        ("c_waits", Owner.WAITING, live["waiting"], NOW, None),
        ("c_waits_alone", Owner.WAITING, None, NOW, None),
        ("c_waits_assigned", Owner.WAITING, live["agent"], NOW, None),
        ("c_waits_for_ever", Owner.WAITING, live["waiting"], None, None),
        ("c_owned", Owner.AGENT, live["agent"], NOW, "a1"),
        ("c_owned_by_nobody", Owner.AGENT, live["agent"], NOW, None),
        ("c_owned_waits", Owner.AGENT, live["waiting"], NOW, "a1"),
        ("c_ended", Owner.BOT, HandoffStatus.RESOLVED, None, None),
        ("c_n", Owner.NATIVE, live["agent"], NOW, None),
        ("c_n_alone", Owner.NATIVE, None, NOW, None),
        ("c_n_for_ever", Owner.NATIVE, live["agent"], None, None),
        ("c_n_waits", Owner.NATIVE, live["waiting"], NOW, None),
        ("c_owned_at_n", Owner.AGENT, live["agent"], NOW, "a1"),
    ]

    def work(records: Records) -> None:
        for name, owner, status, deadline, agent in cases:
            records.add_conversations([conversation(name, address=Address("demo", name), owner=owner, deadline=deadline, agent_id=agent)])
            if status is not None:
                desk = DeskKind.NATIVE if "_n" in name and "_no" not in name else DeskKind.OWN
                records.add_handoff(handoff(f"h_{name}", conversation_id=name, status=status, desk=desk))

    await store.write(work)
    assert sorted(await store.survey(lambda look: look.crooked(20))) == [
        "c_bot_waits", "c_n_alone", "c_n_for_ever", "c_n_waits", "c_owned_at_n", "c_owned_by_nobody", "c_owned_waits", "c_waits_alone",
        "c_waits_assigned", "c_waits_for_ever",
    ]  # fmt: skip
