"""What a file is, by its first bytes: a channel's word is not enough to hand bytes to a browser.

Kinds that WeChat's clients send: image PNG, JPG, GIF; voice AMR, SPEEX, MP3; video MP4 (developers.weixin.qq.com, "temporary material").
Markup is none of them: HTML and SVG would run in a page.
"""

SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Safe to show inside a page."""

SENT = frozenset({"image/png", "image/jpeg", "image/gif"})
"""What an agent may send: WeChat takes no other pictures."""

OFFERED = frozenset({"audio/amr", "audio/mpeg", "audio/speex", "audio/ogg", "audio/wav", "video/mp4"})
"""Handed out as files of their own."""

_HEADS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"#!AMR", "audio/amr"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"Speex", "audio/speex"),
)
_OF_KIND = {"image": "image/", "voice": "audio/", "video": "video/", "shortvideo": "video/"}
_MP3_HEAD = 0xE0


def type_of(content: bytes) -> str:
    """A type of SHOWN or OFFERED, or nothing for what is neither."""
    for head, name in _HEADS:
        if content.startswith(head):
            return name
    if content[:4] == b"RIFF" and content[8:12] in (b"WEBP", b"WAVE"):
        return "image/webp" if content[8:12] == b"WEBP" else "audio/wav"
    if content[4:8] == b"ftyp":
        return "video/mp4"
    if len(content) > 1 and content[0] == 0xFF and content[1] & _MP3_HEAD == _MP3_HEAD:  # noqa: PLR2004
        return "audio/mpeg"
    return ""


def fits(kind: str, content_type: str) -> bool:
    """Whether a message of that kind may bring a file of that type."""
    return bool(content_type) and content_type.startswith(_OF_KIND.get(kind, ""))
