"""Which right each page asks for: the one table. A route that is not in it is refused, and a test fails."""

from __future__ import annotations

from enum import Enum

from compliance.operations.rights import Right


class Open(Enum):
    """Pages that ask for no role."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"


R = Right
ACCESS: dict[str, Open | tuple[Right, ...]] = {
    "static": Open.PUBLIC,
    "account.sign_in": Open.PUBLIC,
    "account.code": Open.PUBLIC,
    "account.sign_out": Open.SIGNED_IN,
    "account.welcome": Open.PUBLIC,
    "account.language": Open.PUBLIC,
    "account.openid": Open.PUBLIC,
    "account.openid_back": Open.PUBLIC,
    "account.mine": Open.SIGNED_IN,
    "account.password": Open.SIGNED_IN,
    "account.second_factor": Open.SIGNED_IN,
    "account.second_factor_picture": Open.SIGNED_IN,
    "account.second_factor_off": Open.SIGNED_IN,
    "account.organisation": Open.SIGNED_IN,
    "dashboard.show": (R.TAKE_PART,),
    "inventory.listing": (R.READ_CASE,),
    "inventory.export": (R.READ,),
    "inventory.new": (R.EDIT,),
    "inventory.catalogue": (R.EDIT,),
    "inventory.from_catalogue": (R.EDIT,),
    "inventory.edit": (R.EDIT,),
    "inventory.copy": (R.EDIT,),
    "inventory.archive": (R.EDIT,),
    "inventory.template": (R.EDIT,),
    "inventory.upload": (R.EDIT,),
    "inventory.preview": (R.EDIT,),
    "inventory.settle": (R.READ,),
    "questionnaire.resume": (R.EDIT,),
    "questionnaire.question": (R.EDIT,),
    "questionnaire.section": (R.EDIT,),
    "questionnaire.panel_only": (R.READ_CASE,),
    "questionnaire.review": (R.READ_CASE,),
    "questionnaire.confirm": (R.EDIT,),
    "questionnaire.hand_over": (R.EDIT,),
    "questionnaire.evidence_add": (R.EDIT, R.ANSWER),
    "questionnaire.evidence_file": (R.READ_CASE, R.ANSWER),
    "questionnaire.evidence_remove": (R.EDIT,),
    "questionnaire.handed": (R.ANSWER,),
    "questionnaire.handed_one": (R.ANSWER,),
    "questionnaire.handed_done": (R.ANSWER,),
    "results.show": (R.READ_CASE,),
    "results.history": (R.READ_CASE,),
    "results.compare": (R.READ_CASE,),
    "results.submit": (R.EDIT,),
    "results.decide": (R.REVIEW,),
    "results.withdraw": (R.EDIT,),
    "results.reopen": (R.EDIT,),
    "results.change_text": (R.EDIT,),
    "results.applicability": (R.READ_CASE,),
    "results.data": (R.READ_CASE,),
    "actions.of_case": (R.READ_CASE,),
    "actions.listing": (R.READ, R.ANSWER),
    "actions.change": (R.READ_CASE, R.ANSWER),
    "actions.many": (R.EDIT,),
    "actions.timeline": (R.READ,),
    "actions.export": (R.READ,),
    "admin.people": (R.READ,),
    "admin.invite": (R.ADMINISTER,),
    "admin.withdraw": (R.ADMINISTER,),
    "admin.member": (R.ADMINISTER,),
    "admin.password_link": (R.ADMINISTER,),
    "admin.organisation": (R.READ, R.ARRANGE),
    "admin.settings": (R.ADMINISTER,),
    "admin.answer": (R.ARRANGE,),
    "admin.named": (R.ARRANGE,),
    "admin.named_change": (R.ARRANGE,),
    "admin.add_example": (R.ADMINISTER,),
    "admin.remove_example": (R.ADMINISTER,),
    "admin.log": (R.READ_LOG,),
    "admin.log_export": (R.READ_LOG,),
    "admin.outbox": (R.SEE_OUTBOX,),
}
