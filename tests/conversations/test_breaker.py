from conversations.breaker import Breaker


def test_it_opens_after_failures_in_a_row_only() -> None:
    breaker = Breaker(3, 10)
    for _ in range(2):
        breaker.failed(0)
    breaker.succeeded()
    for _ in range(2):
        breaker.failed(0)
    assert breaker.allows(0)
    breaker.failed(0)
    assert not breaker.allows(9.9)
    assert breaker.is_open


def test_half_open_lets_one_ask() -> None:
    breaker = Breaker(1, 10)
    breaker.failed(0)
    assert breaker.allows(10)
    assert not breaker.allows(10.1)
    breaker.failed(11)
    assert not breaker.allows(12)
    assert breaker.allows(21)
    breaker.succeeded()
    assert breaker.allows(21.1)
    assert breaker.allows(21.2)


def test_a_probe_that_never_comes_back_does_not_keep_it_shut() -> None:
    breaker = Breaker(1, 10)
    breaker.failed(0)
    assert breaker.allows(10)
    assert breaker.allows(20)
