"""An organisation's logo: read as hostile, drawn anew as PNG, small."""

from __future__ import annotations

import hashlib
import io
import warnings
from typing import Any

from PIL import Image, UnidentifiedImageError

FILE_MOST = 2 * 1024 * 1024
_PIXELS_MOST = 20_000_000
_ENDS = {b"\x89PNG": b"IEND", b"\xff\xd8": b"\xff\xd9"}
_TAIL = 64
_WIDEST, _HIGHEST = 900, 300


class LogoError(ValueError):
    """The file is no picture that can be used; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def clean(content: bytes) -> bytes:
    """Return a PNG or JPEG drawn anew as PNG, at most 900 by 300 points. Raises LogoError."""
    if len(content) > FILE_MOST:
        raise LogoError("logo_too_large")
    if not any(
        content.startswith(head) and end in content[-_TAIL:] for head, end in _ENDS.items()
    ):  # a library beside us has Pillow fill in what a cut file lacks
        raise LogoError("logo_unreadable")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
                large = picture.width * picture.height > _PIXELS_MOST
                drawn = picture.convert("RGBA") if not large else None
        if drawn is None:
            raise LogoError("logo_too_large")  # noqa: TRY301 - the size is known once the head of the file is read
        drawn.thumbnail((_WIDEST, _HIGHEST))
        white = Image.new("RGB", drawn.size, "white")  # archived PDFs are told from paper, not from what is below
        white.paste(drawn, mask=drawn.getchannel("A"))
        out = io.BytesIO()
        white.save(out, "PNG", optimize=True)
    except LogoError:
        raise
    except (
        UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning,
        OSError, ValueError, SyntaxError, EOFError, MemoryError,
    ):  # fmt: skip
        raise LogoError("logo_unreadable") from None
    return out.getvalue()


def described(content: bytes) -> dict[str, Any]:
    """Return what a record says of a logo that was cleaned."""
    with Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
        size = {"width": picture.width, "height": picture.height}
    return {"media_type": "image/png", "sha256": hashlib.sha256(content).hexdigest(), **size}
