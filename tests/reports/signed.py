"""Reports issued as the product issues them, with the log that they were issued from, for tests of what they prove."""

import hashlib
import json
from datetime import UTC, datetime

from compliance.evidence import chain, log_file
from compliance.evidence.canonical import canonical
from compliance.reports import identity, rendering, signing, verifying
from tests.once import once
from tests.reports import portraits

AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ORG = "0b8f7a"
HEAD_SIZE = 37


@once
def who(name="Pyramide – Forges du Rhône"):
    return identity.make_identity(name, AT)


def law():
    _, program = portraits.law()
    return {program.pack.hash: program}.get


@once
def entries():
    """Return a log: the report is issued after its 37th line, and is named by its 40th."""
    found = [
        {
            "seq": number,
            "at": f"2026-11-25T08:{number:02d}:00.000+00:00",
            "who": "a1",
            "what": "answer.given",
            "subject": "c1",
            "detail": {"fact": f"fact_{number}", "value": number % 2 == 0},
        }
        for number in range(1, 61)
    ]
    found[39] = {**found[39], "what": "report.made", "detail": {"sha256": hashlib.sha256(issued()).hexdigest()}}
    return found


def leaves_of(found):
    return [chain.leaf({"org": ORG, **entry}) for entry in found]


@once
def head():
    """Return the head that the report carries: over lines that do not depend on it."""
    lines = [
        {
            "seq": number,
            "at": f"2026-11-25T08:{number:02d}:00.000+00:00",
            "who": "a1",
            "what": "answer.given",
            "subject": "c1",
            "detail": {"fact": f"fact_{number}", "value": number % 2 == 0},
        }
        for number in range(1, HEAD_SIZE + 1)
    ]
    return {"size": HEAD_SIZE, "root": chain.root(leaves_of(lines)).hex()}


def plain(record):
    """Return a record as it is read back from JSON."""
    return json.loads(canonical(record))


@once
def record(language="fr"):
    return plain({**portraits.use_case(portraits.HIGH_RISK, language=language), "log": head()})


@once
def rendered(language="fr", form="summary"):
    return rendering.render(record(language), language, form)


@once
def issued(language="fr", form="summary"):
    return signing.sign(rendered(language, form), who(), AT, "Rapport émis par Forges du Rhône SA")


def printed_and_signed(changed, by=None, language="fr"):
    """Return a report of another record, rendered and signed."""
    return signing.sign(rendering.render(changed, language, "summary"), by or who(), AT, "Rapport")


def written(found, leaves=None, by=None):
    """Return a log as a file, its head over what is in it."""
    leaves = leaves or leaves_of(found)
    top = log_file.Head(ORG, "Forges du Rhône SA", len(found), chain.root(leaves).hex(), "2026-11-25T10:00:00+00:00")
    return b"".join(log_file.write_log(verifying.seal(top, by or who()), zip(found, leaves, strict=True)))


def codes(verdict):
    return [point.code for point in verdict.points]
