"""Files nobody planned: loaded, or refused in words; never a traceback."""

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from business.carrier.errors import LoadRefused
from business.carrier.load import parse_file
from business.carrier.rows import RowMaker
from runtime.clock import FakeClock
from runtime.keys import Keyring
from tests.business.carrier.conftest import HERE

GOOD = (HERE / "awkward.yml").read_text(encoding="utf-8")
KEYRING = Keyring(b"d" * 32, b"l" * 32)
words = st.sampled_from(
    ["customers", "plans", "id", "name", "accounts", "lines", "number", "17900000001", "bills", "month", "usage", "total", "unlimited"]
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), words)
trees = st.recursive(
    scalars, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=5)), max_leaves=20
)
calm = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def loads_or_refuses(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        file = parse_file(path, FakeClock())
    except LoadRefused:
        return
    RowMaker(KEYRING, "demo", FakeClock().now()).make(file)


@calm
@given(text=st.text(max_size=200))
def test_any_text(tmp_path: Path, text: str) -> None:
    loads_or_refuses(tmp_path / "any.yml", text)


@calm
@given(tree=trees)
def test_any_tree(tmp_path: Path, tree: object) -> None:
    loads_or_refuses(tmp_path / "tree.yml", yaml.safe_dump(tree, allow_unicode=True))


@calm
@given(data=st.data())
def test_a_good_file_with_one_value_broken(tmp_path: Path, data: st.DataObject) -> None:
    lines = GOOD.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    parts = lines[at].split(" ")
    parts[data.draw(st.integers(0, len(parts) - 1))] = data.draw(st.one_of(st.text(max_size=8), words))
    loads_or_refuses(tmp_path / "broken.yml", "\n".join([*lines[:at], " ".join(parts), *lines[at + 1 :]]))


@pytest.mark.parametrize("cut", range(0, len(GOOD), len(GOOD) // 12))
def test_a_file_that_ends_too_early(tmp_path: Path, cut: int) -> None:
    loads_or_refuses(tmp_path / "cut.yml", GOOD[:cut])
