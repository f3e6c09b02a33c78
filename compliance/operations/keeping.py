"""Nothing lost: a backup while the site runs, its return into an instance, and the check that a store is whole."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

import compliance
from compliance.config import SECRET_KEY, Places
from compliance.evidence.log_file import SealedHead
from compliance.law import sources
from compliance.operations import kept_file, rooms
from compliance.operations.kept_file import KeepingError, Manifest, wrong_system
from compliance.operations.sealed_file import SealError, read_key
from compliance.reports.identity import FILE_NAME as SIGNING_KEY
from compliance.storage import copying, soundness
from compliance.storage.copying import CopyError
from compliance.storage.database import Database, why
from compliance.storage.soundness import Check, Fault, Head

_STORE = "pyramide.sqlite"
_BESIDE = ("", "-wal", "-shm")
_LEFT = (*(f"{_STORE}{end}" for end in _BESIDE), *(f"queue.sqlite{end}" for end in _BESIDE))
_SECRETS = {
    kept_file.SECRET_KEY: SECRET_KEY,
    kept_file.SIGNING_KEY: SIGNING_KEY,
}  # names in a backup and in an instance
_NOT_OPENED = (ArgumentError, NoSuchModuleError, ImportError)


@dataclass(frozen=True, slots=True)
class Examined:
    """What the check of a store found."""

    schema: str
    checks: tuple[Check, ...]
    heads: tuple[Head, ...]

    @property
    def sound(self) -> bool:
        """Tell whether nothing is wrong."""
        return not any(check.faults for check in self.checks)


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup that was written."""

    path: Path
    sealed: bool
    manifest: Manifest
    examined: Examined


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was put back: where its store is, where what was there lies now, if anything was."""

    store: str
    aside: Path | None
    manifest: Manifest
    examined: Examined


class NotSoundError(Exception):
    """What a backup holds is not whole, and nothing was put back."""

    def __init__(self, examined: Examined) -> None:
        super().__init__("not sound")
        self.examined = examined


def examine(connection: Connection, kept: Sequence[SealedHead] = ()) -> Examined:
    """Check a store, and its logs against heads that were kept outside."""
    checks = soundness.structure(connection)
    try:
        schema, state = soundness.schema_of(connection)
        heads = soundness.heads(connection) if state != soundness.UNKNOWN else []
    except (DatabaseError, ValueError) as error:
        return Examined("", (*checks, Check("schema", 1, (soundness.breaks_off(error),))), ())
    fault = () if state == soundness.CURRENT else (Fault(f"schema_{state}", {"schema": schema or "—"}),)
    checks.append(Check("schema", 1, fault))
    if state == soundness.CURRENT:
        checks += [*soundness.contents(connection), _law(connection)]
    if kept:
        checks.append(_kept_heads(connection, kept))
    return Examined(schema, tuple(checks), tuple(heads))


def _law(connection: Connection) -> Check:
    """Check that every text of the law that the store keeps can be loaded, and is the one of its hash."""
    count, faults = 0, []
    try:
        for name, hash_, content in soundness.law_texts(connection):
            count += 1
            if not _loads(content, hash_):
                faults.append(Fault("law_changed", {"pack": name, "hash": hash_[:12]}))
    except DatabaseError as error:
        faults.append(soundness.breaks_off(error))
    return Check("law", count, tuple(faults))


def _loads(content: bytes, hash_: str) -> bool:
    try:
        return sources.open_packed(content).hash == hash_
    except sources.PackFileError:
        return False


def _kept_heads(connection: Connection, kept: Sequence[SealedHead]) -> Check:
    faults = []
    for sealed in kept:
        head = sealed.head
        if soundness.root_at(connection, head.org, head.size) != head.root:
            faults.append(Fault("head_differs", {"organisation": head.organisation, "size": head.size}))
    return Check("heads", len(kept), tuple(faults))


def check_store(places: Places, kept: Sequence[SealedHead] = ()) -> Examined:
    """Check the store of an instance as it stands. Raises KeepingError.

    One of an earlier schema is checked as a copy that is brought up to the present one, as the site would do.
    """
    with _opened(places) as database:
        file = copying.sqlite_file(places.database_url)
        found = _with_role(database, _examined(database, kept))
        if file is None or not _has(found, "schema_older"):
            return found
    with _room(places.instance, ".checking-") as room:
        return _brought_up(_copied(file, room / _STORE), kept)


def _examined(database: Database, kept: Sequence[SealedHead] = ()) -> Examined:
    try:
        with database.reading() as connection:
            return examine(connection, kept)
    except (DatabaseError, ValueError) as error:  # so broken that it does not open
        return Examined("", (Check("pages", 0, (soundness.breaks_off(error),)),), ())


def _with_role(database: Database, found: Examined) -> Examined:
    """Add what the role may do that the site's must not: said of a store at work, not of a backup or its owner."""
    try:
        with database.reading() as connection:
            return replace(found, checks=(*found.checks, *soundness.standing(connection)))
    except DatabaseError:
        return found  # which says so already


