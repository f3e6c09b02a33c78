"""The compiled program beside its rivals, on the real pack, in one run.

Every engine evaluates all conditions (definitions, levels, roles, findings, obligations, dates, fines) of one
case in three-valued logic. The rivals have two values only: each condition is given to them as a pair, "certainly
true" and "certainly false", layer by layer in the order of the definitions, each layer one compiled array (zen,
CEL) or one rule each (json-logic). Results are compared before anything is timed.
"""

import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import celpy
import zen
from json_logic import jsonLogic

from compliance.assessment.facts import accept, bits
from compliance.law.checking import definition_order, references
from compliance.law.compiling import all_conditions, atoms_of, compile_pack
from compliance.law.loading import load_pack
from compliance.law.terms import AtLeast, GroupKind, Not, Operator, Ref, Test

ROOT = Path(__file__).parent.parent
MANY = 100_000


def pair(condition, program, numbers):
    """Return (true, false) formulas: a name, or ("and" | "or", parts)."""
    if isinstance(condition, Ref):
        return f"d{numbers[condition.id]}t", f"d{numbers[condition.id]}f"
    if isinstance(condition, Not):
        return pair(condition.part, program, numbers)[::-1]
    if isinstance(condition, Test):
        parts = []
        for atom, positive in atoms_of(condition):
            names = f"a{program.index[atom]}t", f"a{program.index[atom]}f"
            parts.append(names if positive else names[::-1])
        conjunction, negated = condition.operator is Operator.ALL_OF, condition.operator is Operator.NONE_OF
    else:
        assert not isinstance(condition, AtLeast), "the published packs do not use it"
        parts = [pair(part, program, numbers) for part in condition.parts]
        conjunction, negated = condition.kind is GroupKind.ALL, condition.kind is GroupKind.NONE
    true, false = ("and", "or") if conjunction else ("or", "and")
    both = (true, [t for t, _ in parts]), (false, [f for _, f in parts])
    return both[::-1] if negated else both


def layers(pack, program):
    """Return lists of (name, formula): each layer needs only those before it."""
    order = definition_order(dict(pack.definitions))[0]
    numbers = {id_: number for number, id_ in enumerate(order)}
    depth, out = {}, []
    for id_ in order:
        definition = pack.definitions[id_]
        below = [depth[r] for r in (*references(definition.when), *references(definition.unless)) if r in depth]
        depth[id_] = max(below, default=-1) + 1
        true, false = pair(definition.when, program, numbers)
        if definition.unless is not None:
            unless = pair(definition.unless, program, numbers)
            true, false = ("and", [true, unless[1]]), ("or", [false, unless[0]])
        while len(out) <= depth[id_]:
            out.append([])
        out[depth[id_]] += [(f"d{numbers[id_]}t", true), (f"d{numbers[id_]}f", false)]
    last = []
    for slot, condition in all_conditions(pack).items():
        true, false = pair(condition, program, numbers)
        last += [((*slot, "t"), true), ((*slot, "f"), false)]
    return [*out, last], numbers


def infix(formula, conjunction, disjunction):
    if isinstance(formula, str):
        return formula
    word = conjunction if formula[0] == "and" else disjunction
    return "(" + f" {word} ".join(infix(part, conjunction, disjunction) for part in formula[1]) + ")"


def logic(formula):
    return {"var": formula} if isinstance(formula, str) else {formula[0]: [logic(part) for part in formula[1]]}


def run_layers(steps, context):
    context = dict(context)
    for names, evaluate in steps:
        context.update(zip(names, evaluate(context), strict=True))
    return context


def zen_steps(found):
    steps = []
    for layer in found:
        text = "[" + ", ".join(infix(formula, "and", "or") for _, formula in layer) + "]"
        steps.append(([name for name, _ in layer], zen.compile_expression(text).evaluate))
    return steps


def inlined(found):
    """Return one layer with every definition written out where it is used, for engines that pay per call."""
    known, out = {}, []

    def expand(formula):
        if isinstance(formula, str):
            return known.get(formula, formula)
        return formula[0], [expand(part) for part in formula[1]]

    for layer in found:
        for name, formula in layer:
            known[name] = expand(formula)
            out.append((name, known[name]))
    return [out]


