"""Texts of the law kept by their content."""

import io
import shutil
import zipfile

import pytest

from compliance.law import sources
from compliance.law.loading import list_packs, load_pack
from compliance.law.schema import RULES


@pytest.mark.parametrize("name", list_packs(RULES))
def test_a_kept_pack_is_the_pack(name):
    packed = sources.pack_file(name, RULES)
    assert packed == sources.pack_file(name, RULES)
    pack = load_pack(name, RULES).pack
    assert sources.open_packed(packed).hash == pack.hash
    assert not [file for file in sources.collect(name, RULES) if "scenarios" in file]


def test_scenarios_are_no_part_of_a_pack():
    assert load_pack("ai-act-2026", RULES, scenarios=True).pack.hash == load_pack("ai-act-2026", RULES).pack.hash


def test_a_kept_pack_outlives_the_rules(tmp_path):
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules)
    packed, old = sources.pack_file("ai-act-2026", rules), load_pack("ai-act-2026", rules).pack.hash
    file = next(path for path in sorted((rules / "ai-act").rglob("*.yaml")) if path.name != "pack.yaml")
    file.write_text(file.read_text() + "\n# another text\n")
    assert load_pack(rules / "ai-act-2026", rules).pack.hash != old
    shutil.rmtree(rules)
    assert sources.open_packed(packed).hash == old


def zipped(files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


GOOD = {"pack.txt": b"a", "a/pack.yaml": b"pack: a\n"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_a_pack"),
        (b"text", "not_a_pack"),
        (sources.pack_file("ai-act", RULES)[:-50], "not_a_pack"),
        (zipped({}), "not_a_pack"),
        (zipped({**GOOD, "../evil.yaml": b""}), "not_a_pack"),
        (zipped({**GOOD, "/etc/evil.yaml": b""}), "not_a_pack"),
        (zipped({**GOOD, "a/../../evil.yaml": b""}), "not_a_pack"),
        (zipped({**GOOD, "pack.txt": b"../a"}), "not_a_pack"),
        (zipped({**GOOD, "a/big.yaml": bytes(60_000_000)}), "not_a_pack"),
        (zipped({f"a/{number}.yaml": b"" for number in range(3000)}), "not_a_pack"),
        (zipped({**GOOD, "a": b"", "a/b/c.yaml": b""}), "not_a_pack"),
        (zipped({**GOOD, "a/b": b"", "a/b/c.yaml": b""}), "not_a_pack"),
        (zipped(GOOD), "broken_pack"),
    ],
)
def test_a_file_that_holds_no_pack_is_refused_in_words(content, code):
    with pytest.raises(sources.PackFileError) as refused:
        sources.open_packed(content)
    assert refused.value.code == code
    assert refused.value.text.fr


def test_an_unknown_pack_cannot_be_kept():
    with pytest.raises(KeyError):
        sources.pack_file("none", RULES)
