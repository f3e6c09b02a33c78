"""The other forms of a report: each opened and read as its reader would."""

import copy
import io
import json
from datetime import date, datetime, timedelta
from pathlib import Path

import jsonschema_rs
import openpyxl
import pytest
from icalendar import Calendar

from compliance.assessment.evaluate import evaluate
from compliance.reports import act_record, forms
from compliance.reports.plan import grouped
from compliance.reports.record import Case
from compliance.reports.sample import sample
from tests.reports import portraits

SCHEMAS = Path("rules/schema")


@pytest.fixture(scope="module")
def samples():
    return {"fr": sample("fr"), "en": sample("en")}


@pytest.fixture(params=["fr", "en"])
def record(samples, request):
    return copy.deepcopy(samples[request.param])


def of(record, form):
    return forms.FORMS[form].make(record, record["language"])


def validator():
    outcome = json.loads((SCHEMAS / "outcome.schema.json").read_text())
    registry = jsonschema_rs.Registry([("json-schema:///outcome.schema.json", outcome)])
    report = json.loads((SCHEMAS / "report.schema.json").read_text())
    return jsonschema_rs.validator_for(report, registry=registry, validate_formats=True)


def test_every_form_is_made_twice_alike(record):
    for form in forms.available(record):
        assert of(record, form.id) == of(record, form.id)
        assert form.title.fr
        assert form.title.en


def test_the_data_fit_their_schema(record):
    validator().validate(json.loads(of(record, "json")))


def test_a_portfolio_fits_too():
    record = json.loads(forms.FORMS["json"].make(portraits.portfolio(12), "fr"))
    validator().validate(record)
    record["cases"][3]["duties"][0]["applies_from"] = "soon"
    assert not validator().is_valid(record)


def test_the_records_of_the_act_fit_too():
    loaded, program = portraits.law()
    facts = portraits.facts_of(portraits.HIGH_RISK)
    outcome = evaluate(loaded.pack, program, facts, portraits.ON)
    case = Case("UC-1", "Tri", "", facts, ())
    for id_ in loaded.pack.records:
        record = act_record.of_act_record(id_, case, program, outcome, portraits.envelope())
        validator().validate(json.loads(forms.FORMS["json"].make(record, "fr")))
        del record["act_record"]["parts"][0]["items"][0]["known"]
        assert not validator().is_valid(record)


def test_a_draft_fits_too(record):
    validator().validate(record | {"number": None, "supersedes": None, "log": None})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("number",), 7),
        (("number",), "R-1"),
        (("made", "at"), "25 November"),
        (("format",), "pyramide-report/2"),
        (("levels",), []),
        (("log", "root"), "abc"),
        (("answers", 0, "unknown"), "no"),
        (("outcome", "on"), "2026-13-45"),
        (("outcome", "level", "decided"), "yes"),
        (("outcome", "obligations", 0, "action"), {"fr": "seul"}),
        (("surplus",), 1),
    ],
)
def test_altered_data_do_not(record, path, value):
    place = record
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not validator().is_valid(record)


@pytest.mark.parametrize("key", ["number", "log", "outcome", "facts", "made", "kind"])
def test_data_with_something_missing_do_not(record, key):
    del record[key]
    assert not validator().is_valid(record)


