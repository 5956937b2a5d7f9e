"""Work in forked processes comes out as work in this one."""

import os

import pytest

from bot.nlu.beside import beside


@pytest.mark.parametrize("small", [True, False])
def test_results_come_in_the_order_of_the_numbers(small: bool) -> None:
    brought = [10, 20, 30]
    with beside(lambda number: (brought[number], os.getpid()), range(3), small=small) as waited:
        found = waited()
    assert [value for value, _ in found] == brought
    assert all((process == os.getpid()) == small for _, process in found)


@pytest.mark.parametrize("small", [True, False])
def test_what_the_work_raises_is_raised(small: bool) -> None:
    def work(number: int) -> int:
        return 1 // number

    with beside(work, range(2), small=small) as waited, pytest.raises(ZeroDivisionError):
        waited()
