"""Encrypted columns, keyed hashes and the key file."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import SettingsError, StorageFault
from runtime.keys import Keyring, load_keyring

RING = Keyring(b"1" * 32, b"2" * 32)


@given(st.text(st.characters(), max_size=50))
def test_any_text_comes_back_and_does_not_show(text: str) -> None:
    blob = RING.encrypt(text)
    assert RING.decrypt(blob) == text
    assert RING.encrypt(text) != blob
    if len(text) > 3:
        assert text.encode("utf-8", "surrogatepass") not in blob


def test_another_key_or_a_changed_byte_is_a_fault() -> None:
    blob = RING.encrypt("17900000001")
    with pytest.raises(StorageFault):
        Keyring(b"3" * 32, b"2" * 32).decrypt(blob)
    with pytest.raises(StorageFault):
        RING.decrypt(blob[:-1] + bytes([blob[-1] ^ 1]))
    with pytest.raises(StorageFault):
        RING.decrypt(b"\x09" + blob[1:])


def test_look_up_needs_the_key() -> None:
    assert RING.lookup_hash("a") == RING.lookup_hash("a") != Keyring(b"1" * 32, b"9" * 32).lookup_hash("a")


def test_the_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "keys.json"
    with ThreadPoolExecutor(8) as pool:
        rings = set(pool.map(lambda _: load_keyring(path), range(8)))
    assert len(rings) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["keys.json"]


@pytest.mark.parametrize("text", ["", "{}", '{"data_key": "!", "lookup_key": "!"}', "[]"])
def test_a_broken_key_file_is_never_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text)
    with pytest.raises(SettingsError):
        load_keyring(path)
    assert path.read_text() == text
