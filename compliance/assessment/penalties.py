"""The ceiling of a fine in euros: the fixed amount against the share of turnover."""

from __future__ import annotations

from decimal import Decimal

from compliance.assessment.outcome import FineCeiling, Truth
from compliance.assessment.state import State
from compliance.law.model import Penalty
from compliance.text import Text, number_in_words

TURNOVER = "turnover_eur"


def ceiling(state: State, penalty: Penalty) -> FineCeiling:
    """Return the ceiling, or those still possible, for the organisation's size and turnover."""
    turnover = state.facts.values.get(TURNOVER)
    money = turnover if isinstance(turnover, Decimal) else None
    applies = _held(state, "percent", penalty.id, penalty.percent_when is not None, Truth.TRUE)
    lower = _held(state, "lower", penalty.id, penalty.lower_when is not None, Truth.FALSE)
    if penalty.amount is None:
        title = Text("Sanction fixée par le droit national.", "Penalty set by national law.")
        return _ceiling(penalty, applies, lower, money, (), title, known=True)
    share = int(money * penalty.percent / 100) if money is not None and penalty.percent is not None else None
    possible: set[int | None] = set()
    for use_share in _both(applies):
        for use_lower in _both(lower):
            if not use_share or penalty.percent is None:
                possible.add(penalty.amount)
            elif share is None:
                possible.add(None)
            else:
                possible.add(min(penalty.amount, share) if use_lower else max(penalty.amount, share))
    amounts = tuple(sorted(amount for amount in possible if amount is not None))
    return _ceiling(penalty, applies, lower, money, amounts, _sentence(penalty, lower), known=None not in possible)


def _ceiling(
    penalty: Penalty,
    applies: Truth,
    lower: Truth,
    money: Decimal | None,
    amounts: tuple[int, ...],
    text: Text,
    *,
    known: bool,
) -> FineCeiling:
    decided = amounts[0] if known and len(amounts) == 1 else None
    if decided is not None:
        shown = number_in_words(Decimal(decided))
        text = Text(f"Au plus {shown.fr} €.", f"At most EUR {shown.en}.")
    return FineCeiling(
        penalty.id,
        penalty.title,
        penalty.cite,
        penalty.amount,
        penalty.percent,
        applies,
        lower,
        money,
        decided,
        amounts,
        text,
        penalty.note,
    )


def _sentence(penalty: Penalty, lower: Truth) -> Text:
    assert penalty.amount is not None
    amount = number_in_words(Decimal(penalty.amount))
    which = {
        Truth.TRUE: ("le plus faible des deux", "whichever is lower"),
        Truth.FALSE: ("le plus élevé des deux", "whichever is higher"),
    }.get(
        lower,
        (
            "le plus élevé des deux, ou le plus faible selon la taille",
            "whichever is higher, or lower depending on size",
        ),
    )
    if penalty.percent is None:
        return Text(f"Au plus {amount.fr} €.", f"At most EUR {amount.en}.")
    share = number_in_words(penalty.percent)
    return Text(
        f"Au plus {amount.fr} € ou {share.fr} % du chiffre d'affaires annuel mondial, {which[0]}.",
        f"At most EUR {amount.en} or {share.en} % of worldwide annual turnover, {which[1]}.",
    )


def _held(state: State, kind: str, id_: str, conditional: bool, otherwise: Truth) -> Truth:
    return state.slot(kind, id_) if conditional else otherwise


def _both(value: Truth) -> tuple[bool, ...]:
    return {Truth.TRUE: (True,), Truth.FALSE: (False,)}.get(value, (True, False))