def _brought_up(path: Path, kept: Sequence[SealedHead] = ()) -> Examined:
    """Check an SQLite store of ours alone, brought up to the present schema first."""
    database = Database(f"sqlite:///{path}")
    try:
        found = _examined(database, kept)
        if _has(found, "schema_older"):
            database.migrate()
            found = _examined(database, kept)
    finally:
        database.close()
    return found


@contextlib.contextmanager
def _opened(places: Places) -> Iterator[Database]:
    """Open the store of an instance, which must be there: an absent one would be made. Raises KeepingError."""
    try:
        file = copying.sqlite_file(places.database_url)
        if file is not None:
            _there(file)
        database = Database(places.database_url)
    except _NOT_OPENED as error:
        raise KeepingError("store_unreadable", why=why(error)) from None
    try:
        yield database
    except CopyError as error:
        raise KeepingError(error.code, why=error.why) from None
    finally:
        database.close()


def _there(file: Path) -> None:
    try:
        if not copying.is_sqlite(file):
            raise KeepingError("not_store", path=file)
        with file.open("r+b"):
            pass
    except FileNotFoundError:
        raise KeepingError("no_store_there", path=file) from None
    except OSError as error:
        raise wrong_system(error, file, "cannot_read") from None


@contextlib.contextmanager
def _room(folder: Path, prefix: str) -> Iterator[Path]:
    """Give a folder to work in, free of what killed processes left. Raises KeepingError."""
    with contextlib.ExitStack() as held:
        try:
            room = held.enter_context(rooms.room(folder, prefix))
        except OSError as error:
            raise wrong_system(error, folder, "cannot_write") from None
        yield room


def _copied(source: Path, target: Path) -> Path:
    try:
        copying.copy_sqlite(source, target)
    except CopyError as error:
        raise KeepingError(
            "disk_full" if "full" in error.why else error.code, path=target.parent, why=error.why
        ) from None
    return target


def _key(places: Places) -> bytes | None:
    try:
        return read_key(places.backup_key) if places.backup_key else None
    except SealError as error:
        raise KeepingError(error.code, path=places.backup_key) from None


def backup(places: Places, out: Path, now: datetime) -> Kept:
    """Write what the instance holds into one file, while the site runs. Raises KeepingError.

    The store is copied as it stands at one moment. Secrets are in the file where it is sealed with a key, and only
    then. A store that is not whole is written all the same: the manifest and what is returned say so.
    """
    key = _key(places)
    ending = "zip.sealed" if key else "zip"
    target = out / f"pyramide-{now:%Y-%m-%dT%H%M%SZ}.{ending}" if out.is_dir() else out
    if target.exists():
        raise KeepingError("exists", path=target)
    rooms.sweep(target.parent, ".pyramide-*.zip*.*")
    with _opened(places) as database, _room(places.instance, ".backup-") as room:
        file = copying.sqlite_file(places.database_url)
        store = room / (kept_file.STORE_SQLITE if file else kept_file.STORE_POSTGRESQL)
        examined = _store_copied(file, store) if file else _store_dumped(database, places.database_url, store)
        if _has(examined, "schema_unknown"):
            raise KeepingError("newer_schema", schema=examined.schema or "—")
        files = {store.name: store}
        secrets = {name: places.instance / held for name, held in _SECRETS.items() if (places.instance / held).exists()}
        if key:
            files |= secrets
        try:
            members = tuple(kept_file.member(name, path) for name, path in files.items())
        except OSError as error:
            raise wrong_system(error, places.instance, "cannot_read") from None
        at = now.isoformat(timespec="seconds")
        left_out = () if key else tuple(secrets)
        manifest = Manifest(
            at, compliance.__version__, examined.schema, examined.sound, members, left_out, examined.heads
        )
        kept_file.write(target, manifest, files, key)
    return Kept(target, key is not None, manifest, examined)


def _store_copied(file: Path, target: Path) -> Examined:
    database = Database(f"sqlite:///{_copied(file, target)}")
    try:
        return _as_it_stands(_examined(database))
    finally:
        database.close()


def _store_dumped(database: Database, url: str, target: Path) -> Examined:
    options = {"isolation_level": "REPEATABLE READ"}
    try:
        with database.engine.connect().execution_options(**options) as connection, connection.begin():
            copying.dump_postgresql(url, target, copying.export_snapshot(connection))
            return _as_it_stands(examine(connection))
    except DatabaseError as error:
        raise KeepingError("store_unreadable", why=why(error)) from None


