"""Files a subscriber sends when a script or the page brings none: small, real, and of the kinds WeChat takes."""

from pathlib import Path

_FOLDER = Path(__file__).parent / "samples"
_AMR_HEAD = b"#!AMR\n"
# A frame without data, 20 ms of silence.
_AMR_SILENCE = b"\x7c"


def sample(kind: str, seconds: int = 2) -> bytes:
    """The bytes of a picture (PNG), a video (MP4), a thumb (JPG), or of `seconds` of silence (AMR)."""
    if kind == "voice":
        return _AMR_HEAD + _AMR_SILENCE * (50 * max(1, seconds))
    return (_FOLDER / {"image": "picture.png", "video": "video.mp4", "thumb": "thumb.jpg"}[kind]).read_bytes()
