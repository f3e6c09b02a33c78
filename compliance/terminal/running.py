"""Commands that run the instance: the site, and the reminders of the day."""

from __future__ import annotations

import os
from collections.abc import Callable

from compliance.config import SettingError, load, places
from compliance.operations import demo as example
from compliance.operations import post, running_log, sign_in
from compliance.operations.library import BrokenLawError
from compliance.operations.site import StoreRefusedError, bring_up, open_workplace
from compliance.operations.workplace import Workplace
from compliance.terminal.words import say
from compliance.text import Language


class CannotRunError(Exception):
    """The instance cannot start; the message is in the person's language."""


def workplace(language: Language) -> Workplace:
    """Return the workplace of the settings. Raises CannotRunError."""
    try:
        settings = load(os.environ)
        running_log.set_up(settings.log)
        return open_workplace(settings)
    except SettingError as error:
        raise CannotRunError(str(error)) from None
    except StoreRefusedError as error:
        raise CannotRunError(say(f"store_{error.code}", language, **error.values)) from None
    except BrokenLawError as error:
        raise CannotRunError(say("broken_law", language, pack=error)) from None


def migrate(language: Language) -> int:
    """Bring the store's schema up, as the role that owns it; no other setting is needed."""
    try:
        print(say("migrated", language, schema=bring_up(places(os.environ).database_url)))
    except StoreRefusedError as error:
        raise CannotRunError(say(f"store_{error.code}", language, **error.values)) from None
    return 0


def serve(language: Language, run: Callable[[Workplace, Callable[[], None]], None], *, demo: bool) -> int:
    """Start the site, with the first administrator's link where nobody has an account yet."""
    place = workplace(language)
    if demo:
        print(say("demo_added" if example.add(place) else "demo_there", language))
    if link := sign_in.first_link(place):
        print(f"\n  {say('first_link', language)}\n\n  {link}\n")
    try:
        run(place, lambda: print(say("serving", language, url=place.settings.base_url), flush=True))
    except OSError as error:
        raise CannotRunError(say("cannot_listen", language, why=error)) from None
    except KeyboardInterrupt:
        pass
    return 0


def work(language: Language, run: Callable[[Workplace], None]) -> int:
    """Make reports until stopped."""
    place = workplace(language)
    try:
        run(place)
    except KeyboardInterrupt:
        pass
    finally:
        place.database.close()
    return 0


def remind(language: Language) -> int:
    """Write and send the reminders of the day."""
    place = workplace(language)
    try:
        print(say("reminded", language, written=post.write_reminders(place), sent=post.send_waiting(place)))
    finally:
        place.database.close()
    return 0
