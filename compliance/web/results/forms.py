"""Forms of the result page."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField

from compliance.operations.workplace import Workplace
from compliance.web import limits
from compliance.web.forms import Form, clean, listed, most
from compliance.web.templating import spoken


class SubmitForm(Form):
    """A word to whoever reviews."""

    note = TextAreaField(_l("A word to the evaluator"), [most(limits.LONG_TEXT)], filters=[clean])


class DecideForm(Form):
    """The evaluator's opinion."""

    opinion = TextAreaField(_l("Opinion"), [most(limits.LONG_TEXT)], filters=[clean])


class TextForm(Form):
    """Which text of the law."""

    pack = SelectField(_l("Text of the law"))

    def offer(self, place: Workplace) -> None:
        """Fill the list."""
        self.pack.choices = listed(text_choices(place))


def text_choices(place: Workplace) -> list[tuple[str, str]]:
    """Return the texts of the law, the newest first."""
    laws = sorted((place.library.law(name).pack for name in place.library.names()), key=lambda p: p.version)
    return [(pack.folder, f"{spoken(pack.title)} ({pack.version})") for pack in reversed(laws)]
