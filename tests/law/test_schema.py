"""The published schemas: as generated, and true of the files and outcomes that we publish."""

import json
from datetime import date
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from compliance.assessment.evaluate import evaluate
from compliance.assessment.facts import accept
from compliance.assessment.freeze import freeze
from compliance.law import schema
from tests import the_law

SCHEMAS = Path("rules/schema")


VALIDATOR = jsonschema_rs.validator_for(schema.pack_schema())


def test_files_are_as_generated():
    assert (SCHEMAS / "pack.schema.json").read_text() == schema.written(schema.pack_schema())
    assert (SCHEMAS / "case.schema.json").read_text() == schema.written(schema.case_schema())


@pytest.mark.parametrize("path", sorted(Path("rules").glob("*/**/*.yaml")), ids=str)
def test_rule_files_fit(path):
    class Words(yaml.BaseLoader):
        pass

    content = yaml.load(path.read_text(), Loader=Words)

    def numbers(value, key=""):
        if isinstance(value, dict):
            return {k: numbers(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [numbers(item, key) for item in value]
        return int(value) if key == "count" else value

    VALIDATOR.validate(numbers(content))


def test_outcomes_of_scenarios_fit():
    loaded = the_law.loaded()
    program = the_law.compiled()
    validator = jsonschema_rs.validator_for(json.loads((SCHEMAS / "outcome.schema.json").read_text()))
    for scenario in loaded.scenarios[::45]:
        outcome = evaluate(loaded.pack, program, accept(loaded.pack, scenario.facts), date(2026, 11, 24))
        validator.validate(json.loads(json.dumps(freeze(outcome))))
