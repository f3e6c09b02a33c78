"""Beside the Act: other regimes that the same answers lead to, and concerns measured by controls; no level moves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from compliance.assessment.facts import Facts
from compliance.assessment.outcome import Concern, HeldRegime, HeldRegimeDuty, PlacedControl, Truth
from compliance.assessment.state import State, combined, owed
from compliance.law.beyond import NOT_CONCERNED
from compliance.law.beyond_model import Control, Maturity, RegimeDuty, Supply, Training
from compliance.law.model import Pack
from compliance.text import Text

_Line = TypeVar("_Line", Supply, Training)


def regimes(state: State) -> tuple[HeldRegime, ...]:
    """Return the regimes that this case falls under, certain ones first, with what they ask."""
    pack, found = state.program.pack, []
    named = {
        id_: obligation.action
        for id_, obligation in pack.obligations.items()
        if owed(state, obligation) is not Truth.FALSE
    }
    for regime in sorted(pack.regimes.values(), key=lambda entry: entry.order):
        holds = state.slot("regime", regime.id)
        if holds is Truth.FALSE:
            continue
        asked = [duty for duty in pack.regime_duties.values() if duty.regime == regime.id]
        found.append(
            HeldRegime(
                regime.id,
                regime.title,
                regime.act,
                regime.purpose,
                regime.because,
                regime.cite,
                holds is Truth.TRUE,
                tuple(held for duty in asked if (held := _duty(state, duty, holds, named))),
                regime.status,
                regime.to_confirm,
            )
        )
    return tuple(sorted(found, key=lambda held: not held.certain))


def _duty(state: State, duty: RegimeDuty, regime: Truth, named: Mapping[str, Text]) -> HeldRegimeDuty | None:
    own = state.slot("regime_duty", duty.id) if duty.when is not None else Truth.TRUE
    holds = combined([own, regime], Truth.FALSE, Truth.TRUE)
    if holds is Truth.FALSE:
        return None
    return HeldRegimeDuty(
        duty.id,
        duty.action,
        duty.evidence,
        duty.owner,
        state.program.pack.owners[duty.owner].title,
        duty.cite,
        holds is Truth.TRUE,
        tuple((id_, named[id_]) for id_ in duty.serves if id_ in named),
        duty.applies_from,
        duty.note,
        duty.status,
        duty.to_confirm,
    )


def concerns(state: State) -> tuple[Concern, ...]:
    """Return the concerns with every control that is not known to be out of place in this case."""
    pack = state.program.pack
    return _concerns(
        pack,
        state.facts,
        lambda control: control.when is None or state.slot("control", control.id) is not Truth.FALSE,
    )


def concerns_of_organisation(pack: Pack, facts: Facts) -> tuple[Concern, ...]:
    """Return the concerns as far as they are asked once for the whole organisation."""
    return _concerns(pack, facts, lambda control: control.of.value == "organisation")


def _concerns(pack: Pack, facts: Facts, wanted: Callable[[Control], bool]) -> tuple[Concern, ...]:
    found = []
    for module in sorted(pack.modules.values(), key=lambda entry: entry.order):
        mine = [c for c in pack.controls.values() if c.module == module.id and wanted(c)]
        mine.sort(key=lambda control: control.order)
        if mine:
            found.append(Concern(module, tuple(_placed(pack, facts, control) for control in mine)))
    return tuple(found)


def _placed(pack: Pack, facts: Facts, control: Control) -> PlacedControl:
    answer = facts.values.get(control.id)
    concerned = answer != NOT_CONCERNED
    maturity = Maturity(answer) if isinstance(answer, str) and concerned else None
    return PlacedControl(control, maturity, concerned, pack.owners[control.owner].title)


def supplies(state: State) -> tuple[tuple[Supply, bool], ...]:
    """Return what is to be obtained from suppliers in this case, and whether that is certain."""
    return tuple(_held(state, "supply", state.program.pack.supplies.values(), Truth.TRUE))


def training(state: State) -> tuple[tuple[Training, bool], ...]:
    """Return the audiences that need training because of this case, and whether that is certain.

    Those that every organisation trains, whatever its uses, stand in its own plan alone.
    """
    lines = sorted(state.program.pack.training.values(), key=lambda line: line.order)
    return tuple(_held(state, "training", lines, Truth.FALSE))


def _held(state: State, kind: str, entries: Iterable[_Line], always: Truth) -> Iterator[tuple[_Line, bool]]:
    """Yield the entries that hold or may, and whether that is certain; ``always`` is said of those without any."""
    for entry in entries:
        holds = always if entry.when is None else state.slot(kind, entry.id)
        if holds is not Truth.FALSE:
            yield entry, holds is Truth.TRUE