def cel_steps(found):
    environment, steps = celpy.Environment(), []
    for layer in found:
        text = "[" + ", ".join(infix(formula, "&&", "||") for _, formula in layer) + "]"
        program = environment.program(environment.compile(text))
        steps.append(([name for name, _ in layer], program.evaluate))
    return steps


def logic_steps(found):
    def step(rules):
        return lambda context: [jsonLogic(rule, context) for rule in rules]

    return [([name for name, _ in layer], step([logic(formula) for _, formula in layer])) for layer in found]


def best(run, repeat, number):
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        for _ in range(number):
            run()
        times.append((time.perf_counter() - start) / number)
    return min(times), statistics.median(times)


def cpu_of(*command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "compliance.cli", *command], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def columns(rows):
    """Turn one row of 0 and 1 per case into one bit set per column."""
    return [int("".join("1" if bit else "0" for bit in column[::-1]), 2) for column in zip(*rows, strict=True)]


def main():
    loaded = load_pack("ai-act-2026", ROOT / "rules", scenarios=True)
    pack, program = loaded.pack, compile_pack(loaded.pack)
    cases = [bits(program, accept(pack, scenario.facts)) for scenario in loaded.scenarios]
    found, numbers = layers(pack, program)
    engines = {
        "zen-engine": zen_steps(found),
        "zen-engine, inlined": zen_steps(inlined(found)),
        "cel-python": cel_steps(found),
        "json-logic-qubit": logic_steps(found),
    }
    for true, false in cases[:20]:
        expected = program.run(true, false, 1)
        context = {f"a{n}{k}": bool(v[n]) for k, v in (("t", true), ("f", false)) for n in range(len(true))}
        for name, steps in engines.items():
            given = {k: celpy.celtypes.BoolType(v) for k, v in context.items()} if name == "cel-python" else context
            got = run_layers(steps, given)
            for (kind, id_), number in program.slots.items():
                if kind in ("is", "level"):
                    continue
                keys = [f"d{numbers[id_]}{k}" if kind == "definition" else (kind, id_, k) for k in "tf"]
                assert [bool(got[key]) for key in keys] == [bool(side[number]) for side in expected], (name, kind, id_)
    true, false = cases[len(cases) // 2]
    context = {f"a{n}{k}": bool(v[n]) for k, v in (("t", true), ("f", false)) for n in range(len(true))}
    cel_context = {k: celpy.celtypes.BoolType(v) for k, v in context.items()}
    result = {"conditions": len(program.slots), "atoms": len(program.atoms)}
    ours, _ = best(lambda: program.run(true, false, 1), 20, 50)
    result["pyramide, one case (µs)"] = round(ours * 1e6, 1)
    rivals = {}
    for name, steps in engines.items():
        given = cel_context if name == "cel-python" else context
        rivals[name], _ = best(lambda s=steps, g=given: run_layers(s, g), 5, 3)
        result[f"{name}, one case (µs)"] = round(rivals[name] * 1e6, 1)
    random.seed(7)
    chosen = [random.choice(cases) for _ in range(MANY)]
    many_true, many_false = (columns(rows) for rows in zip(*chosen, strict=True))
    mask = (1 << MANY) - 1
    many, _ = best(lambda: program.run(many_true, many_false, mask), 5, 1)
    result["pyramide, per case over 100,000 (µs)"] = round(many / MANY * 1e6, 4)
    fastest = min(rivals, key=rivals.get)
    result["fastest rival"] = fastest
    result["one case, times faster"] = round(rivals[fastest] / ours, 1)
    result["per case over 100,000, times faster"] = round(rivals[fastest] / (many / MANY))
    case = str(ROOT / "examples" / "recruitment.yaml")
    result["assess from a cold start (s of CPU)"] = round(min(cpu_of("assess", case) for _ in range(5)), 2)
    open_case = str(ROOT / "examples" / "half-answered.yaml")
    result["assess with open answers, solver asked (s of CPU)"] = round(
        min(cpu_of("assess", open_case) for _ in range(5)), 2
    )
    start = time.process_time()
    for name in ("ai-act", "ai-act-2026"):
        assert load_pack(name, ROOT / "rules", scenarios=True).pack
    result["load and check both packs with scenarios (s of CPU)"] = round(time.process_time() - start, 2)
    result["python"], result["machine"] = platform.python_version(), f"{platform.machine()}, {os.cpu_count()} cores"
    print(json.dumps(result, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
