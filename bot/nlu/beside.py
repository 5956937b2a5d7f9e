"""Work beside other work, in processes forked for it: what they read is the parent's memory and is not copied.

Not in threads: liblinear keeps its dice in one place for the whole process, and of fits that run side by side no two come out alike.
"""

import contextlib
import multiprocessing
import signal
import sys
from concurrent.futures import ProcessPoolExecutor
from typing import Any, Callable, Iterator, List, Sequence, TypeVar

from bot.engine.parent import follow_parent

T = TypeVar("T")

AT_ONCE = 2


_forked_for: List[Callable[[int], Any]] = []
"""In a forked process: the work it was forked to do. Functions within functions cannot be sent to a process, only be inherited."""


def _begin(work: Callable[[int], Any]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    follow_parent()  # a trainer that is killed leaves nobody behind
    _forked_for[:] = [work]


def _do(number: int) -> Any:
    return _forked_for[0](number)


@contextlib.contextmanager
def beside(work: Callable[[int], T], numbers: Sequence[int], *, small: bool) -> Iterator[Callable[[], List[T]]]:
    """Yields what waits for `work` of each number, in their order; `small` work, and any where processes cannot be forked safely (macOS),
    is done when it is waited for. Raises what `work` raised."""
    if small or not sys.platform.startswith("linux"):
        yield lambda: [work(number) for number in numbers]
        return
    with ProcessPoolExecutor(AT_ONCE, multiprocessing.get_context("fork"), _begin, (work,)) as pool:
        waiting = [pool.submit(_do, number) for number in numbers]
        try:
            yield lambda: [one.result() for one in waiting]
        finally:
            # after a fault, or when told to stop: what has not begun need not
            pool.shutdown(wait=False, cancel_futures=True)
