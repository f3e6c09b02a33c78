"""Who uses what, and from any provision to all that encodes it and back."""

import pytest

from compliance.law.coverage import cover
from compliance.law.entries import entries
from compliance.law.uses import citations_of, encoded, place_of, uses
from tests import the_law


@pytest.fixture(scope="module")
def act():
    return the_law.loaded().pack


def test_uses_lead_there_and_back(act):
    found = uses(act)
    known = entries(act)
    assert found.builds_on.keys() == known.keys()
    for key, parts in found.builds_on.items():
        for part in parts:
            assert part in known, key
            assert key in found.used_by[part]
    pairs = sum(len(parts) for parts in found.builds_on.values())
    assert pairs == sum(len(users) for users in found.used_by.values())


def test_an_entry_names_all_that_it_stands_on(act):
    found = uses(act)
    assert found.builds_on["definitions", "legacy_system"] == (
        ("definitions", "chapter_iii_system"),
        ("definitions", "placed_before_cut_off"),
        ("facts", "significant_design_change"),
    )
    assert set(found.builds_on["obligations", "provider_identity"]) == {
        ("roles", "provider"),
        ("definitions", "chapter_iii_system"),
        ("owners", "product_management"),
        ("deadlines", "high_risk"),
        ("penalties", "operator_obligations"),
    }
    for unless in (item for item in act.definitions.values() if item.unless is not None):
        assert found.builds_on["definitions", unless.id]


def test_every_provision_leads_to_what_encodes_it_and_back(act):
    found = uses(act)
    for key, entry in entries(act).items():
        for citation in citations_of(entry):
            if citation.provision:
                assert key in found.cited[citation.provision]
                assert key in encoded(act, found, citation.provision).itself
    article = encoded(act, found, "art-6")
    everything = [*article.itself, *(key for keys in article.parts.values() for key in keys)]
    assert len(everything) == len(set(everything)), "each entry stands once"
    assert ("definitions", "article_6_3_derogation") in everything
    point = encoded(act, found, "art-6-par-1-pt-a")
    assert set(point.above) <= {"art-6-par-1", "art-6"}


def test_what_counts_as_encoded_has_an_entry_to_show(act):
    found = uses(act)
    for provision in cover(act).encoded:
        shown = encoded(act, found, provision)
        assert shown.itself or shown.parts or shown.above, provision


def test_articles_stand_in_the_order_of_the_act():
    mixed = ["rct-9", "annex-iv", "art-10", "annex-ix", "art-4a", "art-4", "art-60a", "art-5", "annex-v", "rct-10"]
    assert sorted(mixed, key=place_of) == [
        *("art-4", "art-4a", "art-5", "art-10", "art-60a"),
        *("annex-iv", "annex-v", "annex-ix", "rct-9", "rct-10"),
    ]
