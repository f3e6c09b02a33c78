"""What all forms share: clean text, words in the page's language, refusals put on their field."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import Field
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.i18n import get_translations
from wtforms.validators import Length, StopValidation

from compliance.operations.workplace import RefusedError
from compliance.web.words import refusal

_PRINTABLE_EXCEPTIONS = "\n\t"
_NOT_IN_ADDRESSES = ' @()<>[]:;,"\\'  # a message's header reads more than one address out of them, or fails


def clean(text: str | None) -> str | None:
    """Return text in one normal form, ends trimmed. Raises ValueError on characters that have no place in text."""
    if text is None:
        return None
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    for sign in normal:
        if sign not in _PRINTABLE_EXCEPTIONS and unicodedata.category(sign) in ("Cc", "Cs"):
            raise ValueError(_("This text holds a control character: type it again without."))
    return normal


def one_line(text: str | None) -> str | None:
    """Return text on one line."""
    found = clean(text)
    return " ".join(found.split()) if found else found


@cache
def _messages(language: str) -> Any:
    """Return the library's own messages, read once: it would read their file with every request."""
    return get_translations([language])


class Form(FlaskForm):  # type: ignore[misc]
    """A form whose messages speak the page's language."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Language of the built-in messages."""

        def get_translations(self, form: Any) -> Any:  # noqa: ARG002
            """Return the built-in messages in the page's language."""
            return _messages(str(get_locale() or "fr"))

    def refuse(self, error: RefusedError) -> None:
        """Put a refusal on the field it is about, or on the form."""
        field = self._fields.get(error.field)
        if field is None:
            self.form_errors.append(refusal(error))
        else:
            field.errors = [*field.errors, refusal(error)]


def listed(pairs: Iterable[tuple[str, Any]]) -> list[Any]:
    """Return values with their labels as the choices of a field."""
    return [SelectChoice(value, label) for value, label in pairs]


def sent_file(field: Field) -> FileStorage | None:
    """Return the file that came in a field, or None where none did."""
    return field.data if isinstance(field.data, FileStorage) and field.data.filename else None


def needed() -> Callable[[Any, Field], None]:
    """Return a validator: something must be typed or chosen."""

    def check(_form: Any, field: Field) -> None:
        if field.data is None or (isinstance(field.data, str) and not field.data.strip()) or field.data == []:
            raise StopValidation(_("This is needed."))

    check.field_flags = {"required": True}  # type: ignore[attr-defined]
    return check


def most(length: int) -> Length:
    """Return a validator of length; the page tells the browser too."""
    return Length(max=length)


def email_like(_form: Any, field: Field) -> None:
    """Check that an address looks like one; whether it works, only a message shows."""
    text = field.data or ""
    name, _at, domain = text.partition("@")
    plain = text.isprintable() and not any(sign in _NOT_IN_ADDRESSES for sign in name + domain)
    if not (name and plain and "." in domain.strip(".")):
        raise StopValidation(_("This is not an e-mail address: name@company.example."))


def lower(text: str | None) -> str | None:
    """Return an address in lower case."""
    found = one_line(text)
    return found.lower() if found else found
