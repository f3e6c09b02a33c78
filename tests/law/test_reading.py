"""Hostile and mistaken files: refused with a place and words, nothing executed."""

from pathlib import Path

import pytest

from compliance.law.loading import load_pack
from compliance.law.problems import as_github, word
from compliance.law.reading import MapNode, read_text
from tests.factories import HEAD, T

HOSTILE = {
    "alias": (b"a: &x 1\nb: *x\n", "alias", 1, 4),
    "bomb": (b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "alias", 1, 4),
    "python tag": (b"a: !!python/object/apply:os.system ['touch /tmp/owned']\n", "tag", 1, 4),
    "own tag": (b"a: !x 1\n", "tag", 1, 4),
    "merge": (b"a:\n  <<: {b: 1}\n", "merge_key", 2, 3),
    "duplicate": (b"a: 1\nb: 2\na: 3\n", "duplicate_key", 3, 1),
    "two documents": (b"a: 1\n---\nb: 2\n", "several_documents", 2, 1),
    "not utf-8": (b"a: caf\xe9\n", "not_utf8", 1, 7),
    "control": (b"a: \x07\n", "control_character", 1, 4),
    "byte order mark": (b"\xef\xbb\xbfa: 1\n", "control_character", 1, 1),
    "list as key": (b"? [a]\n: 1\n", "key_not_text", 1, 3),
    "deep": (b"a: " + b"[" * 60 + b"]" * 60 + b"\n", "too_deep", 1, None),
    "very deep": (b"[" * 100_000, "too_deep", 1, None),
    "broken": (b"a: [1, 2\nb: 3\n", "syntax", None, None),
    "empty": (b"", "empty", 1, 1),
    "tab": (b"a:\n\t- b\n", "syntax", 2, None),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_text_is_refused_with_its_place(name):
    data, code, line, column = HOSTILE[name]
    tree, problems = read_text(data, "x.yaml")
    assert tree is None
    assert [problem.code for problem in problems] == [code]
    assert line is None or problems[0].position.line == line
    assert column is None or problems[0].position.column == column
    for language in ("fr", "en"):
        assert word(problems[0], language).startswith("x.yaml:")


def test_values_stay_words():
    tree, problems = read_text(b"a: no\nb: 2026-01-01\nc: 1e25\nd: ~\n", "x.yaml")
    assert not problems
    assert isinstance(tree, MapNode)
    assert [value.value for _, value in tree.items] == ["no", "2026-01-01", "1e25", "~"]


def pack(tmp_path: Path, text: str, head: str = HEAD):
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "pack.yaml").write_text(head)
    (folder / "rules.yaml").write_text(text)
    return load_pack("tiny", tmp_path)


BASE = f"""sections: {{s: {{title: {T}, order: 1}}}}
facts:
  wet: {{type: boolean, section: s, order: 1, question: {T}, cite: other}}
  kind:
    {{type: choice, section: s, order: 2, question: {T}, cite: o, options: {{x: {{label: {T}}}, y: {{label: {T}}}}}}}
levels:
  top: {{rank: 1, title: {T}, description: {T}, cite: other, when: damp}}
  rest: {{rank: 2, title: {T}, description: {T}, cite: other}}
definitions:
"""
MISTAKES = {
    "  damp: {title: %T, cite: other, when: wat}\n": ("unknown_name", 'did you mean "wet"?'),
    "  damp: {title: %T, cite: other, when: {kind: z}}\n": ("unknown_option", "option"),
    "  damp: {title: %T, cite: other, when: {kind: {before: 2026-01-01}}}\n": ("wrong_test", "choice"),
    "  damp: {title: %T, cite: other, when: kind}\n": ("not_boolean", "any_of"),
    "  damp: {title: %T, cite: other, when: {all: []}}\n": ("empty_group", "empty"),
    "  damp: {title: %T, cite: other, when: {wet: true, kind: x}}\n": ("condition_keys", "one key"),
    "  damp: {title: %T, cite: other, when: {wet: no}}\n": ("bad_boolean", '"no"'),
    "  damp: {title: %T, cite: other, when: dry}\n  dry: {title: %T, cite: other, when: damp}\n": ("cycle", "→"),
    "  damp: {title: {fr: seul}, cite: other, when: wet}\n": ("missing_translation", '"en"'),
    "  damp: {title: %T, when: wet}\n": ("missing_key", '"cite"'),
    "  damp: {title: %T, cite: other, when: wet, colour: red}\n": ("unknown_key", "colour"),
    "  Damp: {title: %T, cite: other, when: wet}\n": ("bad_id", "identifier"),
    "  damp: {title: %T, cite: art. 6.1, when: wet}\n": ("bad_citation", "art. 6(1)(a)"),
    "  damp: {title: %T, cite: other, when: {at_least: {count: 3, of: [wet]}}}\n": ("count_range", "1 to 1"),
    "  wet: {title: %T, cite: other, when: {kind: x}}\n": ("duplicate_entry", "already exists"),
}


@pytest.mark.parametrize("text", sorted(MISTAKES))
def test_a_mistake_is_named_with_its_place_and_what_to_do(tmp_path, text):
    code, words = MISTAKES[text]
    loaded = pack(tmp_path, BASE + text.replace("%T", T))
    assert loaded.pack is None
    found = [problem for problem in loaded.problems if problem.code == code]
    assert found, [problem.code for problem in loaded.problems]
    assert found[0].position.line > 1
    assert words in word(found[0], "en")
    assert word(found[0], "fr") != word(found[0], "en")
    assert as_github(found[0], "en").startswith("::error file=")


def test_all_mistakes_come_at_once(tmp_path):
    text = (
        BASE + f"  damp: {{title: {T}, cite: other, when: wat}}\n  dry: {{title: {{fr: x}}, cite: other, when: wet}}\n"
    )
    loaded = pack(tmp_path, text)
    assert {"unknown_name", "missing_translation"} <= {problem.code for problem in loaded.problems}


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / "secret.yaml").write_text("facts: {}\n")
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "pack.yaml").write_text(HEAD)
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    assert "outside_folder" in {problem.code for problem in load_pack("tiny", tmp_path).problems}


def test_an_unknown_pack_names_the_nearest():
    loaded = load_pack("ai-act-2025", Path("rules"))
    assert loaded.pack is None
    assert "ai-act-2026" in word(loaded.problems[0], "en")
