"""What a report's file proves, and every way in which it does not."""

import copy
import random
import re
import string
import zlib
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest
from asn1crypto import keys
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers

from compliance.evidence import chain, log_file
from compliance.reports import identity, opening, recomputing, rendering, signing, verdict_words, verifying
from compliance.reports.verifying import Standing
from compliance.text import Text
from tests.reports import portraits, signed
from tests.reports.signed import codes


def verify(pdf, **given):
    return verifying.verify(pdf, **{"expected": signed.who().certificate, "law": signed.law(), **given})


def bad(verdict):
    return {point.code for point in verdict.points if point.standing is Standing.BAD}


def said(points):
    return "\n".join(verdict_words.sentence(point).en for point in points)


# A report as it was issued


def test_an_issued_report_is_in_order_and_says_what_was_not_checked():
    verdict = verify(signed.issued())
    assert verdict.in_order
    assert codes(verdict) == [
        "signature_whole",
        "signer_expected",
        "record_sound",
        "agrees",
        "pages_not_made",
        "no_log",
    ]
    assert signed.who().name in said(verdict.points)
    assert signed.who().fingerprint in said(verdict.points)
    alone = verifying.verify(signed.issued())
    assert alone.in_order
    assert {point.code for point in alone.points if point.standing is Standing.OPEN} == {
        "signer_unknown",
        "no_law",
        "pages_not_made",
        "no_log",
    }
    assert "compare the fingerprint" in said(alone.points)


def test_with_its_log_everything_is_checked():
    log = log_file.read_log(signed.written(signed.entries()))
    verdict = verify(signed.issued(), log=log, pages=True)
    assert codes(verdict)[-3:] == ["pages_agree", "log_agrees", "listed"]
    assert all(point.standing is Standing.GOOD for point in verdict.points)
    assert {point.code for point in verifying.check_log(log, signed.who().certificate)} == {"log_sound", "head_signed"}


def test_a_draft_proves_nothing_and_says_so():
    draft = signed.plain(portraits.use_case(number=None))
    verdict = verify(rendering.render(draft, "fr", "summary"))
    assert verdict.in_order
    assert codes(verdict) == ["draft", "draft_sound", "agrees", "pages_not_made", "draft_no_head"]


def test_an_issued_report_without_its_signature_is_not_in_order():
    assert bad(verify(signed.rendered())) == {"signature_missing"}


# The signature


def flipped(pdf, at, bit=0):
    changed = bytearray(pdf)
    changed[at] ^= 1 << bit
    return bytes(changed)


def test_any_single_byte_changed_anywhere_is_noticed(examples):
    pdf, drawn = signed.issued(), random.Random(20261125)
    for _ in range(examples(200)):
        at, bit = drawn.randrange(len(pdf)), drawn.randrange(8)
        assert opening.signature(flipped(pdf, at, bit)).state != "whole", (at, bit)


def test_any_byte_changed_in_the_place_of_the_signature_is_noticed(examples):
    pdf, drawn = signed.issued(), random.Random(3)
    match = re.search(rb"/Contents (<[0-9A-F]+>)", pdf)
    start, stop = match.span(1)
    used = start + len(match[1].rstrip(b"0>"))
    places = [start, start + 1, used, used + 1, stop - 2, stop - 1]
    places += [drawn.randrange(start, used) for _ in range(examples(60))]
    places += [drawn.randrange(used, stop) for _ in range(examples(20))]
    assert opening.signature(flipped(pdf, used + 1)).state == "respelled"
    for at in places:
        for bit in (0, 5):  # bit 5 is the case of a letter: the same number, another byte
            assert opening.signature(flipped(pdf, at, bit)).state != "whole", (at, bit)


@pytest.mark.parametrize("tail", [b"\n", b"%", b"\0" * 100, b"\n%%EOF\n"])
def test_bytes_added_at_the_end_are_noticed(tail):
    assert bad(verify(signed.issued() + tail)) & {"signature_broken", "unreadable"}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_noticed(share):
    pdf = signed.issued()
    assert not verify(pdf[: int(len(pdf) * share)]).in_order
    assert not verify(pdf[:-1]).in_order


