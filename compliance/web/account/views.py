"""Pages of one's own account."""

from __future__ import annotations

import io

import segno
from flask import Blueprint, abort, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from compliance.operations import sign_in
from compliance.operations.workplace import RefusedError
from compliance.storage.people import Link
from compliance.text import LANGUAGES, day_in_words
from compliance.web.account.forms import (
    AccountForm,
    BeginForm,
    ChangePasswordForm,
    CodeForm,
    ConfirmForm,
    JoinForm,
    NewPasswordForm,
    SignInForm,
)
from compliance.web.here import actor, address, back, browser, local_path, place, tongue

pages = Blueprint("account", __name__)


def enter(person_id: str) -> Response:
    """Begin a session for somebody, and go where they wanted to go."""
    target = local_path(session.get("next")) or url_for("dashboard.show")
    browser().become(person_id)
    session.pop("next", None)
    return redirect(target, code=303)


def sign_in_page() -> Response | str | tuple[str, int]:
    """Ask for address and password."""
    if g.actor:
        return redirect(url_for("dashboard.show"))
    form = SignInForm()
    if request.method == "GET":
        if target := local_path(request.args.get("next")):
            session["next"] = target
        else:
            session.pop("next", None)
    elif form.validate():
        assert form.email.data
        assert form.password.data
        try:
            found = sign_in.sign_in(place(), form.email.data, form.password.data, address())
        except RefusedError as error:
            form.refuse(error)
        else:
            if not found.needs_code:
                return enter(found.person_id)
            target = session.get("next")
            browser().become(None)
            session.update(half_signed_in=found.person_id, next=target)
            return redirect(url_for("account.code"), code=303)
    status = 422 if form.errors else 200
    return render_template("account/sign_in.html", form=form, openid=place().settings.openid), status


pages.add_url_rule("/sign-in", "sign_in", sign_in_page, methods=["GET", "POST"])


@pages.route("/sign-in/code", methods=["GET", "POST"])
def code() -> Response | tuple[str, int]:
    """Ask for the one-time code."""
    person_id = session.get("half_signed_in")
    if not person_id:
        return redirect(url_for("account.sign_in"))
    form = CodeForm()
    if form.validate_on_submit():
        assert form.code.data
        try:
            sign_in.give_code(place(), person_id, form.code.data, address())
        except RefusedError as error:
            form.refuse(error)
        else:
            return enter(person_id)
    return render_template("account/code.html", form=form), 422 if form.errors else 200


@pages.post("/sign-out")
def sign_out() -> Response:
    """End the session."""
    browser().end()
    return redirect(url_for("account.sign_in"), code=303)


@pages.post("/language")
def language() -> Response:
    """Change the language of the pages."""
    chosen = request.form.get("language")
    if chosen not in LANGUAGES:
        abort(400)
    if g.actor:
        me = actor()
        sign_in.change_account(place(), me, name=me.name, language=chosen, one_at_a_time=me.one_at_a_time)
    session["language"] = chosen
    return redirect(local_path(request.form.get("back")) or url_for("dashboard.show"), code=303)


@pages.post("/organisation/enter")
def organisation() -> Response:
    """Go to another organisation of the person's."""
    wanted = request.form.get("organisation")
    if wanted is None or wanted not in {item[0] for item in g.organisations}:
        abort(404)
    browser().move(wanted)
    return redirect(url_for("dashboard.show"), code=303)


# One-time links


@pages.route("/welcome/<token>", methods=["GET", "POST"])
def welcome(token: str) -> Response | tuple[str, int]:
    """Open a one-time link: the first administrator's, an invitation, a new password."""
    link = sign_in.open_link(place(), token) if len(token) < 100 else None  # noqa: PLR2004 - no token is so long
    if link is None:
        return render_template("account/link_used.html"), 404
    if g.actor:
        browser().become(None)
        return redirect(url_for("account.welcome", token=token))
    pages_of = {"first": _begin, "invitation": _join, "password": _new_password}
    return pages_of[link.purpose](link)


def _begin(link: Link) -> Response | tuple[str, int]:
    form = BeginForm(language=tongue())
    if form.validate_on_submit():
        try:
            person_id = sign_in.begin(
                place(),
                link,
                organisation=form.organisation.data or "",
                name=form.name.data or "",
                email=form.email.data or "",
                password=form.password.data or "",
                language=form.language.data,
            )
        except RefusedError as error:
            form.refuse(error)
        else:
            return enter(person_id)
    return render_template("account/begin.html", form=form), 422 if form.errors else 200


