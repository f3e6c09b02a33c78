"""Records of reports, made by the real engine from the packs' own scenarios, for tests and benchmarks."""

import base64
import struct
import zlib
from datetime import date
from hashlib import sha256
from pathlib import Path

from compliance.assessment.evaluate import evaluate
from compliance.assessment.facts import accept
from compliance.operations.vocabulary import ACTION_STATES, ASSESSMENT_STATES, CASE_STATES, FUNCTIONS, SECTORS
from compliance.reports import record
from compliance.text import Text
from tests import the_law
from tests.once import once

RULES = Path(__file__).parent.parent.parent / "rules"
ON = date(2026, 11, 25)
HIGH_RISK = "Screening and ranking of applications"
RANGE = "Unknown profiling with a derogation"
MODEL = "Open-source model with systemic risk"
PROHIBITED = "Emotion analysis in video interviews"
OUT_OF_SCOPE = "Specialised defect detection model"
PROVIDER = "Lift manufacturer: component under its name"
TYPICAL = (HIGH_RISK, RANGE, MODEL, PROHIBITED, OUT_OF_SCOPE, PROVIDER)
_COMMENTS = (
    "Confirmé avec l'éditeur le 12 novembre ; voir le contrat, annexe 4.",
    "",
    "Le comité social et économique a été consulté.",
    "",
    "",
    "Vérifié sur le site de Lyon, à revoir si le périmètre s'étend à d'autres établissements du groupe.",
)


@once
def law():
    """Return the pack in force with its scenarios, and its program."""
    return the_law.loaded(), the_law.compiled()


@once
def outcome_of(scenario):
    loaded, program = law()
    return evaluate(loaded.pack, program, facts_of(scenario), ON)


def facts_of(scenario):
    loaded, _ = law()
    found = {s.name.en: s for s in loaded.scenarios}
    return accept(loaded.pack, found[scenario].facts)


def logo(width=180, height=60):
    """Return a PNG as the organisation's settings would hold it."""
    row = b"\0" + b"".join(bytes((20, 37 + x % 160, 61 + x % 90)) for x in range(width))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    png = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(row * height)) + chunk(b"IEND", b"")
    )
    return {
        "media_type": "image/png",
        "sha256": sha256(png).hexdigest(),
        "data": base64.b64encode(png).decode(),
        "width": width,
        "height": height,
    }


def envelope(number="R-2026-0001", organisation="Forges du Rhône SA", picture=None, language="fr"):
    return {
        "organisation": {"name": organisation, "logo": picture},
        "number": number,
        "language": language,
        "made": {"at": "2026-11-25T09:00:00+00:00", "by": "Claire Fontaine"},
        "supersedes": None,
        "log": {"size": 1342, "root": "9f" * 32} if number else None,
    }


def use_case(
    scenario=HIGH_RISK,
    name="Tri des candidatures reçues par le site de recrutement",
    description="Un logiciel classe les candidatures selon leur adéquation au poste ; "
    "un recruteur lit les dossiers dans l'ordre proposé et décide.",
    person="Claire Fontaine",
    comments=_COMMENTS,
    details=None,
    **of_envelope,
):
    """Return the record of one use case, every question answered by somebody, actions planned for some duties."""
    facts, outcome = facts_of(scenario), outcome_of(scenario)
    piece = {"title": "Contrat de service, annexe 4", "sha256": "ab" * 32}
    answers = tuple(
        record.Given(
            fact,
            value is None,
            number % 9 == 4,
            comments[number % len(comments)],
            person,
            f"2026-11-{10 + number % 14:02d}T08:{number % 60:02d}:00+00:00",
            (piece,) if number % 7 == 2 else (),
        )
        for number, (fact, value) in enumerate(sorted(facts.values.items()))
    )
    states = list(ACTION_STATES.items())
    actions = tuple(
        {
            "obligation": item.id,
            "state": {"fr": states[number % 3][1].fr, "en": states[number % 3][1].en},
            "closed": states[number % 3][0] == "done",
            "owner": person,
            "due": "2027-03-31" if number % 2 else "2026-10-31",
            "comment": comments[number % len(comments)],
        }
        for number, item in enumerate(outcome.obligations[:12])
    )
    state = ASSESSMENT_STATES["approved"]
    case = record.Case(
        "UC-0042",
        name,
        description,
        facts,
        answers,
        actions,
        (piece,),
        {"number": 3, "state": {"fr": state.fr, "en": state.en}, "author": person, "validator": "Ahmed Belkacem"},
        details or _details(0, "Lyon", person),
    )
    return record.of_use_case(case, outcome, envelope(**of_envelope))


