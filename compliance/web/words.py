"""Why something was refused, in words."""

from __future__ import annotations

from flask_babel import gettext as _

from compliance.operations.workplace import RefusedError


def refusal(error: RefusedError) -> str:
    """Return the sentence for a refusal."""
    sentences = {
        "answers_moved": _("Something changed since you opened this page: look at it again as it is now."),
        "case_archived": _("This use case is in the archive: take it out again first."),
        "days_wrong": _("A questionnaire is valid for 1 to %(most)s days."),
        "files_too_many": _("A questionnaire takes at most %(most)s files and %(mb)s MB in all."),
        "nothing_asked": _("Choose at least one question or document."),
        "nothing_said": _("Nothing is saved yet: answer a question or add a document first."),
        "request_not_sent": _("The supplier has sent nothing yet."),
        "request_withdrawn": _("This questionnaire was withdrawn: make another one."),
        "too_many_open": _("At most %(most)s questionnaires about one use case are open at once: withdraw some."),
        "too_often": _("This was saved very often in a short time: try again in %(minutes)s minutes."),
        "already_closed": _("This is closed already."),
        "already_done": _("This was already marked as done."),
        "already_member": _("This person already belongs to the organisation."),
        "analysing": _("Other drafts are being analysed: load the page again in a moment."),
        "bounds_of_auditors": _("Only an auditor without any other role can be limited to a site or a period."),
        "busy": _("Too many files are being made at the moment: try again in a minute."),
        "case_closed": _("This use case is under review, approved or archived: open it again to change its answers."),
        "comment_needed": _("Say why it is not applicable."),
        "comment_needed_first": _("One of these actions has no comment: say there first why it is not applicable."),
        "email_taken": _("Somebody already has an account with this address."),
        "example_no_invitations": _("The example takes no new people: invite them to your own organisation."),
        "file_empty": _("The file is empty."),
        "file_too_large": _("The file is larger than %(mb)s MB."),
        "file_type": _("This kind of file is not taken. Taken: PDF, PNG, JPEG, text, CSV, XLSX, DOCX."),
        "key_unusable": _("The key that signs reports cannot be used: tell the person who runs this site."),
        "last_administrator": _("The organisation needs at least one administrator."),
        "law_changed": _("The rules on the server changed since it started: it has to be started again first."),
        "link_used": _("This link was already used or is too old."),
        "logo_too_large": _("The picture is larger than %(mb)s MB, or has more than 20 million points."),
        "logo_unreadable": _("This is no PNG or JPEG picture that can be read."),
        "member_elsewhere": _("This person also belongs to another organisation and must change the password there."),
        "name_taken": _("There is already one of this name."),
        "no_access": _("Your access is not open today: ask an administrator of your organisation."),
        "no_questions": _("Choose at least one question."),
        "nobody_to_draw": _("No use case matches: there is nothing to draw from."),
        "not_approved": _("Only an approved use case can be opened again."),
        "not_example": _("Only the example can be removed this way."),
        "not_made": _("This file could not be made in the time that one may take: try again in a minute."),
        "not_submitted": _("Nothing is waiting for review."),
        "nothing_selected": _("Choose at least one line."),
        "nothing_to_change": _("Choose what to change."),
        "openid_unknown": _("Nobody with this identity was invited here. Ask your administrator for an invitation."),
        "opinion_needed": _("Say what has to be looked at again."),
        "both_changed": _("Both changed these files: %(files)s. Look at today's text and copy what you need of yours."),
        "draft_handed_in": _("This draft is handed in: take it back to go on typing."),
        "draft_moved": _("The text or the draft changed in the meantime: its author takes over today's text first."),
        "effect_past": _("This day is past: a version counts from today on, or later."),
        "file_name": _("A file is named with small letters, digits and dashes, and ends in .yaml."),
        "law_broken": _("The rules have %(count)s errors: they are shown beside the text."),
        "line_gone": _("This line is no longer there: the draft was changed. Your words are kept below."),
        "not_handed_in": _("This draft is not handed in."),
        "not_your_draft": _("A draft is typed in by its author; put a remark on the line instead."),
        "notes_needed": _("Say what changes, in both languages."),
        "own_draft": _("Somebody other than the author has to read and publish it."),
        "pack_name": _("A short name has small letters, digits and dashes, and begins with a letter."),
        "pack_taken": _("A text that comes with the product has this name."),
        "proof_fails": _("A proof fails: look at the proofs over every situation."),
        "proofs_undecided": _("What must hold could not be proved in the time given."),
        "read_again": _("The draft was changed since you opened this page: read it again as it is now."),
        "scenarios_fail": _(
            "%(count)s scenarios do not come out as written: mend the rules, or the scenarios with them."
        ),
        "took_too_long": _("This took too long: the draft may hold something that cannot be worked out."),
        "own_answer": _("Somebody other than who answered has to close it."),
        "own_assessment": _("Somebody other than the author has to review it."),
        "password_length": _("A password has %(least)s to %(most)s characters."),
        "password_weak": _("This password is easy to guess. Several unrelated words make a good one."),
        "period_over": _("This day is past: the invitation would open nothing."),
        "portfolio_too_large": _("The selection holds %(count)s use cases; one report takes at most %(most)s."),
        "presumed_left": _("Confirm the %(count)s presumed answers first."),
        "report_not_failed": _("Only a report that could not be made is made again."),
        "reports_waiting": _("%(most)s reports are still to be made: wait until some are there."),
        "sample_size": _("A sample has 1 to %(most)s use cases: narrow the criteria or say how many."),
        "still_used": _("It is still named: by use cases, by a report, or by the limits of an auditor."),
        "template_refused": _(
            "The organisation's Word template cannot be used any more: have it replaced under Organisation."
        ),
        "too_few": _("Only %(count)s use cases match."),
        "too_many": _("At most %(most)s at once."),
        "too_many_failures": _("Too many failed attempts: try again in %(minutes)s minutes."),
        "two_reports_needed": _("Comparing takes two issued reports of this use case."),
        "unknown_choice": _("Choose one of the list."),
        "until_before_from": _("The last day is before the first."),
        "url_wrong": _("A link begins with https:// or http://."),
        "version_moved": _("Another version came into effect in the meantime: look at what it changes first."),
        "wrong_code": _("This code is not right, or was used already. Wait for the next one."),
        "wrong_password": _("This is not your password."),
        "wrong_sign_in": _("Address or password is not right."),
    }
    if error.code not in sentences:
        return str(_("This could not be done."))
    return str(sentences[error.code] % error.values)