def book(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def test_the_plan_has_a_row_an_obligation(record):
    plan, report = book(of(record, "xlsx")).worksheets
    duties = [duty for _, items in grouped(record["outcome"]["obligations"]) for _, duty in items]
    assert len(duties) == len(record["outcome"]["obligations"])
    lang = record["language"]
    assert plan.max_row == len(duties) + 1
    head = [cell.value for cell in plan[1]]
    rows = [dict(zip(head, (cell.value for cell in row), strict=True)) for row in plan.iter_rows(min_row=2)]
    what, applies = (
        ("Ce qu'il faut faire", "Applicable à partir du") if lang == "fr" else ("What to do", "Applies from")
    )
    fine = "Plafond d'amende (€)" if lang == "fr" else "Fine ceiling (€)"
    for row, duty in zip(rows, duties, strict=True):
        assert row[what].replace("\u00a0", " ") == duty["action"][lang].replace("\u00a0", " ")
        day = row[applies]
        assert (day.date().isoformat() if day else None) == duty["applies_from"]
        assert row[fine] == (duty["penalty"] and duty["penalty"]["ceiling"])
    found = plan.cell(2, head.index("Articles") + 1).hyperlink
    link = f"{found.target}#{found.location}"
    assert link == duties[0]["citations"][0]["url"][lang]
    assert plan.freeze_panes == "B2"
    assert plan.auto_filter.ref.startswith("A1:")
    assert (plan.page_setup.orientation, plan.page_setup.fitToHeight, plan.print_title_rows) == (
        "landscape",
        0,
        "$1:$1",
    )
    said = {row[0].value: row[1].value for row in report.iter_rows()}
    assert record["number"] in said.values()
    assert record["outcome"]["pack"]["hash"] in said.values()
    assert any(record["log"]["root"] in (value or "") for value in said.values())


def test_the_plan_of_a_portfolio_has_the_duties_of_all_its_cases():
    record = portraits.portfolio(12)
    plan, report = book(forms.FORMS["xlsx"].make(record, "en")).worksheets
    head = [cell.value for cell in plan[1]]
    assert "Fine ceiling (€)" not in head
    rows = list(plan.iter_rows(min_row=2, values_only=True))
    assert [row[1] for row in rows] == [case["reference"] for case in record["cases"] for _ in case["duties"]]
    assert all(row[3] and row[4] for row in rows)
    planned = [action["owner"] for case in record["cases"] for action in case["actions"]]
    assert {row[head.index("Owner")] for row in rows if row[head.index("Owner")]} <= set(planned)
    said = [cell.value for row in report.iter_rows() for cell in row]
    assert all(law["hash"] in said for law in record["laws"])


def test_the_calendar_of_a_portfolio_says_how_many_a_day():
    record = portraits.portfolio(12)
    events = Calendar.from_ical(forms.FORMS["ics"].make(record, "en")).walk("VEVENT")
    for total in record["totals"]["dates"]:
        (event,) = (
            found
            for found in events
            if found["DTSTART"].dt.isoformat() == total["day"] and not found["SUMMARY"].startswith("Due")
        )
        assert event["SUMMARY"].startswith(f"{total['duties']} obligation")
        assert event["SUMMARY"].endswith(f"use cases: {total['cases']}")


def test_nothing_typed_becomes_a_formula(record):
    record["actions"][0] |= {
        "owner": "=1+1",
        "comment": '=HYPERLINK("http://x","y")',
        "evidence": [{"title": "@SUM(A1)"}],
    }
    record["use_case"]["name"] = " +cmd|' /C calc'!A0"
    record["organisation"]["name"] = "=A1"
    content = of(record, "xlsx")
    for page in book(content).worksheets:
        for row in page.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert not str(cell.value or "").lstrip().startswith(("=", "+", "@", "-"))


def test_long_and_odd_texts_stay_in_their_cell(record):
    record["actions"][0]["comment"] = "ش" * 40_000 + "\x0b\x00"
    record["use_case"]["name"] = "Prüf🤖" * 50
    page = book(of(record, "xlsx")).worksheets[0]
    assert page.cell(2, 3).value == "Prüf🤖" * 50


def test_the_calendar_has_each_date_and_each_due_day(record):
    calendar = Calendar.from_ical(of(record, "ics"))
    duties, actions = record["outcome"]["obligations"], record["actions"]
    events = calendar.walk("VEVENT")
    days = {duty["applies_from"] for duty in duties if duty["applies_from"]}
    assert sorted(event["DTSTART"].dt.isoformat() for event in events) == sorted(
        [*days, *(action["due"] for action in actions)]
    )
    made = datetime.fromisoformat(record["made"]["at"])
    for event in events:
        assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(days=1)
        assert event["DTSTAMP"].dt == made
        assert event["SUMMARY"].params["LANGUAGE"] == record["language"]
        alarms = [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")]
        assert alarms == ([timedelta(days=-30)] if event["DTSTART"].dt > made.date() else [])
    for duty in duties:
        if duty["applies_from"]:
            event = next(found for found in events if found["DTSTART"].dt == date.fromisoformat(duty["applies_from"]))
            cited = duty["citations"][0]["shown"][record["language"]]
            assert cited.replace("\u00a0", " ") in event["DESCRIPTION"].replace("\u00a0", " ")


def test_calendar_days_keep_their_identifier(record):
    first = Calendar.from_ical(of(record, "ics")).walk("VEVENT")
    record["number"] = "R-2027-0001"
    record["made"]["at"] = "2027-01-05T09:00:00+00:00"
    record["actions"][0]["due"] = "2027-09-30"
    second = Calendar.from_ical(of(record, "ics")).walk("VEVENT")
    assert {event["UID"] for event in first} == {event["UID"] for event in second}
    assert len({event["UID"] for event in first}) == len(first)
    assert all(b["SEQUENCE"] > a["SEQUENCE"] for a, b in zip(first, second, strict=True))
    record["organisation"]["name"] = "Autre"
    other = Calendar.from_ical(of(record, "ics")).walk("VEVENT")
    assert not {event["UID"] for event in first} & {event["UID"] for event in other}


def test_an_action_that_is_closed_leaves_the_calendar(record):
    record["actions"][0]["closed"] = True
    states = [event.get("STATUS") for event in Calendar.from_ical(of(record, "ics")).walk("VEVENT")]
    assert states.count("CANCELLED") == 1


def test_the_calendar_is_folded_and_nothing_typed_breaks_out_of_a_line(record):
    record["use_case"]["name"] = "x\r\nEND:VEVENT\r\nBEGIN:VEVENT;,\\🤖" + "é" * 300
    content = of(record, "ics")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    events = Calendar.from_ical(content).walk("VEVENT")
    plain = Calendar.from_ical(of(record | {"use_case": record["use_case"] | {"name": "x"}}, "ics")).walk("VEVENT")
    assert len(events) == len(plain)
