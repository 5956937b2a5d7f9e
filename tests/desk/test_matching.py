"""The routing rule, without a database."""

from desk.matching import plan_offers
from desk.model import AgentState, AgentStatus, Candidate


def _agent(name: str, *, used: int = 0, most: int = 3, skills: tuple[str, ...] = (), status: AgentStatus = AgentStatus.ONLINE,
           accounts: tuple[str, ...] = ("demo",)) -> AgentState:  # fmt: skip
    return AgentState(name, accounts, skills, status, 1, used, most, 0)


def _candidate(name: str = "c", **more: object) -> Candidate:
    values: dict[str, object] = {"account": "demo", "epoch": 1, "skill": "general", "waited_s": 60.0, **more}
    return Candidate(name, **values)  # type: ignore[arg-type]


def _plan(candidates: list[Candidate], agents: list[AgentState]) -> list[tuple[str, str]]:
    return [(one.conversation_id, agent.agent_id) for one, agent in plan_offers(candidates, agents, 30.0)]


def test_the_smallest_share_of_slots_in_use_comes_first() -> None:
    # one of ten is less than one of two
    agents = [_agent("small", used=1, most=2), _agent("large", used=1, most=10)]
    assert _plan([_candidate()], agents) == [("c", "large")]


def test_nobody_gets_more_than_their_free_slots() -> None:
    waiting = [_candidate(f"c{number}") for number in range(10)]
    plan = _plan(waiting, [_agent("a", used=1, most=3), _agent("b", most=2)])
    assert sorted(agent for _, agent in plan) == ["a", "a", "b", "b"]
    assert [conversation for conversation, _ in plan] == ["c0", "c1", "c2", "c3"]


def test_break_offline_other_account_and_full_agents_get_none() -> None:
    agents = [
        _agent("resting", status=AgentStatus.BREAK),
        _agent("gone", status=AgentStatus.OFFLINE),
        _agent("elsewhere", accounts=("other",)),
        _agent("full", used=3),
        _agent("shrunk", used=5, most=2),
    ]
    assert _plan([_candidate()], agents) == []


def test_a_skill_goes_to_who_has_it_or_has_every_skill() -> None:
    waiting = [_candidate(skill="complaint")]
    assert _plan(waiting, [_agent("a", skills=("billing",)), _agent("b", used=2, skills=("complaint",))]) == [("c", "b")]
    assert _plan(waiting, [_agent("a", skills=("billing",))]) == []
    assert _plan(waiting, [_agent("all")]) == [("c", "all")]
    assert _plan([_candidate()], [_agent("a", skills=("billing",))]) == [("c", "a")]


def test_the_last_agent_is_waited_for_but_not_for_long() -> None:
    agents = [_agent("known", used=3), _agent("free")]
    assert _plan([_candidate(waited_s=5.0, last_agent="known")], agents) == []
    assert _plan([_candidate(waited_s=30.0, last_agent="known")], agents) == [("c", "free")]
    agents = [_agent("known", used=2), _agent("free")]
    assert _plan([_candidate(waited_s=5.0, last_agent="known")], agents) == [("c", "known")]
    agents = [_agent("known", status=AgentStatus.BREAK), _agent("free")]
    assert _plan([_candidate(waited_s=5.0, last_agent="known")], agents) == [("c", "free")]


def test_who_let_it_run_out_comes_last_and_who_declined_not_at_all() -> None:
    missed = _candidate(missed_by=("a",), last_agent="a", waited_s=1.0)
    assert _plan([missed], [_agent("a"), _agent("b", used=2)]) == [("c", "b")]
    assert _plan([missed], [_agent("a")]) == [("c", "a")]
    assert _plan([_candidate(declined_by=("a",))], [_agent("a")]) == []
