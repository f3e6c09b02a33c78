"""What a Word template may say: the record in the reader's language, as plain values with plain names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from compliance.reports.plan import Line, held_as, lines, references
from compliance.reports.words import Words

Citations = list[dict[str, Any]]
Link = Callable[[Citations], object]

_STATUSES = {
    "binding": ("", ""),
    "guidance": ("lignes directrices", "guidance"),
    "draft_guidance": ("projet de lignes directrices", "draft guidance"),
    "contested": ("discuté", "contested"),
}
_NATURES = {
    "duty": ("", ""),
    "option": ("faculté", "option"),
    "voluntary": ("volontaire", "voluntary"),
    "event": ("si l'événement survient", "if the event occurs"),
    "control": ("au-delà du règlement", "beyond the Act"),
}
_ODD_LINES = str.maketrans({"\r": None, "\u2028": "\n", "\u2029": "\n", "\u0085": "\n"})


def legal(text: str) -> str:
    """Return a text without the characters that XML 1.0 has no place for."""
    return "".join(sign for sign in text.translate(_ODD_LINES) if _is_legal(sign))


def _is_legal(sign: str) -> bool:
    return sign in "\t\n" or " " <= sign <= "\ud7ff" or "\ue000" <= sign <= "\ufffd" or sign > "\uffff"


def values(record: Mapping[str, Any], words: Words, link: Link) -> dict[str, Any]:
    """Return the values of a record of one use case; ``link`` makes citations into what a template can show.

    Every text is clean; beside the links there is nothing but dictionaries, lists, texts, numbers and Booleans.
    """
    made: dict[str, Any] = _clean(
        {
            "report": _report(record, words),
            "organisation": {"name": record["organisation"]["name"]},
            "use_case": _use_case(record["use_case"], words),
            "assessment": _assessment(record["assessment"], words),
            **_outcome(record, words, link),
            "sections": _sections(record, words, link),
            "evidence": [piece["title"] for piece in record["evidence"]],
        }
    )
    return made


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return legal(value)
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else value


def _report(record: Mapping[str, Any], words: Words) -> dict[str, Any]:
    log, pack = record["log"], record["outcome"]["pack"]
    return {
        "number": record["number"] or "",
        "draft": not record["number"],
        "supersedes": record["supersedes"] or "",
        "made_on": words.moment(record["made"]["at"]),
        "made_by": record["made"]["by"] or "",
        "assessed_on": words.day(record["outcome"]["on"]),
        "program": f"Pyramide {record['program']}",
        "law": words.text(pack["title"]),
        "celex": " + ".join([pack["text"], *pack["amended_by"]]),
        "rules": pack["folder"],
        "rules_version": pack["version"],
        "rules_hash": pack["hash"],
        "log_size": log["size"] if log else "",
        "log_root": log["root"] if log else "",
    }


def _use_case(case: Mapping[str, Any], words: Words) -> dict[str, Any]:
    details = {name: words.text(case.get(name)) for name in ("function", "sector", "site", "supplier", "owner")}
    return {"reference": case["reference"], "name": case["name"], "description": case["description"], **details}


def _assessment(assessment: Mapping[str, Any] | None, words: Words) -> dict[str, Any]:
    found = assessment or {}
    return {
        "number": found.get("number") or "",
        "state": words.text(found.get("state")),
        "author": found.get("author") or "",
        "validator": found.get("validator") or "",
    }


def _outcome(record: Mapping[str, Any], words: Words, link: Link) -> dict[str, Any]:
    outcome, level = record["outcome"], record["outcome"]["level"]
    titles = {item["id"]: words.text(item["title"]) for item in record["levels"]}
    plan = lines(record)
    fines = {line.duty["penalty"]["id"]: line.duty["penalty"] for line in plan if line.duty["penalty"]}

    def item(found: Mapping[str, Any], **texts: str) -> dict[str, Any]:
        cited = found["citations"]
        return {**texts, "citations": references(cited, words), "links": link(cited), "status": _status(found, words)}

    def reasons(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**item(one, text=words.text(one["text"])), "depth": one["depth"]} for one in found]

    return {
        "levels": [{"title": title, "possible": id_ in level["possible"]} for id_, title in titles.items()],
        "level": {
            **item(level, because=words.text(level["because"])),
            "decided": level["decided"],
            "title": " · ".join(titles[id_] for id_ in level["possible"]),
            "reasons": reasons(level["reasons"]),
        },
        "not_reached": [
            {**_titled(item, one, words, "because"), "reasons": reasons(one["answers"])} for one in level["not_reached"]
        ],
        "roles": [_titled(item, one, words) for one in outcome["roles"]],
        "findings": [
            {**_titled(item, one, words, "because"), "applies": words.when(one) if one["state"] else ""}
            for one in outcome["findings"]
        ],
        "possible_findings": [_titled(item, one, words) for one in outcome["possible_findings"]],
        "turning_points": [
            item(one, text=words.text(one["text"]), level=" · ".join(titles[id_] for id_ in _then(one)))
            for one in outcome["turning_points"]
        ],
        "duties": [_duty(line, words, link) for line in plan],
        "possible_duties": [item(one, action=words.text(one["action"])) for one in outcome["possible_obligations"]],
        "dates": _dates(plan, words),
        "fines": [_titled(item, one, words, "text", "note") for one in fines.values()],
        "open_questions": [
            {**item(one, question=words.text(one["question"])), "matters": one["matters_to_level"]}
            for one in outcome["open_questions"]
        ],
        "doubts": [_titled(item, one, words, "to_confirm") for one in outcome["doubts"]],
    }


def _titled(item: Callable[..., dict[str, Any]], one: Mapping[str, Any], words: Words, *more: str) -> dict[str, Any]:
    return item(one, **{name: words.text(one[name]) for name in ("title", *more)})


def _then(point: Mapping[str, Any]) -> list[str]:
    return [point["level"]] if point["certain"] else point["possible"]


def _status(found: Mapping[str, Any], words: Words) -> str:
    return words.pair(*_STATUSES[found.get("status", "binding")])


def _duty(line: Line, words: Words, link: Link) -> dict[str, Any]:
    duty, action = line.duty, line.action
    ceiling = duty["penalty"]["ceiling"] if duty["penalty"] else None
    return {
        "number": line.number,
        "action": words.text(duty["action"]),
        "citations": references(duty["citations"], words),
        "links": link(duty["citations"]),
        "status": _status(duty, words),
        "nature": words.pair(*_NATURES[duty["nature"]]),
        "role": held_as(line, words),
        "function": words.owned_by(duty),
        "applies": words.when(duty),
        "expected_evidence": words.text(duty["evidence"]),
        "given_evidence": list(line.evidence),
        "fine": words.euros(ceiling) if ceiling else "",
        "note": words.text(duty["note"]),
        "state": words.text(action.get("state")),
        "owner": action.get("owner") or "",
        "due": words.day(action.get("due")),
        "comment": action.get("comment") or "",
    }


def _dates(plan: list[Line], words: Words) -> list[dict[str, Any]]:
    days = sorted({line.duty["applies_from"] for line in plan if line.duty["applies_from"]})
    numbers = {day: [line.number for line in plan if line.duty["applies_from"] == day] for day in days}
    return [
        {"day": words.day(day), "count": len(found), "numbers": ", ".join(map(str, found))}
        for day, found in numbers.items()
    ]


def _sections(record: Mapping[str, Any], words: Words, link: Link) -> list[dict[str, Any]]:
    made = []
    for section in record["sections"]:
        answers = [_answer(one, words, link) for one in record["answers"] if one["section"] == section["id"]]
        if answers:
            made.append({"title": words.text(section["title"]), "answers": answers})
    return made


def _person(one: Mapping[str, Any], words: Words) -> str:
    """Return who said it, and the supplier whose word it is where there is one."""
    person = str(one["person"])
    if not one.get("source"):
        return person
    according = words.pair("d'après", "according to")
    return f"{person}, {according} {words.source(one['source'])}"


def _answer(one: Mapping[str, Any], words: Words, link: Link) -> dict[str, Any]:
    return {
        "question": words.text(one["question"]),
        "citations": references(one["citations"], words),
        "links": link(one["citations"]),
        "answer": words.pair("Je ne sais pas", "I don't know") if one["unknown"] else words.text(one["answer"]),
        "presumed": one["presumed"],
        "comment": one["comment"],
        "person": _person(one, words),
        "at": words.moment(one["at"]),
        "evidence": [piece["title"] for piece in one["evidence"]],
    }
