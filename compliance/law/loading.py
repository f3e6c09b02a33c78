"""Packs from their folders: read, consolidate, build, check, with every problem at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from compliance.law import beyond, catalogue, derivations, records
from compliance.law import scenarios as tests
from compliance.law.amending import Sources, add_file, scalar_of, start_of
from compliance.law.building import Builder
from compliance.law.checking import check
from compliance.law.language import KEYS
from compliance.law.model import Definition, LegalText, Level, Pack, Provision
from compliance.law.problems import Problem, hinted, problem
from compliance.law.reading import ListNode, MapNode, Node, ScalarNode, read_text
from compliance.law.scenarios import Scenario
from compliance.law.shelf import PACK_NAME, Folder, Shelf
from compliance.law.terms import Group, GroupKind, Position, Ref
from compliance.text import Text

_PACK_KEYS = ("pack", "amends", "builds_on", "parts", "version", "title", "text", "consolidated")
_PART_KEYS = ("part", "title")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A pack, or None where there is an error, with its scenarios and problems.

    ``files`` are those of which the pack's hash is made, by path below the rules; ``stack`` names the packs that it
    is made of, the lowest first, ``parts`` the folders that belong to them; ``builds_on`` the pack that it adds to,
    where it is one on top.
    """

    pack: Pack | None
    scenarios: tuple[Scenario, ...]
    problems: tuple[Problem, ...]
    files: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))
    stack: tuple[str, ...] = ()
    builds_on: str | None = None
    parts: tuple[str, ...] = ()


@dataclass(slots=True)
class _Text:
    """One text on the way to a pack: the base, an amendment or a pack on top."""

    id: str
    version: str
    title: Text
    text: LegalText | None
    consolidated: str | None


@dataclass(slots=True)
class _State:
    shelf: Shelf
    sources: Sources
    texts: list[_Text]
    base: str
    provisions: dict[str, Provision]
    problems: list[Problem]
    digest: Any
    scenarios: bool
    files: dict[str, bytes]
    stack: list[str]
    mode: str = "base"
    parts: list[str] = field(default_factory=list)


def list_packs(rules: Path) -> tuple[str, ...]:
    """Return the names of the packs in the folder of rules."""
    return Folder(rules, {}).packs()


def load_pack(folder: Path | str, rules: Path, *, scenarios: bool = False) -> Loaded:
    """Load a pack by its name in ``rules`` or by its path; scenarios only when asked for."""
    path = Path(folder) if Path(folder).is_dir() and (Path(folder) / "pack.yaml").exists() else rules / folder
    return load(path.name, Folder(rules, {path.name: path}), scenarios=scenarios)


def load(name: str, shelf: Shelf, *, scenarios: bool = False) -> Loaded:
    """Load a pack from a shelf by its name; scenarios only when asked for."""
    state = _State(shelf, Sources(), [], "", {}, [], hashlib.sha256(), scenarios, {}, [])
    _add(state, name, ())
    if not state.texts:
        return Loaded(None, (), tuple(state.problems))
    return _finish(state, name)


_tree = lru_cache(maxsize=256)(read_text)
"""Trees are frozen: a file that did not change is parsed once, while another is typed in."""


def _read(state: _State, pack: str, path: str, *, counted: bool = True) -> Node | None:
    data, problems = state.shelf.read(pack, path)
    state.problems += problems
    if data is None:
        return None
    if counted:
        state.digest.update(PurePosixPath(path).name.encode() + b"\0" + data)
        state.files[f"{pack}/{path}"] = data
    tree, problems = _tree(data, state.shelf.shown(pack, path))
    state.problems += problems
    return tree


def _add(state: _State, name: str, path: tuple[str, ...]) -> None:
    """Add a pack, after those that it amends or builds on."""
    shown = state.shelf.shown(name, "pack.yaml")
    if name in path:
        state.problems.append(problem("pack_cycle", start_of(shown), id=name))
        return
    files = state.shelf.files(name)
    if "pack.yaml" not in files:
        found = hinted("pack_unknown", None, name, state.shelf.packs(), id=name)
        state.problems.append(found if not files else problem("pack_missing", start_of(shown)))
        return
    tree = _read(state, name, "pack.yaml")
    if tree is None:
        return
    if not isinstance(tree, MapNode):
        state.problems.append(problem("expected_mapping", tree.position))
        return
    for key, _ in tree.items:
        if key.value not in _PACK_KEYS:
            state.problems.append(hinted("unknown_key", key.position, key.value, _PACK_KEYS, key=key.value))
    mode = _base(state, tree, (*path, name))
    if mode is None:
        return
    state.stack.append(name)
    state.mode = mode  # in the end, that of the pack asked for
    _describe(state, tree, name)
    _provisions(state, name, files)
    before = len(state.sources.scenarios)
    for file in files:
        in_tests = "scenarios" in PurePosixPath(file).parts
        if file == "pack.yaml" or not file.endswith(".yaml") or (in_tests and (not state.scenarios or path)):
            continue
        content = _read(state, name, file, counted=not in_tests)
        if content is not None:
            state.problems += add_file(state.sources, content, state.texts[-1].id, mode)
    if path:
        del state.sources.scenarios[before:]
    if mode == "base":
        _parts(state, tree, (*path, name)[0])