def test_a_later_revision_is_noticed_even_if_it_changes_nothing_to_be_seen():
    output = BytesIO(signed.issued())
    writer = IncrementalPdfFileWriter(output)
    writer.update_root()
    writer.write_in_place()
    assert "signature_broken" in bad(verify(output.getvalue()))


def test_a_report_saved_anew_by_other_software_is_noticed():
    made = BytesIO()
    with pikepdf.open(BytesIO(signed.issued())) as pdf:
        pdf.save(made)
    assert {"signature_broken", "signature_unreadable"} & bad(verify(made.getvalue()))


# Who signed


def test_a_report_signed_anew_by_another_key_is_named_as_such():
    thief = identity.make_identity(signed.who().name, signed.AT)  # even under the same name
    verdict = verify(signing.sign(signed.rendered(), thief, signed.AT, "Rapport"))
    assert bad(verdict) == {"signer_other"}
    point = next(point for point in verdict.points if point.code == "signer_other")
    for sentence in (verdict_words.sentence(point).fr, verdict_words.sentence(point).en):
        assert thief.fingerprint in sentence
        assert signed.who().fingerprint in sentence


def test_a_report_signed_by_other_software_is_named_as_such():
    thief = identity.make_identity("Second", signed.AT)
    certificate = signing._parsed(identity.read_certificates(thief.certificate)[0])
    made = signers.sign_pdf(
        IncrementalPdfFileWriter(BytesIO(signed.rendered())),
        signers.PdfSignatureMetadata(field_name="Other", md_algorithm="sha256"),
        signers.SimpleSigner(certificate, _key(thief), None),
    )
    verdict = verify(made.getvalue())
    assert "signer_other" in bad(verdict)
    assert "Second" in said(verdict.points)


def _key(who):
    key = serialization.load_pem_private_key(who.key, None)
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return keys.PrivateKeyInfo.load(der)


def test_a_certificate_that_was_not_valid_on_the_day_is_said():
    late = identity.make_identity("Late", signed.AT.replace(year=2030))
    verdict = verifying.verify(signing.sign(signed.rendered(), late, signed.AT, "Rapport"), expected=late.certificate)
    assert bad(verdict) == {"signer_dates"}


# The record inside, computed again


def altered(**changes):
    record = copy.deepcopy(signed.record())
    for path, value in changes.items():
        *steps, last = path.split("__")
        place = record
        for step in steps:
            place = place[int(step) if step.isdigit() else step]
        place[last] = value
    return record


def test_a_level_that_does_not_follow_is_found_and_named():
    record = altered(outcome__level__value="minimal", outcome__level__possible=["minimal"])
    verdict = verify(signed.printed_and_signed(record))
    assert bad(verdict) == {"differs"}, "the organisation's own key does not help"
    (point,) = [point for point in verdict.points if point.code == "differs"]
    places = {verdict_words.place(found).en for found in point.differences}
    assert places == {"outcome › level › value", "outcome › level › possible levels"}
    assert {verdict_words.shown(found.again).en for found in point.differences} == {"high_risk"}


def again(record):
    return [found for one in recomputing.recompute(record, signed.law()) for found in one.differences]


def test_a_date_a_duty_and_an_answer_that_do_not_follow_are_found_where_they_are():
    record = copy.deepcopy(signed.record())
    duty = next(item for item in record["outcome"]["obligations"] if item["applies_from"])
    duty["applies_from"] = "2031-01-01"
    (found,) = again(record)
    assert found.path == ("outcome", "obligations", duty["id"], "applies_from")
    assert verdict_words.place(found).fr == f"résultat › obligations › {duty['id']} › applicable à partir du"

    record = copy.deepcopy(signed.record())
    gone = record["outcome"]["obligations"].pop()
    (found,) = again(record)
    assert found.path == ("outcome", "obligations", gone["id"])
    assert found.inside is None

    record = copy.deepcopy(signed.record())
    answer = next(item for item in record["answers"] if item["fact"] == "profiling")
    answer["answer"] = {"fr": "non", "en": "no"}
    (found,) = again(record)
    assert found.path == ("answers", "profiling", "answer")

    record = copy.deepcopy(signed.record())
    record["facts"]["profiling"] = not record["facts"]["profiling"]
    assert ("facts", "profiling") in [found.path for found in recomputing.contradictions(record)]
    assert again(record)


