"""What the fuzzer found, each kept as a test of its own; see test_fuzz.py."""

import pytest

from compliance.storage import people


@pytest.mark.parametrize("page", ["/use-cases", "/actions", "/log", "/reports", "/reports/portfolio", "/audit"])
def test_what_an_address_asks_for_is_no_option_of_the_links_on_the_page(visit, office, page):
    """Found by the fuzzer: ``?_method=x`` was a 500, and ``?_scheme=…`` gave links another scheme."""
    office.finished()
    words = "?_method=PUT&_external=1&_scheme=javascript&_anchor=x&endpoint=inventory.listing&arguments=1&kind=x"
    html = visit("officer").get(page + words).page.html
    assert "javascript:" not in html
    assert 'href="http://localhost' not in html


@pytest.mark.parametrize(
    "address", ['(<@"[}).]', "a,b@c.example", "a:;@b.example", "a@[*.x", "a\u200b@b.example", "a@b@c.d"]
)
def test_an_address_that_no_message_can_be_sent_to_is_refused(visit, place, office, address):
    visitor = visit("administrator")
    with place.database.writing() as connection:
        people.change_person(connection, office.people["administrator"].person_id, totp_secret="JBSWY3DPEHPK3PXP")
    visitor.post("/people/invite", 422, email=address, roles="auditor", language="fr")
