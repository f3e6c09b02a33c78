"""Reports on paper, timed: our whole pipeline, WeasyPrint alone on the same HTML, Chromium, Typst; 50 and 500 uses.

Each thing runs in a process of its own, started from cold; times are CPU seconds of the process and its children,
and wall seconds, the best of several runs. Run it by ``script/benchmark reports``.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pymupdf

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from compliance.evidence.canonical import canonical  # noqa: E402
from compliance.reports import fonts, pages, rendering  # noqa: E402
from tests.reports import portraits  # noqa: E402

CHROMIUM = (
    "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--no-pdf-header-footer",
)  # fmt: skip
# The same HTML, style, fonts and pictures, tagged and archivable too, the record attached.
ALONE = """
import json, pathlib, sys, weasyprint
from weasyprint.text.fonts import FontConfiguration
folder = pathlib.Path(sys.argv[1])
fonts = FontConfiguration()
sheet = weasyprint.CSS(filename=folder / "page.css", font_config=fonts)
weasyprint.HTML(filename=folder / "page.html").write_pdf(
    folder / "alone.pdf", stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/a-3a", pdf_tags=True,
    attachments=[weasyprint.Attachment(filename=folder / "data.json", relationship="Data")],
)
"""
TYPST = """
import sys, typst
typst.compile(sys.argv[1], output=sys.argv[2], pdf_standards=["a-3a"])
"""


def timed(command, given=b""):
    """Return what a command writes, its CPU and its wall seconds."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, input=given, capture_output=True, check=False, cwd=ROOT)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    if done.returncode:
        sys.exit(done.stderr.decode(errors="replace")[-2000:])
    return done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def ours(record):
    """Render a record as the site does: a child process, bounds, JSON in, PDF out."""
    command = [sys.executable, "-m", "compliance.reports.child", "fr", "full"]
    bounds = rendering.bounds_of(record)
    return timed([*command, str(bounds.seconds), str(bounds.megabytes)], canonical(record))


def write_page(record, folder):
    """Write a report's HTML, style, pictures and fonts as files that others can print."""
    page = pages.page(record, "fr")
    for name, picture in page.pictures.items():
        (folder / name).write_bytes(picture if isinstance(picture, bytes) else picture.encode())
    for name in fonts.names():
        shutil.copy(fonts.FOLDER / name, folder / name)
    css = page.css.replace("pyramide:", "")
    html = page.html.replace("pyramide:", "")
    (folder / "page.css").write_text(css)
    (folder / "page.html").write_text(html)
    link = '<link rel="stylesheet" href="page.css"></head>'
    (folder / "linked.html").write_text(html.replace("</head>", link))
    (folder / "data.json").write_bytes(page.data)


def typst_source(record):
    """Return the report's content in Typst's own language: same texts, tables, heads, contents and links."""

    def quoted(value):
        text = value if isinstance(value, str) else (value or {}).get("fr", "")
        return "#" + json.dumps(text, ensure_ascii=False)

    def cites(found):
        return " ".join(
            f"#link({json.dumps(c['url']['fr'])})[{quoted(c['shown'])}]" if c["url"] else quoted(c["shown"])
            for c in found
        )

    def table(columns, heads, rows):
        cells = ", ".join(f"[{cell}]" for row in rows for cell in row)
        head = ", ".join(f"[*{cell}*]" for cell in heads)
        return f"#table(columns: ({columns}), stroke: (bottom: 0.4pt), table.header({head}), {cells})"

    outcome = record["outcome"]
    level = outcome["level"]
    out = [
        '#set document(title: "Rapport")',
        '#set text(lang: "fr", size: 10pt, font: "Source Sans 3")',
        '#set page(paper: "a4", numbering: "1 / 1", header: [Rapport])',
        f"#text(size: 25pt)[{quoted(record['use_case']['name'])}]",
        quoted(level["because"]),
        "#pagebreak()",
        "#outline()",
        "#pagebreak()",
        "= Le niveau, et pourquoi",
        *[f"- {quoted(reason['text'])} {cites(reason['citations'])}" for reason in level["reasons"]],
    ]
    for item in level["not_reached"]:
        out += [f"== {quoted(item['title'])}", quoted(item["because"])]
        out += [f"- {quoted(reason['text'])} {cites(reason['citations'])}" for reason in item["answers"]]
    out += [f"=== {quoted(f['title'])}\n{quoted(f['because'])} {cites(f['citations'])}" for f in outcome["findings"]]
    out += ["= Ce qui changerait le résultat"]
    rows = [(f"{quoted(p['text'])} {cites(p['citations'])}", quoted(", ".join(p["possible"]))) for p in
            outcome["turning_points"]]  # fmt: skip
    out += [table("1fr, 38mm", ("Changement", "Niveau alors"), rows), "#pagebreak()", "= Obligations"]
    rows = []
    for number, item in enumerate(outcome["obligations"], 1):
        fine, days = item["penalty"] or {}, item["applies_from"] or ", ".join(item.get("possible_dates", ()))
        what = f"*{quoted(item['action'])}* {cites(item['citations'])} \\ {quoted(item['evidence'])}"
        when = f"{quoted(days)} {cites(item['date_citations'])}"
        rows.append((str(number), f"{what} {quoted(fine.get('title'))}", when, quoted(item["owner"]["title"])))
    out += [table("8mm, 1fr, 33mm, 42mm", ("N°", "Obligation", "Applicable", "Qui"), rows), "= Ce qui reste ouvert"]
    out += [f"- {quoted(q['question'])} {cites(q['citations'])}" for q in outcome["open_questions"]]
    rows = [(f"{quoted(o['action'])} {cites(o['citations'])}", quoted(", ".join(o.get("possible_dates", ()))))
            for o in outcome["possible_obligations"]]  # fmt: skip
    out += [table("1fr, 33mm", ("Obligation possible", "Applicable"), rows), "#pagebreak()", "= Toutes les réponses"]
    rows = [
        (
            f"{quoted(a['question'])} {cites(a['citations'])} \\ *{quoted(a['answer'])}* \\ {quoted(a['comment'])}",
            f"{quoted(a['person'])} \\ {quoted(a['at'])}",
        )
        for a in record["answers"]
    ]
    out += [table("1fr, 42mm", ("Question et réponse", "Par qui, quand"), rows)]
    return "\n\n".join(out)


