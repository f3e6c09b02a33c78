"""Wrong requests to every page, form and operation, as every role; the whole of it is ``script/benchmark fuzz``."""

import json

import pytest

from benchmarks import fuzz, fuzz_world
from compliance.operations import bench
from tests import furnished


@pytest.fixture(autouse=True)
def _processes():
    yield
    bench.stop()


def test_wrong_requests_yield_no_failure_and_nothing_of_anybody_else(app, place, clock, examples):
    clock.now = fuzz_world.NOW
    world = fuzz_world.build(place, app, whole=False)
    result = fuzz.run(world, examples(1000), "test", seconds=900, made=0, each=250)
    assert not result.finds, json.dumps(result.finds, indent=1)[:20_000]
    assert sum(result.statuses.values()) == examples(1000)
    assert {200, 303, 404, 422} <= set(result.statuses)
    assert len({sender for _endpoint, _method, sender in result.triples}) > len(world.senders) / 2


def test_every_column_is_said_to_hold_typed_text_or_none():
    """What plants text everywhere reads the list; a new column has to be put into it."""
    said = {(table, column) for found in (furnished.FREE, furnished.OURS) for table in found for column in found[table]}
    assert said == furnished.texts_of_tables()
