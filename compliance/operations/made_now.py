"""Files made or read in child processes while a person waits: two at a time; what cannot be made is said in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from compliance.operations.workplace import RefusedError
from compliance.reports.rendering import RenderingError
from compliance.reports.word_placeholders import RefusedTemplateError

TRY_LATER = ("busy", "not_made")
PATIENCE = 20.0  # seconds until somebody who waits is asked to come back
_PLACES = BoundedSemaphore(2)


@contextmanager
def made_now() -> Iterator[None]:
    """Hold one of the two places. Raises RefusedError where none becomes free, or what is within cannot be made."""
    if not _PLACES.acquire(timeout=PATIENCE):
        raise RefusedError("busy")
    try:
        yield
    except RenderingError:
        raise RefusedError("not_made") from None
    except RefusedTemplateError:
        raise RefusedError("template_refused") from None
    finally:
        _PLACES.release()
