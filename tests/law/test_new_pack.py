"""The template of an organisation's own pack."""

import pytest

from compliance.assessment import scenarios as running
from compliance.law.compiling import compile_pack
from compliance.law.loading import load
from compliance.law.new_pack import good_name, template
from compliance.law.proofs import prove
from compliance.law.schema import RULES
from compliance.law.shelf import Files, Folder, everything
from compliance.text import Text


@pytest.mark.parametrize("base", ["ai-act", "ai-act-2026"])
def test_the_template_is_right_as_it_stands(base):
    folder = Folder(RULES, {})
    content = everything(folder)
    title = Text('Charte "Acme" : règles', "Acme's charter: $rules # 1")
    content |= {f"acme/{path}": data for path, data in template("acme", title, base).items()}
    loaded = load("acme", Files(content), scenarios=True)
    assert not loaded.problems
    assert loaded.pack.title == title
    program = compile_pack(loaded.pack)
    assert len(loaded.scenarios) == 2
    assert all(running.run(loaded.pack, program, scenario).passed for scenario in loaded.scenarios)
    under = compile_pack(load(base, Files(content)).pack)
    ours = [
        (proof.kind, failure.id)
        for proof in prove(program, under, only=("never_lower", "no_dead_rule"))
        for failure in proof.failures
        if failure.id.startswith("acme:") or proof.kind == "never_lower"
    ]
    assert not ours


@pytest.mark.parametrize("name", ["", "Acme", "../acme", "acme/rules", "é", "a" * 41, "ac\nme"])
def test_a_name_that_is_no_name_is_refused(name):
    assert not good_name(name)
    assert good_name("acme")