def _parts(state: _State, tree: MapNode, asked: str) -> None:
    """Add the parts of a text, folders beside it: their files belong to it, their tests to the text asked for."""
    named = tree.get("parts")
    for item in named.items if isinstance(named, ListNode) else (named,) if named else ():
        if not isinstance(item, ScalarNode):
            state.problems.append(problem("expected_text", item.position))
            continue
        name = item.value
        files = state.shelf.files(name) if PACK_NAME.fullmatch(name) else ()
        if "part.yaml" not in files:
            state.problems.append(problem("part_missing", item.position, id=name))
            continue
        state.parts.append(name)
        head = _read(state, name, "part.yaml")
        for key, _ in head.items if isinstance(head, MapNode) else ():
            if key.value not in _PART_KEYS:
                state.problems.append(hinted("unknown_key", key.position, key.value, _PART_KEYS, key=key.value))
        for file in files:
            folders = PurePosixPath(file).parts
            in_tests = "scenarios" in folders
            if file == "part.yaml" or not file.endswith(".yaml"):
                continue
            if in_tests and not (state.scenarios and asked in folders):
                continue
            content = _read(state, name, file, counted=not in_tests)
            if content is not None:
                state.problems += add_file(state.sources, content, name, "base")


def _base(state: _State, tree: MapNode, path: tuple[str, ...]) -> str | None:
    """Load what this pack stands on; return its mode."""
    amends, builds = scalar_of(tree, "amends"), tree.get("builds_on")
    if amends is not None:
        if tree.get("pack") is not None:
            state.problems.append(problem("pack_kind", tree.position))
            return None
        name, _, version = amends.value.partition("@")
        _below(state, name, amends.position, path)
        if not state.texts:
            return None
        if version and state.texts[-1].version != version:
            found = state.texts[-1].version
            state.problems.append(problem("pack_version", amends.position, id=name, found=found, wanted=version))
        return "amends"
    if scalar_of(tree, "pack") is None:
        state.problems.append(problem("missing_key", tree.position, key="pack", entry="pack.yaml"))
        return None
    if builds is None:
        return "base"
    for item in builds.items if isinstance(builds, ListNode) else (builds,):
        if isinstance(item, ScalarNode):
            _below(state, item.value, item.position, path)
    return "builds_on" if state.texts else None


def _below(state: _State, name: str, at: Position, path: tuple[str, ...]) -> None:
    """Add the pack that this one stands on; a name is a folder of the rules, never a path."""
    packs = state.shelf.packs()
    if PACK_NAME.fullmatch(name) and name in packs:
        _add(state, name, path)
    else:
        state.problems.append(hinted("pack_unknown", at, name, packs, id=name))


def _describe(state: _State, tree: MapNode, folder: str) -> None:
    builder = Builder({}, "", {})
    id_, version = scalar_of(tree, "pack"), scalar_of(tree, "version")
    title = builder.text(tree.get("title")) or Text(folder, folder)
    if version is None:
        builder.problems.append(problem("missing_key", tree.position, key="version", entry="pack.yaml"))
    text_node, text = tree.get("text"), None
    if isinstance(text_node, MapNode):
        celex, eli = scalar_of(text_node, "celex"), scalar_of(text_node, "eli")
        text_title = builder.text(text_node.get("title"))
        if celex and eli and text_title:
            text = LegalText(celex.value, eli.value, text_title)
    consolidated_node = tree.get("consolidated")
    consolidated = scalar_of(consolidated_node, "celex") if isinstance(consolidated_node, MapNode) else None
    state.problems += builder.problems
    name = id_.value if id_ else folder
    if not state.texts:
        state.base = name
    state.texts.append(
        _Text(name, version.value if version else "", title, text, consolidated.value if consolidated else None)
    )


