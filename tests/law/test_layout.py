"""Rule files laid out anew say what they said."""

from pathlib import Path

import pytest

from compliance.law.layout import WIDTH, CannotLayOutError, comments, tidy
from compliance.law.new_pack import template
from compliance.law.reading import ListNode, ScalarNode, read_text
from compliance.law.schema import RULES
from compliance.text import Text

FILES = sorted(RULES.rglob("*.yaml"))


def plain(node):
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    return {key.value: plain(value) for key, value in node.items}


def said(data):
    tree, problems = read_text(data, "")
    assert not problems
    return plain(tree)


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES[::12], ids=lambda path: path.relative_to(RULES).as_posix())
def test_a_shipped_file_says_the_same_keeps_its_remarks_and_moves_once(path):
    data = path.read_bytes()
    after = tidy(data)
    assert said(after) == said(data)
    assert comments(after.decode()) == comments(data.decode())
    assert tidy(after) == after
    for line in after.decode().split("\n"):
        if len(line) > WIDTH:  # one text, or one remark, that no layout shortens
            assert line.lstrip().startswith(("#", "- ")) or line.partition(": ")[2][:1] not in "{["


UNTIDY = b"""# Top
definitions:
      second:    # what it is
            when:   {all: [a, {b: {any_of: [x,   y]}}, {not: c}]}   # why
            # the source
            cite: [art. 6(1)(a)]
            title: {fr: "Un titre assez long pour ne pas tenir avec sa traduction sur une ligne de cent vingt signes",
               en: "A title that is long enough not to fit beside its translation on one line of a hundred and twenty"}
      # about the third
      third:
            checked: 2026-07-27
            cite: 'art. 5'
            title: {fr: "no", en: no}
            when: {n: {at_least: 010.50}}\x20\x20
"""

TIDY = """# Top
definitions:
  second: # what it is
    title:
      fr: "Un titre assez long pour ne pas tenir avec sa traduction sur une ligne de cent vingt signes"
      en: "A title that is long enough not to fit beside its translation on one line of a hundred and twenty"
    # the source
    cite: [art. 6(1)(a)]
    when: {all: [a, {b: {any_of: [x, y]}}, {not: c}]} # why
  # about the third
  third:
    title: {fr: "no", en: no}
    cite: 'art. 5'
    when: {n: {at_least: 010.50}}
    checked: 2026-07-27
"""


def test_indentation_order_and_width():
    assert tidy(UNTIDY).decode() == TIDY
    assert tidy(TIDY.encode()) == TIDY.encode()
    assert tidy(TIDY.replace("\n", "\r\n").encode()) == TIDY.encode()


def test_amended_entries_are_ordered_too():
    given = b"facts:\n  insert:\n    a:\n      order: 1\n      type: boolean\n  repeal:\n    b: {cite: art. 1}\n"
    assert b"      type: boolean\n      order: 1\n  repeal" in tidy(given)


@pytest.mark.parametrize(
    "data",
    [
        b"definitions:\n  a:\n    title: |\n      # no remark\n      text\n\n    when: x\n    cite: y\n",
        b"facts:\n  a: {}\n  b:\n  c: ''\n",
        b'a: "x\\u00e9\\ty"\n',
        "a: 'l''été'\nb: à  b\n".encode(),
        b"a: >-\n  folded\n  text\nb: [ # why\n  c, d]\n",
        b"'a b': 1\n? c\n: d\n",
        b"[]\n",
        b"word\n",
    ],
)
def test_what_is_written_otherwise_keeps_its_meaning(data):
    after = tidy(data)
    assert said(after) == said(data)
    assert comments(after.decode()) == comments(data.decode())
    assert tidy(after) == after


@pytest.mark.parametrize(
    ("data", "code"), [(b"a: &x b\n", "alias"), (b"a: [\n", "syntax"), (b"", "empty"), (b"\xff", "not_utf8")]
)
def test_what_is_no_rule_file_is_refused_with_its_place(data, code):
    with pytest.raises(CannotLayOutError) as refused:
        tidy(data, "x.yaml")
    assert [(found.code, found.position.file) for found in refused.value.problems] == [(code, "x.yaml")]


def test_the_template_is_laid_out():
    for data in template("acme", Text("a", "a"), "ai-act").values():
        assert tidy(data) == data


def test_it_stands_alone():
    importers = [
        p
        for p in Path("compliance").rglob("*.py")
        if "import ruamel" in p.read_text() or "from ruamel" in p.read_text()
    ]
    assert [p.name for p in importers] == ["layout.py"]
