"""A change of the law replayed over stored use cases, beside the evaluator case by case; and proofs and meaning.

script/benchmark impact [1000 10000 100000 1000000]
"""

import json
import random
import resource
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

from sqlalchemy import insert

from compliance.assessment.evaluate import evaluate
from compliance.assessment.facts import accept_known
from compliance.law import meaning, proofs
from compliance.law.compiling import compile_pack
from compliance.law.loading import load, load_pack
from compliance.law.shelf import Files, Folder, everything
from compliance.operations import dossiers, impact
from compliance.storage import tables
from compliance.storage.database import Database

RULES = Path(__file__).parent.parent / "rules"
ON = date(2026, 11, 24)
PACK = "ai-act-2026"
EDIT = ("- staff: {less_than: 750}", "- staff: {less_than: 100}")


def fill(database: Database, count: int) -> None:
    """Put use cases into real tables: answers of scenarios, mixed, a third of them left half open."""
    draw = random.Random(count)
    seeds = [dict(scenario.facts) for scenario in load_pack(PACK, RULES, scenarios=True).scenarios]
    now = datetime(2026, 11, 24, tzinfo=UTC)
    with database.writing() as connection:
        org = {"id": "o" * 32, "name": "n", "language": "fr", "pack": PACK, "created_at": now, "version": 1}
        person = {"id": "p" * 32, "email": "p@example.com", "name": "p", "created_at": now}
        connection.execute(insert(tables.organisation), [org])
        connection.execute(insert(tables.person), [person])
        rows = []
        for number in range(count):
            facts = {**draw.choice(seeds), **dict(draw.sample(sorted(draw.choice(seeds).items(), key=str), 4))}
            keep = 0.6 if number % 3 == 0 else 1
            known = {name: value for name, value in facts.items() if value != "unknown" and draw.random() < keep}
            rows.append(
                {
                    "org_id": org["id"], "id": f"{number:032x}", "reference": number + 1, "name": f"Use {number}",
                    "pack": PACK, "levels": "minimal", "created_by": person["id"], "created_at": now,
                    "changed_at": now, "known": dossiers.in_short(known),
                }
            )  # fmt: skip
            if len(rows) == 10_000:
                connection.execute(insert(tables.use_case), rows)
                rows = []
        if rows:
            connection.execute(insert(tables.use_case), rows)


def edited(old: str, new: str):
    """Return the pack with one replacement, as a draft has it."""
    folder = Folder(RULES, {})
    files = everything(folder)
    path = next(path for path, data in files.items() if "/scenarios/" not in path and old in data.decode())
    files[path] = files[path].decode().replace(old, new, 1).encode()
    return Files(files)


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def replay(count: int, before) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/store.sqlite")
        database.migrate()
        fill(database, count)
        files = edited(*EDIT)
        load(PACK, files)  # trees of unchanged files are kept, as while somebody types
        began = perf_counter()
        with database.reading() as connection:
            gathered = impact.gather(connection, PACK)
        read = perf_counter()
        after = compile_pack(load(PACK, files).pack)
        loaded = perf_counter()
        effect = impact.effect(gathered, lambda _name: before, after, 3.0)
        data = impact.data(effect, after.pack, before.pack)
        done = perf_counter()
        sample = [dict(_facts(line)) for line in gathered.rows.known[: min(count, 300)]]
        alone = perf_counter()
        for facts in sample:
            for program in (before, after):
                evaluate(program.pack, program, accept_known(program.pack, facts), ON, brief=True)
        one_by_one = (perf_counter() - alone) / len(sample) * count
        figures = (
            f"{count:,}", f"{read - began:.2f}", f"{loaded - read:.2f}", f"{done - loaded:.2f}", f"{done - began:.2f}",
            f"{done - read:.2f}", f"{one_by_one:.0f}", f"{data['changed']:,}", f"{data['undecided']:,}", str(peak()),
        )  # fmt: skip
        print(f"| {' | '.join(figures)} |", flush=True)
        database.close()


def _facts(text: str):
    for line in text.split("\n"):
        if line:
            name, _, value = line.partition("=")
            yield name, json.loads(value)


def main() -> None:
    programs = []
    for name in ("ai-act", PACK):
        began = perf_counter()
        programs.append(compile_pack(load_pack(name, RULES).pack))
        loaded = perf_counter()
        found = proofs.prove(programs[-1])
        print(f"proofs of {name}: {perf_counter() - loaded:.1f} s ({sum(p.checked for p in found)} statements checked, "
              f"all hold: {all(p.holds for p in found)}); load {loaded - began:.2f} s")  # fmt: skip
    began = perf_counter()
    found = meaning.compare(*programs)
    print(f"meaning, ai-act to {PACK}: {perf_counter() - began:.1f} s, {len(found.changes)} changes, "
          f"{len(found.undecided)} undecided")  # fmt: skip
    began = perf_counter()
    small = meaning.compare(programs[1], compile_pack(load(PACK, edited(*EDIT)).pack))
    print(f"meaning of one edit, load included: {perf_counter() - began:.1f} s, {len(small.changes)} changes\n")
    head = ("use cases", "cold read s", "load s", "replay s", "all s", "while typing s", "one by one s", "changed")
    print(f"| {' | '.join((*head, 'undecided', 'peak MB'))} |\n{'| ---: ' * 10}|")
    for count in [int(word) for word in sys.argv[1:]] or [1_000, 10_000, 100_000]:
        replay(count, programs[1])


if __name__ == "__main__":
    main()