def test_another_version_of_the_program_is_named_as_a_possible_reason():
    record = altered(program="0.0.9", outcome__on="2026-11-25", outcome__turning_points=[])
    points = list(verifying._outcome(record, signed.law()))
    assert [point.code for point in points] == ["differs_other_program"]
    assert "0.0.9" in said(points)


def test_a_text_that_is_not_at_hand_is_said():
    points = list(verifying._outcome(signed.record(), {}.get))
    assert [(point.code, point.standing) for point in points] == [("unknown_law", Standing.OPEN)]
    assert signed.record()["outcome"]["pack"]["hash"][:12] in said(points)


def test_answers_that_the_text_refuses_are_said():
    points = list(verifying._outcome(altered(facts__profiling="perhaps"), signed.law()))
    assert [point.code for point in points] == ["facts_refused"]
    assert "profiling" in said(points)


def test_a_portfolio_is_computed_again_case_by_case():
    record = signed.plain(portraits.portfolio(6))
    assert not again(record)
    assert not recomputing.contradictions(record)
    record["cases"][2]["possible"] = ["minimal"] if record["cases"][2]["possible"] != ["minimal"] else ["high_risk"]
    paths = [found.path for found in again(record)]
    assert ("cases", "UC-0003", "possible") in paths
    record = signed.plain(portraits.portfolio(6))
    record["totals"]["cases"] = 7
    assert ("totals", "cases") in [found.path for found in again(record)]
    assert [found.path for found in recomputing.contradictions(record)] == [("totals", "cases")]
    (alone,) = recomputing.recompute(record, {}.get)
    assert not alone.known
    assert alone.differences, "sums need no text"
    law = record["laws"][0]
    law["title"] = {"fr": "Autre", "en": "Other"}
    assert ("laws", law["id"], "title") in [found.path for found in again(record)]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_portfolio_report_is_verified_as_a_file(language):
    record = signed.plain({**portraits.portfolio(3, language=language), "log": signed.head()})
    verdict = verify(signing.sign(rendering.render(record, language), signed.who(), signed.AT, "Rapport"))
    assert verdict.in_order
    assert "agrees" in codes(verdict)


def test_what_people_typed_is_said_not_to_be_computed():
    record = {**signed.record(), "kind": "act_record"}
    assert [point.code for point in verifying._outcome(record, signed.law())] == ["agrees", "typed_parts"]
    record = {**altered(outcome__level__possible=["minimal"]), "kind": "act_record"}
    assert [point.code for point in verifying._outcome(record, signed.law())] == ["differs", "typed_parts"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"format": "pyramide-report/9"}, "other_format"),
        ({"kind": "poem"}, "other_kind"),
        ({"number": "1; DROP"}, "malformed"),
        ({"made": None}, "malformed"),
        ({"organisation": []}, "malformed"),
        ({"log": None}, "contradicts"),
    ],
)
def test_a_record_that_is_not_as_we_make_them_is_said(change, code):
    record = {**signed.record(), **change}
    try:
        points = list(verifying._record(record))
    except verifying._MALFORMED:
        points = [verifying.Point("record", Standing.BAD, "malformed")]
    assert [point.code for point in points] == [code]