def _provisions(state: _State, name: str, files: tuple[str, ...]) -> None:
    start = start_of(state.shelf.shown(name, "provisions.json"))
    if "provisions.json" not in files:
        if len(state.texts) == 1:
            state.problems.append(problem("no_index", start, "warning"))
        return
    data, problems = state.shelf.read(name, "provisions.json")
    state.problems += problems
    if data is None:
        return
    state.digest.update(data)
    state.files[f"{name}/provisions.json"] = data
    try:
        found = [_provision(item) for item in json.loads(data)["provisions"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        state.problems.append(problem("unreadable", start, why=f"{type(error).__name__}: {error}"))
        return
    state.provisions.update({provision.id: provision for provision in found})


def _provision(item: dict[str, Any]) -> Provision:
    heading = item.get("heading")
    title = Text(heading["fr"], heading["en"]) if heading else None
    return Provision(item["id"], item["label"], title, item.get("parent"), bool(item.get("deleted", False)))


def _built(builder: Builder, section: str, method: Callable[[str, Any, MapNode], Any]) -> Mapping[str, Any]:
    found = {}
    for id_, entry in builder.entries.get(section, {}).items():
        node = builder.fields(entry.node, KEYS[section], id_)
        value = method(id_, entry, node) if node else None
        if value is not None:
            found[id_] = value
    return MappingProxyType(found)


def _levels(builder: Builder, sources: Sources, definitions: dict[str, Definition]) -> tuple[Level, ...]:
    """Return the levels by rank; what a pack on top raises becomes a definition of its own, so that it is cited."""
    levels = {level.id: level for level in _built(builder, "levels", builder.level).values()}
    for added in sources.raises:
        level, entry = levels.get(added.level), added.entry
        when = builder.condition(added.node.get("when"), entry)
        cite, because = builder.cite(added.node.get("cite")), builder.text(added.node.get("because"))
        if level is None or when is None or because is None or level.when is None:
            continue
        at, name = entry.key.position, f"{entry.prefix}raises_{level.id}"
        if name in definitions:
            where = definitions[name].position
            builder.problems.append(problem("duplicate_entry", at, id=name, where=where))
            continue
        definitions[name] = Definition(name, because, cite, when, at, because=because, source=entry.source)
        own = level.when.parts if level.raised_by and isinstance(level.when, Group) else (level.when,)
        either = Group(GroupKind.ANY, (*own, Ref(name, at)), at)
        levels[level.id] = replace(level, when=either, raised_by=(*level.raised_by, name))
    return tuple(sorted(levels.values(), key=lambda level: level.rank))


def _finish(state: _State, folder: str) -> Loaded:
    builder = Builder(state.sources.entries, state.base, state.provisions)
    sections = dict(_built(builder, "sections", builder.section))
    facts = dict(builder.build_facts())
    definitions = dict(_built(builder, "definitions", builder.definition))
    levels = _levels(builder, state.sources, definitions)
    modules = _built(builder, "modules", partial(beyond.module, builder))
    controls = _built(builder, "controls", partial(beyond.control, builder))
    sections |= {id_: beyond.section_of(found) for id_, found in modules.items()}
    facts |= {id_: beyond.fact_of(found) for id_, found in controls.items()}
    base, top = state.texts[0], state.texts[-1]
    pack = Pack(
        id=base.id if top.text or len(state.texts) == 1 else top.id,
        version=top.version,
        title=top.title,
        text=base.text or LegalText("", "", base.title),
        amended_by=tuple(text.text for text in state.texts[1:] if text.text),
        sections=MappingProxyType(sections),
        facts=MappingProxyType(facts),
        definitions=MappingProxyType(definitions),
        derivations=_built(builder, "derivations", partial(derivations.build, builder)),
        levels=levels,
        roles=_built(builder, "roles", builder.role),
        findings=_built(builder, "findings", builder.finding),
        obligations=_built(builder, "obligations", builder.obligation),
        deadlines=_built(builder, "deadlines", builder.deadline),
        penalties=_built(builder, "penalties", builder.penalty),
        owners=_built(builder, "owners", builder.owner),
        glossary=_built(builder, "glossary", builder.term),
        coverage=_built(builder, "coverage", builder.coverage),
        catalogue=_built(builder, "catalogue", partial(catalogue.build, builder)),
        records=_built(builder, "records", partial(records.build_record, builder)),
        record_items=_built(builder, "record_items", partial(records.build_item, builder)),
        modules=modules,
        controls=controls,
        training=_built(builder, "training", partial(beyond.training, builder)),
        supplies=_built(builder, "supplies", partial(beyond.supply, builder)),
        regimes=_built(builder, "regimes", partial(beyond.regime, builder)),
        regime_duties=_built(builder, "regime_duties", partial(beyond.regime_duty, builder)),
        provisions=MappingProxyType(state.provisions),
        consolidated=next((text.consolidated for text in reversed(state.texts) if text.consolidated), None),
        folder=folder,
        hash=state.digest.hexdigest(),
    )
    found = tests.build(builder, state.sources)
    problems = [*state.problems, *builder.problems]
    if not any(item.severity == "error" for item in problems):
        problems += check(pack)
    problems.sort(key=lambda item: (item.position is None, item.position or start_of("")))
    failed = any(item.severity == "error" for item in problems)
    below = state.stack[-2] if state.mode == "builds_on" else None
    return Loaded(
        None if failed else pack,
        () if failed else found,
        tuple(problems),
        state.files,
        tuple(state.stack),
        below,
        tuple(state.parts),
    )
