"""Packs kept by content: the files of which a pack's hash is made, in one file from which it can be loaded again."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
import zlib
from pathlib import Path

from compliance.law.loading import list_packs, load_pack
from compliance.law.model import Pack
from compliance.text import Text

_FILES_MOST, _BYTES_MOST = 2000, 50_000_000
_ROOT = "pack.txt"  # names the folder of the pack itself among those that it stands on
_NAME = re.compile(r"pack\.txt|[a-z][a-z0-9-]*(/[a-z0-9][a-z0-9._-]*)+", re.ASCII)
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day that a ZIP can hold

ERRORS = {
    "not_a_pack": Text(
        "ce n'est pas un paquet de règles conservé par Pyramide", "this is no rule pack kept by Pyramide"
    ),
    "broken_pack": Text(
        "le paquet de règles conservé ne se charge plus : il a été modifié, ou vient d'une autre version du programme",
        "the kept rule pack does not load any more: it was changed, or comes from another version of the program",
    ),
}


class PackFileError(ValueError):
    """A file holds no pack that can be used; ``code`` is one of ERRORS, ``text`` says it in words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = ERRORS[code]


def collect(folder: str, rules: Path) -> dict[str, bytes]:
    """Return the files that make a pack's hash, by their path below the rules: its own and those it stands on.

    Scenarios are no part of a pack. Raises KeyError where the rules have no such pack that loads.
    """
    loaded = load_pack(rules / folder, rules)
    if loaded.pack is None:
        raise KeyError(folder)
    return {file.relative_to(rules).as_posix(): file.read_bytes() for file in loaded.files}


def pack_file(folder: str, rules: Path) -> bytes:
    """Return a pack as one file: a ZIP, the same bytes for the same rules. Raises KeyError as ``collect``."""
    files = {_ROOT: folder.encode(), **collect(folder, rules)}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
    return made.getvalue()


def open_packed(content: bytes) -> Pack:
    """Return the pack in a file of ``pack_file``, loaded as any other. Raises PackFileError.

    Its hash is that of the files as they are: compare it with the one that was asked for.
    """
    files = _unpacked(content)
    root = files.pop(_ROOT, b"").decode("ascii", "replace")
    with tempfile.TemporaryDirectory(prefix="pyramide-law-") as folder:
        rules = Path(folder)
        try:
            for name, data in files.items():
                path = rules / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        except OSError:  # one name is both a file and a folder
            raise PackFileError("not_a_pack") from None
        if root not in list_packs(rules):
            raise PackFileError("not_a_pack")
        pack = load_pack(rules / root, rules).pack
    if pack is None:
        raise PackFileError("broken_pack")
    return pack


def _unpacked(content: bytes) -> dict[str, bytes]:
    """Return what a ZIP holds, within bounds, by names that lead nowhere else."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > _FILES_MOST or sum(entry.file_size for entry in entries) > _BYTES_MOST:
                raise PackFileError("not_a_pack")
            if not all(_NAME.fullmatch(entry.filename) for entry in entries):
                raise PackFileError("not_a_pack")
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise PackFileError("not_a_pack") from None
