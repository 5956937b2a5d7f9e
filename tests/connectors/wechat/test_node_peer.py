"""Our cipher against npm's wechat-crypto, in both directions: written by others in another language.

It is one of web/'s development packages (`make setup` installs it); without Node or without it these tests are left out.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from connectors.wechat.crypto import MessageCipher, sign
from tests.connectors.wechat.doubles import ACCOUNT

pytestmark = pytest.mark.slow  # another process

ROOT = Path(__file__).parents[3]
VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors" / "wechat.json").read_text())["encrypted"]
TEXTS = ["", "a", "查话费", "😀" * 50, "<xml><![CDATA[x]]></xml>", "x" * 11, "x" * 12, "x" * 43, "长" * 3000]
SCRIPT = """
const Crypt = require('wechat-crypto')
const asked = JSON.parse(require('fs').readFileSync(0, 'utf8'))
const answers = asked.map(({ what, token, key, id, args }) => {
  const crypt = new Crypt(token, key, id)
  return crypt[what](...args)
})
process.stdout.write(JSON.stringify(answers))
"""


def ask(questions: list[dict[str, Any]]) -> list[Any]:
    """What wechat-crypto answers to all of them, in one process."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node here")
    folders = [str(ROOT / "web" / "node_modules"), *filter(None, [os.environ.get("NODE_PATH")])]
    if not any((Path(folder) / "wechat-crypto").is_dir() for folder in folders):
        pytest.skip("wechat-crypto is not in web/node_modules; make setup installs it")
    env = {**os.environ, "NODE_PATH": os.pathsep.join(folders), "NODE_NO_WARNINGS": "1"}
    found = subprocess.run([node, "-e", SCRIPT], input=json.dumps(questions).encode(), env=env, capture_output=True, timeout=60, check=True)
    answers: list[Any] = json.loads(found.stdout)
    return answers


def question(
    what: str, *args: str, token: str = ACCOUNT.token, key: str = ACCOUNT.encoding_aes_key, app: str = ACCOUNT.app_id
) -> dict[str, Any]:  # fmt: skip
    return {"what": what, "token": token, "key": key, "id": app, "args": list(args)}


def test_it_opens_what_we_seal() -> None:
    cipher = MessageCipher.make(ACCOUNT.app_id, ACCOUNT.encoding_aes_key)
    answers = ask([question("decrypt", cipher.encrypt(text)) for text in TEXTS])
    assert answers == [{"message": text, "id": ACCOUNT.app_id} for text in TEXTS]


def test_we_open_what_it_seals() -> None:
    cipher = MessageCipher.make(ACCOUNT.app_id, ACCOUNT.encoding_aes_key)
    assert [cipher.decrypt(sealed)[0] for sealed in ask([question("encrypt", text) for text in TEXTS])] == TEXTS


def test_its_signatures_are_ours() -> None:
    parts = [("1409735669", "n1", "abc"), ("9", "10", "8"), ("1", "", "=="), ("a", "B", "_")]
    assert ask([question("getSignature", *part) for part in parts]) == [sign(ACCOUNT.token, *part) for part in parts]


def test_every_vector_opens_there_as_here() -> None:
    asked = [
        question("decrypt", one["ciphertext"], token=one["token"] or "t", key=one["encoding_aes_key"], app=one["receive_id"])
        for one in VECTORS
    ]
    assert ask(asked) == [{"message": one["plaintext"], "id": one["receive_id"]} for one in VECTORS]
