"""What a file is, by its first bytes."""

import pytest

from conversations.media_types import OFFERED, SHOWN, fits, type_of

PNG = b"\x89PNG\r\n\x1a\npixels"


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (PNG, "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"GIF89a", "image/gif"), (b"RIFF....WEBPVP8", "image/webp"),
        (b"#!AMR\n\x0c", "audio/amr"), (b"ID3\x04", "audio/mpeg"), (b"\xff\xfb\x90", "audio/mpeg"), (b"RIFF....WAVEfmt", "audio/wav"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"), (b"<svg xmlns=", ""), (b"<!DOCTYPE html>", ""), (b"%PDF-1.7", ""), (b"", ""),
        (b"MZ\x90", ""),
    ],
)  # fmt: skip
def test_a_type_is_read_from_the_first_bytes(content: bytes, content_type: str) -> None:
    assert type_of(content) == content_type
    assert content_type in SHOWN | OFFERED | {""}
    assert fits("image", content_type) == content_type.startswith("image/")
