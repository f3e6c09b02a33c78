"""A company's Word template looked at as the hostile file that it may be, before Word's own library reads it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from compliance.text import Text

SIZE_MOST = 5 * 1024 * 1024
_ENTRIES_MOST, _UNPACKED_MOST, _RATIO_MOST = 200, 50 * 1024 * 1024, 50
_PART_MOST = 8 * 1024 * 1024  # one part of text; Word's own stay far below
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_FILES = frozenset({"xml", "rels", "png", "jpg", "jpeg", "gif", "odttf"})
# fmt: off
_RELATIONS = frozenset(
    {
        "officeDocument", "core-properties", "extended-properties", "custom-properties", "thumbnail", "styles",
        "stylesWithEffects", "settings", "webSettings", "fontTable", "theme", "numbering", "footnotes", "endnotes",
        "comments", "commentsExtended", "commentsIds", "commentsExtensible", "people", "header", "footer", "image",
        "hyperlink", "customXml", "customXmlProps", "glossaryDocument", "font",
    }
)
_FIELDS = frozenset(
    {
        "=", "AUTHOR", "COMMENTS", "CREATEDATE", "DATE", "DOCPROPERTY", "FILENAME", "HYPERLINK", "IF", "KEYWORDS",
        "NOTEREF", "NUMPAGES", "PAGE", "PAGEREF", "PRINTDATE", "REF", "SAVEDATE", "SECTION", "SECTIONPAGES", "SEQ",
        "STYLEREF", "SUBJECT", "SYMBOL", "TIME", "TITLE", "TOC",
    }
)
# fmt: on
_ELEMENTS = frozenset({"altChunk", "object", "OLEObject", "control", "mailMerge", "subDoc", "movie"})
_ADDRESS = re.compile(r"(https?://|mailto:)", re.IGNORECASE)

_NOT_WORD = Text(
    "Ce fichier n'est pas un document Word (.docx). Enregistrez-le depuis Word au format « Document Word (.docx) », "
    "sans mot de passe.",
    "This file is not a Word document (.docx). Save it from Word as “Word Document (.docx)”, without a password.",
)
TOO_LARGE = Text(
    "Le fichier est trop gros : 5 Mo au plus, 200 éléments et 50 Mo une fois décompressé.",
    "The file is too large: at most 5 MB, and 200 parts and 50 MB once unpacked.",
)
_MACROS = Text(
    "Le modèle contient des macros ou des contrôles actifs. Enregistrez-le au format .docx, sans macros.",
    "The template holds macros or active controls. Save it as .docx, without macros.",
)


def _broken(name: str) -> Text:
    return Text(
        f"L'élément « {name} » est illisible ou déclare des entités. Ouvrez le modèle dans Word et enregistrez-le "
        "à nouveau.",
        f"The part “{name}” cannot be read or declares entities. Open the template in Word and save it again.",
    )


def inspect(content: bytes) -> list[Text]:
    """Return what forbids taking a template, in words; nothing is unpacked before its size is known."""
    if len(content) > SIZE_MOST:
        return [TOO_LARGE]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _parts(archive, len(content))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError):
        return [_NOT_WORD]
    except Exception as error:  # noqa: BLE001 - zlib and lzma have errors of their own
        return [_NOT_WORD if not isinstance(error, MemoryError) else TOO_LARGE]


def _parts(archive: zipfile.ZipFile, size: int) -> list[Text]:
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > _ENTRIES_MOST or unpacked > _UNPACKED_MOST or unpacked > _RATIO_MOST * size + 1024**2:
        return [TOO_LARGE]
    names = [part.filename for part in parts if not part.is_dir()]
    if len(set(names)) < len(names) or not {"[Content_Types].xml", "word/document.xml"} <= set(names):
        return [_NOT_WORD]
    problems = [problem for name in names for problem in _name_problems(name)]
    if problems:
        return _once(problems)
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            if part.file_size > _PART_MOST:
                return [TOO_LARGE]
            try:
                root = ElementTree.fromstring(archive.read(part), forbid_dtd=True)
            except (ParseError, DefusedXmlException, LookupError, ValueError):
                problems.append(_broken(part.filename))
                continue
            problems.extend(_content_problems(part.filename, root))
    return _once(problems)


def _once(problems: list[Text]) -> list[Text]:
    return list(dict.fromkeys(problems))


def _name_problems(name: str) -> Iterator[Text]:
    low = name.lower()
    if "vbaproject" in low or "vbadata" in low or "activex" in low:
        yield _MACROS
    elif name.startswith("/") or "\\" in name or ".." in name.split("/"):
        yield _NOT_WORD
    elif low.rpartition(".")[2] not in _FILES and not low.startswith("docprops/thumbnail."):
        yield Text(
            f"Le modèle contient « {name} » : seuls du texte et des images PNG, JPEG ou GIF sont acceptés. "
            "Retirez les objets incorporés.",
            f"The template holds “{name}”: only text and PNG, JPEG or GIF pictures are taken. Remove embedded objects.",
        )


def _content_problems(name: str, root: Element) -> Iterator[Text]:
    if name == "[Content_Types].xml":
        yield from _type_problems(root)
    elif name.endswith(".rels"):
        yield from _relation_problems(root)
    else:
        yield from _element_problems(root)


def _type_problems(root: Element) -> Iterator[Text]:
    types = [element.get("ContentType", "") for element in root]
    if any("macro" in found.lower() or "vba" in found.lower() for found in types):
        yield _MACROS
    elif _MAIN not in types:
        yield _NOT_WORD


def _relation_problems(root: Element) -> Iterator[Text]:
    for element in root:
        kind = element.get("Type", "").rpartition("/")[2]
        target = element.get("Target", "")
        outside = element.get("TargetMode", "Internal") != "Internal"
        plain_link = kind == "hyperlink" and (_ADDRESS.match(target) or (not outside and target.startswith("#")))
        if kind not in _RELATIONS or (outside and not plain_link):
            yield Text(
                f"Le modèle va chercher quelque chose au dehors ou incorpore un objet ({kind} : {target[:80]}). "
                "Incorporez les images, détachez le modèle lié, retirez l'objet ; seuls des liens http, https ou "
                "mailto peuvent mener ailleurs.",
                f"The template fetches something from outside or embeds an object ({kind}: {target[:80]}). "
                "Embed pictures, detach the linked template, remove the object; only http, https or mailto links may "
                "lead elsewhere.",
            )


def _element_problems(root: Element) -> Iterator[Text]:
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        if name in _ELEMENTS:
            yield Text(
                f"Le modèle contient un élément « {name} » (objet, publipostage ou document inséré) : retirez-le.",
                f"The template holds a “{name}” element (object, mail merge or inserted document): remove it.",
            )
    for field in _fields(root):
        word, _, rest = field.strip().partition(" ")
        unsafe_link = word.upper() == "HYPERLINK" and not (_ADDRESS.match(rest.strip(' "')) or r"\l" in rest)
        if word.upper() not in _FIELDS or "{{" in field or "{%" in field or unsafe_link:
            yield Text(
                f"Le champ Word « {field.strip()[:80]} » n'est pas accepté : il pourrait lire un fichier ou lancer "
                "un programme.",
                f"The Word field “{field.strip()[:80]}” is not taken: it could read a file or start a program.",
            )


def _fields(root: Element) -> Iterator[str]:
    """Yield the instruction of each field, however Word split or nested it."""
    open_: list[str | None] = []  # None once the instruction is over and the field's result follows
    for element in root.iter():
        if element.tag == f"{_WORD}fldSimple":
            yield element.get(f"{_WORD}instr", "")
        elif element.tag == f"{_WORD}instrText":
            if open_ and open_[-1] is not None:
                open_[-1] += element.text or ""
            else:
                yield element.text or ""
        elif element.tag == f"{_WORD}fldChar":
            kind = element.get(f"{_WORD}fldCharType")
            if kind == "begin":
                open_.append("")
            elif open_ and kind in ("separate", "end"):
                if open_[-1] is not None:
                    yield open_[-1]
                    open_[-1] = None
                if kind == "end":
                    open_.pop()
    yield from (field for field in open_ if field is not None)
