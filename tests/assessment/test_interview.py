"""Candidate answers tell every condition apart."""

from compliance.assessment.facts import truth_of
from compliance.assessment.interview import candidates
from compliance.law.compiling import compile_pack
from tests.factories import T, write_pack

LEVELS = [
    f"  high: {{rank: 1, title: {T}, description: {T}, cite: other, when: told}}",
    f"  low: {{rank: 2, title: {T}, description: {T}, cite: other}}",
]


def test_numbers_and_days_have_an_answer_on_both_sides_of_every_threshold(tmp_path):
    condition = "{any: [{size: {at_least: 10}}, {size: {more_than: 20}}, {day: {before: 2026-01-01}}]}"
    loaded = write_pack(tmp_path, [f"  told: {{title: {T}, cite: other, when: {condition}}}"], LEVELS, [])
    program = compile_pack(loaded.pack)
    for name in ("size", "day"):
        answers = candidates(program, loaded.pack.facts[name])
        for number in program.by_fact[name]:
            assert {truth_of(program.atoms[number], answer) for answer in answers} == {True, False}
