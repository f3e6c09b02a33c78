import pytest

from compliance.web.app import create_app
from tests.web.visitor import Visitor


@pytest.fixture
def app(place):
    made = create_app(place)
    made.testing = True
    made.config["PROPAGATE_EXCEPTIONS"] = False
    return made


@pytest.fixture
def visit(app, office):
    """Return a function that gives a visitor signed in as a role."""
    known = {}

    def signed_in(role, of=None):
        key = (role, id(of))
        if key not in known:
            known[key] = Visitor(app)
            known[key].sign_in((of or office).people[role], office.PASSWORD)
        return known[key]

    return signed_in


@pytest.fixture
def anybody(app):
    return Visitor(app)
