"""What a pack says beyond the Act: concerns with their controls, training, other regimes with their duties, supplies.

Nothing here can move a level: controls are facts that no condition may name, regimes are read beside the outcome.
"""

from __future__ import annotations

from types import MappingProxyType

from compliance.law.beyond_model import Control, Maturity, Module, Regime, RegimeDuty, Supply, Training
from compliance.law.building import Builder, Entry
from compliance.law.conditions import to_date
from compliance.law.model import Fact, Option, Section
from compliance.law.reading import ListNode, MapNode, Node
from compliance.law.terms import FactScope, FactType
from compliance.text import Text

AFTER = 1000  # sections beyond the Act come after its own
SCALE = {
    Maturity.NOTHING: Text("Rien", "Nothing"),
    Maturity.INFORMAL: Text("Informel", "Informal"),
    Maturity.DEFINED: Text("Défini et documenté", "Defined and documented"),
    Maturity.APPLIED: Text("Appliqué et prouvé", "Applied, with evidence"),
    Maturity.MEASURED: Text("Mesuré et amélioré", "Measured and improved"),
}
NOT_CONCERNED = "not_concerned"
_OPTIONS = (
    *(Option(maturity.value, label) for maturity, label in SCALE.items()),
    Option(NOT_CONCERNED, Text("Sans objet", "Does not apply")),
)


def module(builder: Builder, id_: str, entry: Entry, node: MapNode) -> Module | None:
    """Build one concern."""
    title, purpose = (builder.text(node.get(key)) for key in ("title", "purpose"))
    order = builder.number(node.get("order"))
    if title is None or purpose is None or order is None:
        return None
    return Module(id_, title, purpose, int(order), builder.cite(node.get("cite")), entry.key.position, entry.source)


def control(builder: Builder, id_: str, entry: Entry, node: MapNode) -> Control | None:
    """Build one control."""
    texts = {key: builder.text(node.get(key)) for key in ("question", "why", "action", "evidence")}
    order, months = builder.number(node.get("order")), builder.number(node.get("months"))
    question, why, action, evidence = texts.values()
    if question is None or why is None or action is None or evidence is None or order is None or months is None:
        return None
    return Control(
        id_,
        builder.reference(node.get("module"), "modules", entry),
        int(order),
        builder.one_of(node.get("of"), FactScope, FactScope.ORGANISATION),
        question,
        why,
        action,
        evidence,
        builder.reference(node.get("owner"), "owners", entry),
        builder.one_of(node.get("target"), Maturity, Maturity.APPLIED),
        int(months),
        builder.cite(node.get("cite")),
        entry.key.position,
        when=builder.condition(node.get("when"), entry),
        source=entry.source,
        **builder.doubt(node),
    )


def training(builder: Builder, id_: str, entry: Entry, node: MapNode) -> Training | None:
    """Build one line of the training plan."""
    audience, content, form = (builder.text(node.get(key)) for key in ("audience", "content", "format"))
    order = builder.number(node.get("order"))
    if audience is None or content is None or form is None or order is None:
        return None
    when, cite = builder.condition(node.get("when"), entry), builder.cite(node.get("cite"))
    return Training(id_, audience, content, form, int(order), cite, entry.key.position, when, entry.source)


def regime(builder: Builder, id_: str, entry: Entry, node: MapNode) -> Regime | None:
    """Build one regime."""
    title, act, purpose, because = (builder.text(node.get(key)) for key in ("title", "act", "purpose", "because"))
    order, when = builder.number(node.get("order")), builder.condition(node.get("when"), entry)
    if title is None or act is None or purpose is None or because is None or order is None or when is None:
        return None
    cite, doubt = builder.cite(node.get("cite")), builder.doubt(node)
    at = entry.key.position
    return Regime(id_, title, act, purpose, int(order), when, because, cite, at, source=entry.source, **doubt)


def regime_duty(builder: Builder, id_: str, entry: Entry, node: MapNode) -> RegimeDuty | None:
    """Build one duty of a regime."""
    action, evidence = builder.text(node.get("action")), builder.text(node.get("evidence"))
    day = builder.scalar(node.get("applies_from"))
    if action is None or evidence is None:
        return None
    return RegimeDuty(
        id_,
        builder.reference(node.get("regime"), "regimes", entry),
        action,
        evidence,
        builder.reference(node.get("owner"), "owners", entry),
        builder.cite(node.get("cite")),
        entry.key.position,
        when=builder.condition(node.get("when"), entry),
        serves=tuple(builder.reference(item, "obligations", entry) for item in _items(node.get("serves"))),
        applies_from=to_date(day, builder.problems) if day else None,
        note=builder.text(node.get("note")),
        source=entry.source,
        **builder.doubt(node),
    )


def supply(builder: Builder, id_: str, entry: Entry, node: MapNode) -> Supply | None:
    """Build one thing to obtain from a supplier."""
    title, guide = builder.text(node.get("title")), builder.text(node.get("guide"))
    if title is None or guide is None:
        return None
    when, cite = builder.condition(node.get("when"), entry), builder.cite(node.get("cite"))
    return Supply(id_, title, guide, cite, entry.key.position, when, entry.source)


def _items(node: Node | None) -> tuple[Node, ...]:
    if node is None:
        return ()
    return tuple(node.items) if isinstance(node, ListNode) else (node,)


def section_of(found: Module) -> Section:
    """Return the chapter of the questionnaire in which a concern's controls are asked."""
    return Section(found.id, found.title, AFTER + found.order, found.position, beyond=True)


def fact_of(found: Control) -> Fact:
    """Return the question that asks for a control."""
    return Fact(
        id=found.id,
        type=FactType.CHOICE,
        section=found.module,
        order=found.order,
        question=found.question,
        cite=found.cite,
        position=found.position,
        of=found.of,
        help=found.why,
        options=_OPTIONS,
        groups=MappingProxyType({}),
        status=found.status,
        to_confirm=found.to_confirm,
        checked=found.checked,
        source=found.source,
    )