def _as_it_stands(found: Examined) -> Examined:
    """Take an earlier schema for no fault: it is brought up when the backup is put back."""
    checks = [
        replace(check, faults=tuple(fault for fault in check.faults if fault.code != "schema_older"))
        for check in found.checks
    ]
    return replace(found, checks=tuple(checks))


def restore(
    path: Path, places: Places, now: datetime, *, replacing: bool = False, despite_faults: bool = False
) -> Restored:
    """Put a backup back into an instance. Raises KeepingError, NotSoundError.

    Everything is unpacked and checked beside its place first. What the instance held is moved aside, never removed.
    """
    key = _key(places)
    if not replacing and (places.instance / _STORE).exists():
        raise KeepingError("holds_store", path=places.instance)
    made = not places.instance.exists()
    try:
        with _room(places.instance, ".restoring-") as room:
            return _restored(kept_file.read(path, key, room), places, now, despite_faults=despite_faults)
    except OSError as error:
        raise wrong_system(error, places.instance, "cannot_write") from None
    finally:
        if made:
            with contextlib.suppress(OSError):
                places.instance.rmdir()  # only where nothing was put in it


def _restored(
    unpacked: tuple[Manifest, dict[str, Path]], places: Places, now: datetime, *, despite_faults: bool
) -> Restored:
    manifest, files = unpacked
    if dump := files.pop(kept_file.STORE_POSTGRESQL, None):
        store, examined = _into_postgresql(places.database_url, dump, manifest)
    else:
        store = str(places.instance / _STORE)
        examined = _compared(_brought_up(files[kept_file.STORE_SQLITE]), manifest)
    if _has(examined, "schema_unknown"):
        raise KeepingError("newer_schema", schema=examined.schema or "—")
    if not examined.sound and not despite_faults:
        raise NotSoundError(examined)
    return Restored(store, _put(files, places.instance, now), manifest, examined)


def _has(found: Examined, code: str) -> bool:
    return any(fault.code == code for check in found.checks for fault in check.faults)


def _compared(examined: Examined, manifest: Manifest) -> Examined:
    """Add whether the logs are those that the manifest names."""
    found = {head.org: head for head in examined.heads}
    faults = [
        Fault("head_differs", {"organisation": head.organisation, "size": head.size})
        for head in manifest.heads
        if found.get(head.org) is None or (found[head.org].size, found[head.org].root) != (head.size, head.root)
    ]
    check = Check("heads", len(manifest.heads), tuple(faults))
    return replace(examined, checks=(*examined.checks, check))


def _into_postgresql(url: str, dump: Path, manifest: Manifest) -> tuple[str, Examined]:
    """Load a dump into a database that must be empty; it is checked there, for nothing of anybody's is lost by it."""
    if copying.sqlite_file(url) is not None:
        raise KeepingError("needs_postgresql")
    try:
        database = Database(url)
        try:
            if inspect(database.engine).get_table_names():
                raise KeepingError("database_not_empty")
            copying.load_postgresql(url, dump)
            if manifest.schema:
                database.migrate()
            return database.engine.url.render_as_string(hide_password=True), _compared(_examined(database), manifest)
        finally:
            database.close()
    except CopyError as error:
        raise KeepingError(error.code, why=error.why) from None
    except (*_NOT_OPENED, DatabaseError) as error:
        raise KeepingError("store_unreadable", why=why(error)) from None


def _put(files: dict[str, Path], instance: Path, now: datetime) -> Path | None:
    """Move files into their places, the store last; return where what was there lies now. Raises KeepingError."""
    targets = {_SECRETS.get(name, _STORE): path for name, path in files.items()}
    moved = [name for name in targets if name != _STORE and _differs(instance / name, targets[name])]
    if _STORE in targets:
        if (instance / _STORE).exists() and not copying.at_rest(instance / _STORE):
            raise KeepingError("store_in_use", path=instance / _STORE)
        moved += [name for name in _LEFT if (instance / name).exists()]
    aside = instance / f"before-restore-{now:%Y-%m-%dT%H%M%SZ}" if moved else None
    done: list[str] = []
    try:
        if aside:
            aside.mkdir(mode=0o700)
            for name in moved:
                (instance / name).rename(aside / name)
                done.append(name)
        for name in sorted(targets, key=lambda name: name == _STORE):
            targets[name].chmod(0o600)
            targets[name].replace(instance / name)
        kept_file.sync_folder(instance)
    except OSError:
        for name in done:  # as it was
            with contextlib.suppress(OSError):
                (aside or instance / "").joinpath(name).rename(instance / name)
        raise
    return aside


def _differs(there: Path, new: Path) -> bool:
    return there.exists() and there.read_bytes() != new.read_bytes()
