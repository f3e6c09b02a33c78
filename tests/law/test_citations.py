import pytest

from compliance.law import citations
from tests import the_law

PACK = the_law.loaded().pack
FORMS = {
    "art. 6(1)(a)": ("art-6-par-1-pt-a", "art. 6, § 1, a)", "Art. 6(1)(a)"),
    "art. 5(1)(h)(i)": ("art-5-par-1-pt-h-i", "art. 5, § 1, h), i)", "Art. 5(1)(h)(i)"),
    "art. 3(14)": ("art-3-pt-14", "art. 3, point 14", "Art. 3(14)"),
    "art. 5(1)(ba)": ("art-5-par-1-pt-ba", "art. 5, § 1, b bis)", "Art. 5(1)(ba)"),
    "art. 6(1a)": ("art-6-par-1a", "art. 6, § 1 bis", "Art. 6(1a)"),
    "art. 16(a)": ("art-16-pt-a", "art. 16, a)", "Art. 16(a)"),
    "annex III.4(a)": ("annex-iii-pt-4-a", "annexe III, point 4, a)", "Annex III, point 4(a)"),
    "annex I.B.21": ("annex-i-sec-b-pt-21", "annexe I, section B, point 21", "Annex I, Section B, point 21"),
    "annex XI.1.2(a)": (
        "annex-xi-sec-1-pt-2-a",
        "annexe XI, section 1, point 2, a)",
        "Annex XI, Section 1, point 2(a)",
    ),
    "annex XI.2.1": ("annex-xi-sec-2-pt-1", "annexe XI, section 2, point 1", "Annex XI, Section 2, point 1"),
    "annex VII.3.1": ("annex-vii-pt-3.1", "annexe VII, point 3.1", "Annex VII, point 3.1"),
    "recital 53": ("rct-53", "considérant 53", "recital 53"),
}


@pytest.mark.parametrize("written", FORMS)
def test_citation(written):
    provision, french, english = FORMS[written]
    found = citations.parse(written, PACK.provisions)
    assert found.provision == provision
    assert citations.format(found, "fr") == french
    assert citations.format(found, "en") == english
    assert citations.link(found, PACK, "fr").startswith("https://eur-lex.europa.eu/legal-content/FR/")


def test_every_label_of_the_index_reads_back():
    for provision in PACK.provisions.values():
        if "text" in provision.id:
            continue
        found = citations.parse(provision.label, PACK.provisions)
        assert found.provision is not None, provision


@pytest.mark.parametrize("written", ["art 6", "art. 6.1", "article 6", "annex 3", "recital x", ""])
def test_malformed(written):
    try:
        assert citations.parse(written, PACK.provisions).provision is None
    except citations.CitationError:
        return
    assert not written.startswith(("art.", "article", "annex"))


def test_another_source_is_kept_as_text():
    assert citations.parse("C(2025) 5053", {}).kind == "other"