def _join(link: Link) -> Response | tuple[str, int]:
    form = JoinForm()
    if form.validate_on_submit():
        try:
            person_id = sign_in.accept_invitation(
                place(), link, name=form.name.data or "", password=form.password.data or ""
            )
        except RefusedError as error:
            form.refuse(error)
        else:
            if link.from_day and not link.begun(place().today()):
                begins = day_in_words(link.from_day).to(tongue())
                return back(url_for("account.sign_in"), _("Welcome: your access begins on %(day)s.", day=begins))
            return _after_link(person_id, link.org_id)
    return render_template("account/join.html", form=form, email=link.email), 422 if form.errors else 200


def _new_password(link: Link) -> Response | tuple[str, int]:
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            sign_in.set_password(place(), link, form.new.data or "")
        except RefusedError as error:
            error.field = "new" if error.field == "password" else error.field
            form.refuse(error)
        else:
            return back(url_for("account.sign_in"), _("Password changed: sign in with it."))
    return render_template("account/new_password.html", form=form), 422 if form.errors else 200


def _after_link(person_id: str, org_id: str | None) -> Response:
    """Sign somebody in after a link, through the second factor where there is one."""
    if sign_in.me(place(), person_id).totp_secret:
        return back(url_for("account.sign_in"), _("Welcome: sign in with your password and code."))
    browser().become(person_id, org_id)
    return redirect(url_for("dashboard.show"), code=303)


# Own settings


@pages.route("/account", methods=["GET", "POST"])
def mine() -> Response | tuple[str, int]:
    """Show and change one's own account."""
    me = actor()
    form = AccountForm(name=me.name, language=me.language or "", one_at_a_time=me.one_at_a_time)
    if form.validate_on_submit():
        sign_in.change_account(
            place(),
            me,
            name=form.name.data or me.name,
            language=form.language.data or None,
            one_at_a_time=form.one_at_a_time.data,
        )
        return back(url_for("account.mine"), _("Saved."))
    return render_template("account/mine.html", form=form), 422 if form.errors else 200


@pages.route("/account/password", methods=["GET", "POST"])
def password() -> Response | tuple[str, int]:
    """Change one's own password."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        try:
            sign_in.confirm(place(), actor(), form.current_password.data or "", address())
            sign_in.change_password(place(), actor(), form.new.data or "", browser().id_hash)
        except RefusedError as error:
            error.field = "new" if error.field == "password" else error.field
            form.refuse(error)
        else:
            return back(url_for("account.mine"), _("Password changed; your other sessions are closed."))
    return render_template("account/password.html", form=form), 422 if form.errors else 200


def _picture(secret: str) -> str:
    out = io.BytesIO()
    segno.make(sign_in.totp_address(secret, actor().email), error="m").save(
        out, kind="svg", scale=5, border=4, xmldecl=False, svgns=True, nl=False, dark="#000", light="#fff"
    )
    return out.getvalue().decode()


@pages.get("/account/second-factor.svg")
def second_factor_picture() -> Response:
    """Return the picture that an authenticator app reads."""
    secret = session.get("new_totp")
    if not secret:
        abort(404)
    return Response(_picture(secret), mimetype="image/svg+xml")


@pages.route("/account/second-factor", methods=["GET", "POST"])
def second_factor() -> Response | tuple[str, int]:
    """Turn one-time codes on."""
    form = CodeForm()
    if actor().has_totp:
        return render_template("account/second_factor_on.html", form=ConfirmForm()), 200
    secret = session.get("new_totp") or sign_in.new_totp_secret()
    session["new_totp"] = secret
    if form.validate_on_submit():
        try:
            sign_in.start_totp(place(), actor(), secret, form.code.data or "")
        except RefusedError as error:
            form.refuse(error)
        else:
            session.pop("new_totp")
            asked_from = local_path(request.args.get("back")) or url_for("account.mine")
            return back(asked_from, _("Second factor turned on: you will be asked for a code."))
    return render_template("account/second_factor.html", form=form, secret=secret), 422 if form.errors else 200


@pages.post("/account/second-factor/off")
def second_factor_off() -> Response | tuple[str, int]:
    """Turn one-time codes off."""
    form = ConfirmForm()
    try:
        sign_in.confirm(place(), actor(), form.current_password.data or "", address())
    except RefusedError as error:
        form.refuse(error)
        return render_template("account/second_factor_on.html", form=form), 422
    sign_in.stop_totp(place(), actor())
    return back(url_for("account.mine"), _("Second factor turned off."))