def test_whatever_one_value_of_a_record_becomes_nothing_is_raised_but_what_is_expected(examples):
    drawn = random.Random(11)
    for number in range(examples(120)):
        record = copy.deepcopy(signed.record())
        place, steps = record, drawn.randint(1, 6)
        for _ in range(steps):
            key = drawn.choice(list(place) if isinstance(place, dict) else range(len(place)))
            below = place[key]
            if not isinstance(below, dict | list) or not below:
                break
            place = below
        key = drawn.choice(list(place) if isinstance(place, dict) else range(len(place)))
        place[key] = drawn.choice([None, 7, "x", [], {}, [None], {"a": 1}, True, -1.5, "\ud800", 10**400])
        try:
            points = list(verifying._record(record))
        except verifying._MALFORMED:
            continue
        points += verifying._outcome(record, {}.get if number % 8 else signed.law())
        assert said(points)
        for point in points:
            for found in point.differences:
                assert verdict_words.place(found).fr
                verdict_words.shown(found.inside)


# The log


def test_a_log_altered_deleted_swapped_cut_or_rebuilt_is_found_against_the_report():
    good, leaves = signed.entries(), signed.leaves_of(signed.entries())
    head = signed.head()

    def found(entries, stored):
        log = log_file.read_log(signed.written(entries, stored))
        alone = [point for point in verifying.check_log(log) if point.standing is Standing.BAD]
        return verifying.check_head(log, head["size"], head["root"]), {point.code for point in alone}

    altered = [*good[:10], {**good[10], "detail": {"fact": "fact_11", "value": "changed"}}, *good[11:]]
    point, alone = found(altered, leaves)
    assert (point.code, point.values["entry"]) == ("log_altered_before", "11")
    assert "log_altered" in alone
    assert found(altered, signed.leaves_of(altered))[0].code == "log_rebuilt", "hashed anew: only the report tells"
    deleted = [*good[:10], *good[11:]]
    point, _ = found(deleted, [*leaves[:10], *leaves[11:]])
    assert (point.code, point.values["entry"]) == ("log_altered_before", "11")
    renumbered = [{**entry, "seq": place} for place, entry in enumerate(deleted, 1)]
    assert found(renumbered, signed.leaves_of(renumbered)) == (
        verifying.Point("log", Standing.BAD, "log_rebuilt", {"size": "37", "found": "59", "root": head["root"]}),
        set(),
    )
    swapped = [*good[:4], good[5], good[4], *good[6:]]
    assert found(swapped, signed.leaves_of(swapped))[0].values["entry"] == "5"
    assert found(good[:30], leaves[:30])[0].code == "log_cut"
    assert found(good[:37], leaves[:37])[0].code == "log_agrees"
    assert found(good, leaves) == (verifying.check_head(log_file.read_log(signed.written(good)), **head), set())


def test_an_entry_altered_after_the_report_leaves_the_report_in_order_and_the_log_not():
    entries, leaves = list(signed.entries()), signed.leaves_of(signed.entries())
    entries[50] = {**entries[50], "who": "somebody else"}
    log = log_file.read_log(signed.written(entries, leaves))
    assert verify(signed.issued(), log=log).in_order
    assert [point.values.get("entry") for point in verifying.check_log(log) if point.code == "log_altered"] == ["51"]


def test_a_report_whose_head_is_of_another_log_is_found_from_its_file():
    entries = signed.entries()[:20]
    log = log_file.read_log(signed.written(entries))
    assert bad(verify(signed.issued(), log=log)) == {"log_cut"}
    assert "not_listed" in codes(verify(signed.issued(), log=log))