def best(run, times):
    """Return the last output with the least CPU and wall seconds of several runs."""
    found = [run() for _ in range(times)]
    return found[-1][0], round(min(cpu for _, cpu, _ in found), 2), round(min(wall for *_, wall in found), 2)


def page_count(content):
    return len(pymupdf.open(stream=content))


def use_case(times):
    record = portraits.use_case(picture=portraits.logo())
    result = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_page(record, folder)
        (folder / "report.typ").write_text(typst_source(record))

        def chromium():
            profile = tempfile.mkdtemp(dir=place)
            return timed(
                [*CHROMIUM, f"--user-data-dir={profile}", f"--print-to-pdf={folder / 'chromium.pdf'}",
                 (folder / "linked.html").as_uri()]
            )  # fmt: skip

        typst = [sys.executable, "-c", TYPST, str(folder / "report.typ"), str(folder / "typst.pdf")]
        made, cpu, wall = best(lambda: ours(record), times)
        result["pyramide, whole pipeline"] = {"pages": page_count(made), "cpu_s": cpu, "wall_s": wall}
        for name, run, file in (
            ("weasyprint alone", lambda: timed([sys.executable, "-c", ALONE, place]), "alone.pdf"),
            ("chromium print", chromium, "chromium.pdf"),
            ("typst, like content", lambda: timed(typst), "typst.pdf"),
        ):
            _, cpu, wall = best(run, times)
            count = page_count((folder / file).read_bytes())
            result[name] = {"pages": count, "cpu_s": cpu, "wall_s": wall}
    whole, alone = result["pyramide, whole pipeline"], result["weasyprint alone"]
    result["whole pipeline / weasyprint alone (CPU)"] = round(whole["cpu_s"] / alone["cpu_s"], 2)
    result["whole pipeline / weasyprint alone (wall)"] = round(whole["wall_s"] / alone["wall_s"], 2)
    return result


def portfolio(times, few, many):
    result = {}
    for count, runs in ((few, times), (many, min(times, 2))):
        record = portraits.portfolio(count, picture=portraits.logo())
        made, cpu, wall = best(lambda record=record: ours(record), runs)
        result[f"{count} use cases"] = {
            "pages": page_count(made), "cpu_s": cpu, "wall_s": wall, "cpu_ms_per_use_case": round(1000 * cpu / count, 1)
        }  # fmt: skip
    per = [entry["cpu_ms_per_use_case"] for entry in result.values()]
    result[f"time per use case, {many} / {few}"] = round(per[1] / per[0], 2)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--few", type=int, default=50)
    parser.add_argument("--many", type=int, default=500)
    wanted = parser.parse_args()
    result = {
        "on": datetime.now(UTC).date().isoformat(),
        "use case": use_case(wanted.times),
        "portfolio": portfolio(wanted.times, wanted.few, wanted.many),
        "load before (1 min)": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }
    print(json.dumps(result, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
