"""Requests drawn from the OpenAPI document itself: nothing breaks, and every answer is as it says."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from compliance.web.api.table import OPERATIONS, ROOT
from tests.web.test_api import program, token  # noqa: F401 - fixtures

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]


def _sending(ask, mode, ids, asked):
    """Return what sends a drawn request and checks its answer; ids are mostly those of what is there."""

    def send(case):
        if mode is GenerationMode.POSITIVE and len(asked) % 4:
            case.path_parameters = {name: ids[name] for name in case.path_parameters or {}}
        response = case.call(headers=ask.headers)
        asked.append((case.operation.label, response.status_code))
        case.validate_response(response, checks=CHECKS)

    return send


@pytest.mark.parametrize("role", ["officer", pytest.param("auditor", marks=pytest.mark.thorough)])
def test_every_answer_is_as_described(app, program, office, role, examples):  # noqa: F811
    case_id, ask = office.finished(), program(role)
    action_id = program()("GET", f"/use-cases/{case_id}/actions", 200).get_json()["items"][0]["id"]
    report = program()("POST", f"/use-cases/{case_id}/reports", 202, {"form": "full", "issue": True}).get_json()
    schema = schemathesis.openapi.from_wsgi(f"{ROOT}/openapi.json", app)
    real = {"case_id": case_id, "fact": "technique", "name": "ai-act-2026"}
    asked = []
    drawn = settings(
        max_examples=examples(40),
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    for found in schema.get_all_operations():
        operation = found.ok()
        ids = real | {"id": action_id if "actions" in operation.path else report["id"]}
        for mode in GenerationMode:
            drawn(given(case=operation.as_strategy(mode))(_sending(ask, mode, ids, asked)))()
    assert len({label for label, _status in asked}) == len(OPERATIONS)
    assert {200, 404} <= {status for _label, status in asked}
