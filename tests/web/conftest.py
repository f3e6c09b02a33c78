from io import BytesIO

import pytest
from jinja2 import BytecodeCache

from compliance.web.app import create_app
from tests.web.visitor import Visitor


class Compiled(BytecodeCache):
    """Templates compiled once for all applications that tests make: a second for each otherwise."""

    def __init__(self):
        self.kept = {}

    def load_bytecode(self, bucket):
        if bucket.key in self.kept:
            bucket.load_bytecode(BytesIO(self.kept[bucket.key]))

    def dump_bytecode(self, bucket):
        written = BytesIO()
        bucket.write_bytecode(written)
        self.kept[bucket.key] = written.getvalue()


COMPILED = Compiled()


@pytest.fixture
def app(place):
    made = create_app(place)
    made.jinja_env.bytecode_cache = COMPILED
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