def test_a_head_kept_outside_is_a_witness_too():
    who, thief = signed.who(), identity.make_identity("Thief", signed.AT)
    entries = signed.entries()
    leaves = signed.leaves_of(entries)
    kept = log_file.Head(signed.ORG, "Forges", 50, chain.root(leaves[:50]).hex(), "2026-11-25T09:30:00+00:00")
    head = log_file.read_head(log_file.write_head(verifying.seal(kept, who)))
    log = log_file.read_log(signed.written(entries))
    assert [point.code for point in verifying.check_log(log, who.certificate, [head])] == [
        "log_sound",
        "head_signed",
        "head_signed",
        "log_agrees",
    ]
    shorter = log_file.read_log(signed.written(entries[:40], by=thief))
    assert {point.code for point in verifying.check_log(shorter, who.certificate, [head])} >= {
        "head_signer_other",
        "log_cut",
    }
    forged = log_file.SealedHead(replace(kept, size=40), head.seal)
    assert verifying.check_seal(forged, who.certificate).code == "head_forged"
    unsigned = log_file.SealedHead(kept, None)
    assert verifying.check_seal(unsigned, who.certificate).standing is Standing.OPEN
    assert verifying.check_seal(head, None).code == "head_signer_unknown"
    nonsense = log_file.SealedHead(kept, log_file.Seal("zz", "no certificate"))
    assert verifying.check_seal(nonsense, None).code == "head_forged"
    other = log_file.SealedHead(replace(kept, org="other"), None)
    assert "head_of_other" in [point.code for point in verifying.check_log(log, None, [other])]


def test_a_log_written_anew_is_named_between_heads_and_at_its_entry_by_a_log_that_was_kept():
    before = signed.entries()
    leaves = signed.leaves_of(before)
    anew = log_file.read_log(signed.written([*before[:43], {**before[43], "who": "b2"}, *before[44:]]))
    heads = [
        verifying.seal(log_file.Head(signed.ORG, "Forges", size, chain.root(leaves[:size]).hex(), "2026"), signed.who())
        for size in (30, 40, 50, 60)
    ]
    points = [point for point in verifying.check_log(anew, None, heads) if point.code.startswith(("log_a", "log_r"))]
    assert [(point.code, point.values.get("first")) for point in points] == [
        ("log_agrees", None),
        ("log_agrees", None),
        ("log_rebuilt_after", "41"),
        ("log_rebuilt_after", "41"),
    ]
    kept = log_file.read_log(signed.written(before))
    found = [point for point in verifying.check_log(anew, None, [kept]) if point.standing is Standing.BAD]
    assert [(point.code, point.values["entry"]) for point in found] == [("log_differs_at", "44")]
    false = log_file.Log(kept.sealed, kept.entries, anew.leaves)  # whose entries are not those of its head
    assert "log_rebuilt" in [point.code for point in verifying.check_log(anew, None, [false])]


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_any_bit_flipped_in_the_head_of_a_log_is_noticed(examples):
    data = signed.written(signed.entries()[:3])
    certificate = log_file.read_log(data).sealed.seal.certificate
    rng = random.Random(7)
    for _ in range(examples(400)):
        at, bit = rng.randrange(data.index(b"\n")), rng.randrange(8)
        flipped = bytearray(data)
        flipped[at] ^= 1 << bit
        try:
            log = log_file.read_log(bytes(flipped))
        except log_file.LogFileError:
            continue
        found = {point.code for point in verifying.check_log(log, signed.who().certificate)}
        seal = log.sealed.seal  # its certificate is text, whose ends of line may be others
        same_key = seal is not None and seal.certificate != certificate
        assert same_key or found != {"log_sound", "head_signed"}, (at, bit)


def test_two_reports_with_one_size_and_two_roots_contradict_each_other():
    def verdict(size, root, number):
        record = {**signed.record(), "number": number, "log": {"size": size, "root": root}}
        signature = opening.Signature("whole", "A", "f" * 64)
        return verifying.Verdict(opening.Opened("0", signature, record), ())

    (point,) = verifying.between([verdict(5, "a" * 64, "R-2026-0001"), verdict(5, "b" * 64, "R-2026-0002")])
    assert "R-2026-0001, R-2026-0002" in verdict_words.sentence(point).fr
    assert not verifying.between([verdict(5, "a" * 64, "R-2026-0001"), verdict(6, "b" * 64, "R-2026-0002")])


# Files made to harm


def bomb(content, filters="/FlateDecode"):
    """Return a PDF whose embedded data unfold to far more than the file."""
    body = b"%PDF-1.7\n"
    places = []
    objects = (
        b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(a.json) 3 0 R]>>>>>>",
        b"<</Type/Pages/Kids[]/Count 0>>",
        b"<</Type/Filespec/F(a.json)/EF<</F 4 0 R>>>>",
        b"<</Length %d/Filter %s>>stream\n%s\nendstream" % (len(content), filters.encode(), content),
    )
    for number, item in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    start = len(body)
    body += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start