def _details(number, site, owner):
    function = list(FUNCTIONS.values())[number % len(FUNCTIONS)]
    sector = list(SECTORS.values())[number % len(SECTORS)]
    return {
        "function": {"fr": function.fr, "en": function.en},
        "sector": {"fr": sector.fr, "en": sector.en} if number % 5 else None,
        "site": site,
        "supplier": "Talent Systems SAS",
        "owner": owner,
    }


def portfolio(count, name=None, **of_envelope):
    """Return the record of a portfolio of ``count`` use cases, drawn in turn from the scenarios."""
    loaded, program = law()
    open_ones = [s for s in loaded.scenarios if s.position.file.endswith("unknowns.yaml")]
    sites = ("Lyon", "Saint-Étienne", "Gdańsk", None, "Stuttgart")
    cases = []
    states = list(CASE_STATES.values())
    for number in range(count):
        among = open_ones if number % 10 == 9 else loaded.scenarios
        scenario = among[number * 7 % len(among)]
        facts = accept(loaded.pack, scenario.facts)
        actions = (
            {
                "obligation": "ai_literacy"
                if "ai_literacy" in loaded.pack.obligations
                else next(iter(loaded.pack.obligations)),
                "state": {"fr": "À faire", "en": "To do"},
                "closed": False,
                "owner": "Claire Fontaine",
                "due": "2026-10-31" if number % 6 else "2027-02-28",
                "comment": "",
            },
        )
        case = record.Case(
            f"UC-{number + 1:04d}",
            name or scenario.name.fr,
            "",
            facts,
            (),
            actions if number % 4 == 0 else (),
            details=_details(number, sites[number % len(sites)], "Claire Fontaine"),
        )
        report = f"R-2026-{number:04d}" if number % 3 == 0 else None
        cases.append(record.PortfolioCase(case, program, states[number % len(states)], report))
    title = Text("Portefeuille des usages de l'IA", "Portfolio of uses of AI")
    selection = Text("tous les usages non archivés", "all use cases that are not archived")
    return record.of_portfolio(title, selection, cases, ON, envelope(**of_envelope))


HOSTILE = (
    "W" * 200,
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2,
    "Équipe 😀👩‍🏭🇫🇷 qualité ✅",
    "محمد عبد الرحمن الخوارزمي",
    "דוד בן־גוריון (Lyon)",
    "中村製作所 株式会社 — 北京 ﬁ Ａ ≥ → \u202f\u200b\u2066x\u2069",
    "<script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}{% raw %}",
    "</td></table><style>@import url(http://127.0.0.1:{port}/css);</style><link rel=stylesheet href=http://127.0.0.1:{port}/l>",
    '<img src="http://127.0.0.1:{port}/img"> <object data="file:///etc/passwd"></object> url(file:///etc/passwd)',
    '"><a href="javascript:app.alert(1)">x</a><iframe src="http://127.0.0.1:{port}/f"></iframe>',
    "\u202eevil.pdf\u202c \u0007 \ud83d"[:-1] + " a\u0301\u0302\u0303",
)
LONG_COMMENT = ("Voici un commentaire très long, écrit par quelqu'un de méticuleux. " * 40)[:2000]


def hostile(port=9, **of_envelope):
    """Return a record in which everything that people may type is meant to break the page."""
    said = tuple(text.replace("{port}", str(port)) for text in HOSTILE)
    details = {"function": said[6], "sector": said[3], "site": said[2], "supplier": said[5], "owner": said[4]}
    return use_case(
        RANGE,
        name=said[0],
        description="\n".join(said),
        person=said[1],
        comments=(*said, LONG_COMMENT, "M" * 2000),
        details=details,
        **{"organisation": said[7][:200], **of_envelope},
    )
