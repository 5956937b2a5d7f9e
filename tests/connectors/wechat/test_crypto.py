"""The cipher and the signatures against vectors made by others, both ways."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.wechat.crypto import MessageCipher, check_equal, sign
from connectors.wechat.errors import BadCipher
from tests.connectors.wechat.doubles import ACCOUNT, raw_cipher

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors" / "wechat.json").read_text())
ENCRYPTED = VECTORS["encrypted"]
CIPHER = MessageCipher.make(ACCOUNT.app_id, ACCOUNT.encoding_aes_key)


@pytest.mark.parametrize("vector", ENCRYPTED, ids=lambda vector: vector["id"])
def test_a_vector_decrypts_to_its_plaintext(vector: dict[str, Any]) -> None:
    cipher = MessageCipher.make(vector["receive_id"], vector["encoding_aes_key"])
    assert cipher.decrypt(vector["ciphertext"])[0] == vector["plaintext"]


@pytest.mark.parametrize("vector", ENCRYPTED, ids=lambda vector: vector["id"])
def test_a_vector_encrypts_byte_for_byte_when_its_prefix_is_known(vector: dict[str, Any]) -> None:
    cipher = MessageCipher.make(vector["receive_id"], vector["encoding_aes_key"])
    assert cipher.encrypt(vector["plaintext"], random16=vector["random16"].encode("latin-1")) == vector["ciphertext"]


@pytest.mark.parametrize("vector", [one for one in ENCRYPTED if one["msg_signature"]], ids=lambda vector: vector["id"])
def test_a_vector_signature_is_ours(vector: dict[str, Any]) -> None:
    ours = sign(vector["token"], vector["timestamp"], vector["nonce"], vector["ciphertext"])
    assert ours == vector["msg_signature"]


@pytest.mark.parametrize("vector", VECTORS["plain_signature"], ids=lambda vector: vector["id"])
def test_a_plain_signature_is_ours(vector: dict[str, Any]) -> None:
    assert sign(vector["token"], vector["timestamp"], vector["nonce"]) == vector["signature"]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_what_is_encrypted_comes_back(text: str) -> None:
    assert CIPHER.decrypt(CIPHER.encrypt(text))[0] == text


def test_the_previous_key_still_opens_and_is_told() -> None:
    old = MessageCipher.make(ACCOUNT.app_id, "A" * 43)
    both = MessageCipher.make(ACCOUNT.app_id, ACCOUNT.encoding_aes_key, "A" * 43)
    text, key = both.decrypt(old.encrypt("旧"))
    assert (text, key) == ("旧", old.keys[0])
    assert old.decrypt(both.encrypt("新", key))[0] == "新"


@pytest.mark.parametrize(
    "encrypted",
    [
        "",
        "====",
        "不是",
        "YWJj",
        raw_cipher(b"hi", app_id="wxother"),
        raw_cipher(b"hi", pad=b"\x00"),
        raw_cipher(b"hi", pad=b"\x21"),
        raw_cipher(b"hi", pad=b"\x03\x07"),
        raw_cipher(b"hi", length=2**32 - 1),
        raw_cipher(b"hi", length=1),
        raw_cipher(b"\xff\xfe"),
    ],
    ids=["empty", "equals", "chinese", "short", "other-app", "pad-0", "pad-33", "pad-mixed", "long", "shifted", "not-utf-8"],
)
def test_broken_ciphers_are_refused(encrypted: str) -> None:
    with pytest.raises(BadCipher):
        CIPHER.decrypt(encrypted)


@given(st.binary(max_size=200))
def test_random_bytes_never_break_out(blob: bytes) -> None:
    import base64

    with pytest.raises(BadCipher):
        CIPHER.decrypt(base64.b64encode(blob).decode())


def test_comparison_takes_any_characters() -> None:
    assert not check_equal("abc", "é\ud800")
    assert check_equal("abc", "abc")
