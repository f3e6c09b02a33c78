"""How other acts, standards and guidelines are called in French: rule files name them once, in English."""

from __future__ import annotations

import re

_MONTHS = {
    "January": "janvier",
    "February": "février",
    "March": "mars",
    "April": "avril",
    "May": "mai",
    "June": "juin",
    "July": "juillet",
    "August": "août",
    "September": "septembre",
    "October": "octobre",
    "November": "novembre",
    "December": "décembre",
}
_WHOLE = {
    "EU good pharmacovigilance practices module I": "bonnes pratiques de pharmacovigilance de l'UE, module I",
    "European social partners framework agreement on digitalisation (2020)": (
        "accord-cadre des partenaires sociaux européens sur la numérisation (2020)"
    ),
    "RGESN, French general framework for ecodesign of digital services (2024)": (
        "RGESN, référentiel général d'écoconception de services numériques (2024)"
    ),
    "French Environment Code, pressure equipment": "code de l'environnement, équipements sous pression",
    "French Environment Code, nuclear installations": "code de l'environnement, installations nucléaires",
    "Ethics guidelines for trustworthy AI, High-Level Expert Group (2019)": (
        "Lignes directrices en matière d'éthique pour une IA digne de confiance, groupe d'experts de haut niveau (2019)"
    ),
}
_WORDS = (
    (re.compile(r"^(.+?) draft guidelines of (.+)$"), r"projet de lignes directrices de la \1 du \2"),
    (re.compile(r"^French law (\S+) of (.+)$"), r"loi française \1 du \2"),
    (re.compile(r"^CNIL decision"), "CNIL, délibération"),
    (re.compile(r"^CNIL guidance on deploying generative AI"), "CNIL, conseils pour déployer une IA générative"),
    (re.compile(r"^ANSSI and BSI, "), "ANSSI et BSI, "),
    (
        re.compile(r"^ANSSI security recommendations for a generative AI system"),
        "ANSSI, recommandations de sécurité pour un système d'IA générative",
    ),
    (re.compile(r"^CJEU "), "CJUE "),
    (re.compile(r"^UN Regulation No "), "règlement ONU n° "),
    (re.compile(r"^delegated regulation "), "règlement délégué "),
    (re.compile(r"^implementing regulation "), "règlement d'exécution "),
    (re.compile(r"^regulation "), "règlement "),
    (re.compile(r"^recommendation "), "recommandation "),
    (re.compile(r"\(EU\)"), "(UE)"),
    (re.compile(r"\(EC\)"), "(CE)"),
    (re.compile(r"/EU\b"), "/UE"),
    (re.compile(r"/EC\b"), "/CE"),
    (re.compile(r"/EEC\b"), "/CEE"),
    (re.compile(r"^Recommendation ITU-T"), "recommandation UIT-T"),
    (re.compile(r"\bNo (?=\d)"), "n° "),
    (re.compile(r"\bdraft annex\b"), "projet d'annexe"),
    (re.compile(r"\bannex\b"), "annexe"),
    (re.compile(r"\brecital\b"), "considérant"),
    (re.compile(r"\bpart (?=[IVX A-Z])"), "partie "),
    (re.compile(r"\brule (?=\d)"), "règle "),
    (re.compile(r"\bclause (?=\d)"), "article "),
)
_ARTICLE = re.compile(r"\bart\. (\d+[a-z]?)((?:\([^()]+\))*)")
_DAY = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(_MONTHS)}) (\d{{4}})\b")


def in_french(written: str) -> str:
    """Return a citation of another act as a French page says it."""
    if written in _WHOLE:
        return _WHOLE[written]
    said = _DAY.sub(lambda match: f"{match[1]} {_MONTHS[match[2]]} {match[3]}", written)
    for pattern, word in _WORDS:
        said = pattern.sub(word, said)
    return _ARTICLE.sub(_article, said)


def _article(match: re.Match[str]) -> str:
    path = re.findall(r"\(([^()]+)\)", match[2])
    shown = f"art. {match[1]}"
    if path and path[0][0].isdigit():
        shown += f", § {path.pop(0)}"
    return shown + "".join(f", {part})" for part in path)
