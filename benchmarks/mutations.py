"""What the fuzzer sends: the forms of pages as they stand, bodies from the API's schemas, and both made wrong."""

import io
import json
import random
import zipfile
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote_from_bytes

LIVE = "<script>fuzz(1)</script>"  # no answer in HTML may hold it as it stands
TEXTS = (
    *("", " ", "x" * 5_000, "y" * 70_000, LIVE, f'"><svg onload=fuzz(1)>{LIVE}', "{{7*7}}", "${7*7}", "{% raw %}"),
    *('=HYPERLINK("http://evil.example")', "=cmd|' /C calc'!A0", "@SUM(1)", "+1", "\t=1+1", "\uff1d1+1", "' OR 1=1 --"),
    *("\x00", "a\x00b", "\x1b[31m", "\x7f\x85", "\u202eevil", "\u2066x\u2069", "\ufeff", "\U0001f642", "\u0301" * 300),
    *("../../etc/passwd", "..%2f..%2fetc", "file:///etc/passwd", "javascript:fuzz(1)", "http://[", "a\r\nX-Evil: 1"),
    *("true", "false", "null", "None", "on", "unknown", "__class__", "constructor", "[]", "{}", "a@b.example", "@"),
    *("https://evil.example/", "x" * 300, "%s%(x)s{x}{0}"),
)
NUMBERS = (
    *(
        "0",
        "-1",
        "-0",
        "1",
        "1.5",
        "1,5",
        "1e400",
        "-1e400",
        "NaN",
        "Infinity",
        "9" * 18,
        "9" * 40,
        "9" * 5_000,
        "0x10",
    ),
    *("2147483648", "9223372036854775808", "\u0663\u0664", "\u00b2", "1_000", " 7 ", "+5", "1 000", "\u2460"),
)
DATES = (
    *("2026-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "-2026-01-01", "2026-11-28", "28/11/2026"),
    *("2026-11-28T25:61", "2026-W48-6", "20261128", "2026-11-28\x00", "\u0662\u0660\u0662\u0666-01-01"),
)
BYTES = (
    b"\xed\xa0\x80",
    b"\xed\xa0\xbd\xed\xb8\x80",
    b"\xff\xfe",
    b"\xc0\xaf",
    b"\xf4\x90\x80\x80",
    b"a\xe9",
    b"\x80" * 50,
)
ABSENT = "00000000-0000-4000-8000-000000000000"
IDS = (
    *(
        ABSENT,
        ABSENT.replace("-", ""),
        "g" * 32,
        "1",
        "",
        "A" * 32,
        "0" * 31,
        "\u0660" * 32,
        ABSENT.upper(),
        "x" * 4000,
    ),
)
NAMES = (  # fields that no form shows, but that code reads somewhere
    *("ids", "id", "key", "version", "page", "sort", "q", "site", "supplier", "owner", "owner_id", "state", "level"),
    *(
        "due",
        "due_before",
        "late",
        "due_soon",
        "archived",
        "from",
        "until",
        "to",
        "who",
        "what",
        "case",
        "kind",
        "form",
    ),
    *("left", "right", "older", "newer", "pack", "text", "next", "back", "away", "remove", "facts", "supplies", "new"),
    *("language", "seen", "line", "path", "csrf_token", "method", "_method", "columns", "whole", "date", "number"),
)


@dataclass
class PageForm:
    """A form of a page: where it is sent, and its fields as they stand."""

    action: str
    method: str
    fields: list[tuple[str, str, str]] = field(default_factory=list)  # name, kind, value
    options: dict[str, list[str]] = field(default_factory=dict)


class Reader(HTMLParser):
    """Reads the forms and the links of a page."""

    def __init__(self, here, text):
        super().__init__()
        self.here, self.forms, self.links, self._select, self._area = here, [], [], None, None
        self._by_id, self._text = {}, ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            made = PageForm(found.get("action") or self.here, found.get("method", "get").upper())
            self.forms.append(made)
            if "id" in found:
                self._by_id[found["id"]] = made
        elif tag == "a" and found.get("href", "").startswith("/"):
            self.links.append(found["href"].partition("#")[0])
        form = self._by_id.get(found.get("form", ""), self.forms[-1] if self.forms else None)
        name = found.get("name")
        if form is None or (not name and tag != "option"):
            return
        if tag == "select":
            self._select = (form, name)
        elif tag == "textarea":
            self._area, self._text = (form, name), ""
        elif tag == "option" and self._select:
            owner, named = self._select
            owner.options.setdefault(named, []).append(found.get("value", ""))
            if "selected" in found:
                owner.fields.append((named, "select", found.get("value", "")))
        elif tag in ("input", "button"):
            kind = found.get("type", "text" if tag == "input" else "submit")
            value = found.get("value", "on" if kind == "checkbox" else "")
            if kind in ("radio", "checkbox", "submit"):
                form.options.setdefault(name, []).append(value)
            if kind not in ("radio", "checkbox", "submit") or "checked" in found:
                form.fields.append((name, kind, value))

    def handle_data(self, data):
        self._text += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self._area:
            form, name = self._area
            form.fields.append((name, "textarea", self._text))
            self._area = None
        elif tag == "select" and self._select:
            form, name = self._select
            if not any(found == name for found, _kind, _value in form.fields) and form.options.get(name):
                form.fields.append((name, "select", form.options[name][0]))
            self._select = None


def value(chance: random.Random, was: str, choices: list[str], ids: list[str]) -> str | bytes:
    """Return what a field is sent as instead: mostly wrong, at times another right word."""
    pools = [(choices or TEXTS, 5), (TEXTS, 5), (NUMBERS, 3), (DATES, 2), (IDS, 1), (ids or IDS, 3), (BYTES, 1)]
    (pool,) = chance.choices([pool for pool, _ in pools], [weight for _, weight in pools])
    found = chance.choice(pool)
    if chance.random() < 0.1 and isinstance(found, str):
        cut = chance.randrange(len(was) + 1)
        return was[:cut] + found + was[cut:]
    return found


def filled(chance: random.Random, form: PageForm, own: dict[str, str], ids: list[str]) -> list[tuple[str, str | bytes]]:
    """Return a form's fields as somebody might send them, some of them wrong, left out, sent twice or unknown.

    ``own`` are the fields that a sender knows better: its token, its password.
    """
    sent: list[tuple[str, str | bytes]] = []
    fields = list(form.fields)
    for name, options in form.options.items():
        if not any(found == name for found, _kind, _value in fields) and chance.random() < 0.7:
            fields.append((name, "choice", chance.choice(options)))
    wrong = {
        name for name, _kind, _value in fields if name not in own and chance.random() < chance.choice((0, 0.15, 0.6))
    }
    for name, kind, was in fields:
        now = own.get(
            name, "a word of mine" if not was and kind in ("text", "textarea") and chance.random() < 0.6 else was
        )
        if name in wrong:
            now = value(chance, was, form.options.get(name, []), ids)
        if name not in wrong or chance.random() < 0.9:
            sent.append((name, now))
        if chance.random() < 0.02:
            sent.append((name, value(chance, was, [], ids)))
    sent = [(name, own.get(name, now) if chance.random() < 0.97 else now) for name, now in sent]
    for _ in range(chance.choice((0, 0, 0, 1, 3))):
        sent.append((chance.choice(NAMES), value(chance, "", [], ids)))
    return sent


def encoded(pairs: list[tuple[str, str | bytes]]) -> bytes:
    """Return pairs as a body of a form, or as the query of an address."""
    raw = lambda text: text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")  # noqa: E731
    return "&".join(f"{quote_from_bytes(raw(name))}={quote_from_bytes(raw(now))}" for name, now in pairs).encode()


def file(chance: random.Random) -> tuple[bytes, str, str]:
    """Return a file that somebody might send: its bytes, its name, the kind that it is said to be."""
    content = chance.choice(_files())
    name = chance.choice(
        ("a.pdf", "a.xlsx", "a.csv", "a.docx", "a.zip", "a.png", "../../x", "", "\u202e.pdf", f"{LIVE}.pdf", "a" * 400)
    )
    return (
        content,
        name,
        chance.choice(("application/pdf", "text/csv", "application/octet-stream", "image/png", "x", "")),
    )


KEPT_FILES: list[bytes] = []


def _files() -> list[bytes]:
    """Return files, right ones and wrong ones; made once."""
    if not KEPT_FILES:
        entity = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
        KEPT_FILES.extend((b"", b"\x00" * 100, b"%PDF-1.7\n%broken", b"PK\x03\x04broken", b"\x89PNG\r\n\x1a\nbroken"))
        KEPT_FILES.extend((b"GIF89a", b"{}", b"\xff" * 500, b"a;b;c\n" * 3_000, b"Nom;Description\nTri;=1+1\n"))
        KEPT_FILES.extend((b'name,name\n"open', b"x," * 500, b"pack: {id: x}\n", b"&a [*a]", b'[{"a":' * 2_000))
        KEPT_FILES.append("Nom\tSite\nÉté\tà\n".encode("utf-16"))
        KEPT_FILES.append(_zip({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"}))
        KEPT_FILES.append(_zip({"xl/workbook.xml": entity, "[Content_Types].xml": entity}))
        KEPT_FILES.append(_zip({"word/document.xml": entity}))
        KEPT_FILES.append(_zip({"bomb": "0" * 3_000_000}))
        KEPT_FILES.append(_zip({f"{n}": "" for n in range(2_000)}))
        KEPT_FILES.append(_zip({"../../x": "x", "/y": "y"}))
    return KEPT_FILES


def _zip(members: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in members.items():
            made.writestr(name, text)
    return out.getvalue()


def multipart(chance: random.Random, pairs: list[tuple[str, str | bytes]], files: set[str]) -> tuple[bytes, str]:
    """Return a body with files, and its kind; at times cut off or with another boundary than it says."""
    parts = []
    for name, now in pairs:
        head = f'Content-Disposition: form-data; name="{_header(name)}"'.encode()
        raw = now if isinstance(now, bytes) else now.encode("utf-8", "surrogatepass")
        if name in files:
            raw, called, kind = file(chance)
            head += f'; filename="{_header(called)}"\r\nContent-Type: {kind}'.encode("utf-8", "replace")
        parts.append(b"--fuzz\r\n" + head + b"\r\n\r\n" + raw + b"\r\n")
    body = b"".join(parts) + b"--fuzz--\r\n"
    odd = chance.random()
    if odd < 0.03:
        body = body[: chance.randrange(len(body))]
    return body, "multipart/form-data; boundary=" + ("other" if odd > 0.98 else "fuzz")


def _header(text: str) -> str:
    return text.replace('"', "%22").replace("\r", " ").replace("\n", " ")


def made_by(schema, schemas, chance: random.Random, depth: int = 0):
    """Return something that fits a JSON schema, as far as it is described."""
    if "$ref" in schema:
        return made_by(schemas[schema["$ref"].rpartition("/")[2]], schemas, chance, depth)
    for many in ("anyOf", "oneOf"):
        if many in schema:
            return made_by(chance.choice(schema[many]), schemas, chance, depth)
    if "const" in schema or "enum" in schema:
        return schema.get("const", chance.choice(schema.get("enum", [None])))
    kind = schema.get("type", "string")
    kind = chance.choice(kind) if isinstance(kind, list) else kind
    if kind == "object":
        needed = schema.get("required", [])
        named = {
            name: item for name, item in schema.get("properties", {}).items() if name in needed or chance.random() < 0.6
        }
        return {name: made_by(item, schemas, chance, depth + 1) for name, item in named.items()}
    if kind == "array":
        return [made_by(schema.get("items", {}), schemas, chance, depth + 1) for _ in range(chance.randrange(3))]
    dates = {"date": "2026-12-01", "uuid": ABSENT}
    simple = {"integer": chance.randrange(4), "number": 1.5, "boolean": chance.random() < 0.5, "null": None}
    return simple[kind] if kind in simple else dates.get(schema.get("format", ""), "un mot")


def broken(chance: random.Random, found, ids: list[str], depth: int = 0):
    """Return a JSON value with something in it made wrong."""
    if depth > 3 or chance.random() < 0.25 or not isinstance(found, (dict, list)) or not found:
        odd = (None, True, 0, -1, 1e308, 10**30, 1.5, [], {}, [[]], {"": ""}, {"fact": {"value": {}}}, ["x"] * 1_000)
        return chance.choice(odd) if chance.random() < 0.5 else value(chance, "", [], ids)
    if isinstance(found, list):
        return [broken(chance, item, ids, depth + 1) if chance.random() < 0.5 else item for item in found]
    made = dict(found)
    name = chance.choice(list(made))
    made[name] = broken(chance, made[name], ids, depth + 1)
    if chance.random() < 0.2:
        made.pop(chance.choice(list(made)))
    if chance.random() < 0.1:
        made[chance.choice(NAMES)] = value(chance, "", [], ids)
    return made


def json_body(chance: random.Random, found) -> bytes:
    """Return a JSON value as bytes; at times what is no JSON, or says a name twice."""
    odd = chance.random()
    if odd < 0.04:
        return chance.choice(
            (b"", b"{", b"[" * 5_000, b"NaN", b'{"name": 1e999}', b'"\\ud800"', b"\xff", b"null", b'{"a":1,"a":2}')
        )
    text = json.dumps(found, default=lambda raw: raw.decode("latin-1"), ensure_ascii=odd < 0.5)
    return text.encode("utf-8", "surrogatepass")