HOSTILE = {
    "empty": b"",
    "no PDF": b"PK\3\4" + bytes(1000),
    "only a header": b"%PDF-1.7",
    "30 MB of zeros": b"%PDF-1.7\n" + bytes(30_000_000),
    "30 MB of brackets": b"%PDF-1.7\n" + b"[" * 30_000_000,
    "too large": b"%PDF-1.7\n" + bytes(opening.MOST),
    "deep arrays": b"%PDF-1.7\n1 0 obj\n" + b"[" * 100_000 + b"\nendobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF",
    "a bomb": bomb(zlib.compress(bytes(400_000_000), 9)),
    "a bomb in a bomb": bomb(zlib.compress(zlib.compress(bytes(400_000_000), 9), 9), "[/FlateDecode/FlateDecode]"),
    "deep JSON": bomb(zlib.compress(b"[" * 5_000_000)),
    "wide JSON": bomb(zlib.compress(b"[" + b"[]," * 3_000_000 + b"0]")),
    "huge number": bomb(zlib.compress(b'{"format": "pyramide-report/1", "number": ' + b"9" * 100_000 + b"}")),
    "a loop of cross references": b"%PDF-1.7\nxref\n0 0\ntrailer<</Size 1/Prev 9/Root 1 0 R>>\nstartxref\n9\n%%EOF",
    "many cross references": b"%PDF-1.7\nxref\n0 999999999\n"
    + b"0000000000 00000 n \n" * 10
    + b"trailer<</Size 9>>\nstartxref\n9\n%%EOF",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_made_to_harm_is_unreadable_in_words(name):
    verdict = verify(HOSTILE[name])
    assert not verdict.in_order
    assert verdict.record is None
    assert said(verdict.points)


def test_whatever_a_file_is_it_is_read_without_a_fault(examples):
    pdf, drawn = signed.issued(), random.Random(7)

    def cut(data):
        start = drawn.randrange(len(data))
        return data[:start] + data[start + drawn.randrange(1, 2000) :]

    def doubled(data):
        start = drawn.randrange(len(data))
        return data[: start + drawn.randrange(1, 2000)] + data[start:]

    def zeroed(data):
        start, size = drawn.randrange(len(data)), drawn.randrange(1, 200)
        return data[:start] + bytes(size) + data[start + size :]

    def noisy(data):
        changed = bytearray(data)
        for _ in range(drawn.randrange(1, 200)):
            changed[drawn.randrange(len(changed))] = drawn.randrange(256)
        return bytes(changed)

    def invented(_):
        return b"%PDF-1." + drawn.randbytes(drawn.randrange(5000))

    def wordy(data):
        words = re.findall(rb"/[A-Za-z]+|\d+ 0 R|<<|>>|\[|\]", data[:50_000])
        return b"%PDF-1.7\n" + b" ".join(drawn.choices(words, k=400)) + data[-60:]

    for number in range(examples(300)):
        change = (cut, doubled, zeroed, noisy, invented, wordy)[number % 6]
        found = opening.signature(change(pdf))
        assert found.state in ("broken", "missing", "unreadable"), number
        opening.record_inside(change(pdf))


# Words


def test_every_sentence_is_in_both_languages_and_filled_alike():
    for code, text in verdict_words.SENTENCES.items():
        assert text.fr != text.en, code
        fields = [{name for _, name, _, _ in string.Formatter().parse(side) if name} for side in (text.fr, text.en)]
        assert fields[0] == fields[1], code


def test_what_a_file_says_cannot_steer_a_terminal():
    assert "\x1b" not in verdict_words.clean("a\x1b[31mb\ud800\r")
    assert verdict_words.shown({"fr": "é", "en": "e"}) == Text("é", "e")
    assert len(verdict_words.shown("x" * 5000).fr) <= 200
