"""The site's generated pages: results, exercises, open questions, mathematics."""

import json
import re
from pathlib import Path

from tools import workbook
from tools.builder.readme import SUBJECTS
from tools.builder.rules import headline_text
from tools.builder.source import read_source, tasks

_STATEMENT = re.compile(
    r"^\*\*(?P<kind>Theorem|Proposition|Lemma|Corollary|Definition|Heuristic|Conjecture)"
    r"(?P<number> \d+)?(?P<inside> \([^*]*\))?\.?\*\*(?P<after> \([^)]*\))?",
    re.MULTILINE,
)
_QUESTION = re.compile(
    r"(?:^## An open question\n+|\*\*(?:An o|O)pen question[^*]*\*\*)(?P<text>.*?)"
    r"(?=\n\n#|\n\n\*\*(?:What (?:we learned|it does not)|Further reading)|\Z)",
    re.DOTALL | re.MULTILINE,
)


def pages() -> dict[str, str]:
    """Return {file name: Markdown} of all generated pages."""
    return {
        "results.md": results(),
        "exercises.md": exercises(),
        "open_questions.md": open_questions(),
        "mathematics.md": mathematics(),
        "notebooks_index.md": contents("notebooks"),
        "companions_index.md": contents("extras"),
        "notes_index.md": contents("notes"),
    }


def title(path) -> str:
    """Return the heading of a source notebook."""
    return read_source(path).cells[0].source.split("\n")[0].removeprefix("# ").strip()


def question(path) -> str:
    """Return the question in italics below the heading of a source notebook."""
    return " ".join(read_source(path).cells[0].source.split("\n\n")[1].split())


def address(path) -> str:
    """Return a source's page, from the top of the site."""
    return workbook.relative(workbook.target(path))


def notebooks() -> list[Path]:
    """Return the source notebooks in the order of the site: weeks, then companions by subject."""
    found = {path.stem: path for path in workbook.sources()}
    extras = [stem for stems in SUBJECTS.values() for stem in stems]
    return [p for stem, p in found.items() if stem not in extras] + [found[s] for s in extras]


def notes() -> list[Path]:
    """Return the lecture notes in the order of their notebooks; what has no notebook comes last."""
    found = sorted((workbook.ROOT / "lecture_notes").glob("*.md"))
    stems = {path.stem for path in found}
    names = [p.stem if p.stem in stems else p.stem[:6] for p in notebooks()]
    return sorted(found, key=lambda p: names.index(p.stem) if p.stem in names else len(names))


def contents(which: str) -> str:
    """Return the page that lists the weeks, the companions or the notes, with their questions."""
    if which == "notes":
        rows = []
        for path in notes():
            heading = path.read_text(encoding="utf-8").split("\n")[0].removeprefix("# ")
            pdf = f'<a href="pdf/{path.stem}.pdf">PDF</a>'
            rows.append(f"- [{heading}]({workbook.relative(path)}) ({pdf})")
        head = "# Lecture notes\n\nDefinitions, statements with proofs, and worked examples."
        return _page(head, rows, [workbook.relative(path) for path in notes()])
    extras = [path for path in notebooks() if path.parent.name == "extras"]
    if which == "extras":
        rows = []
        for subject, stems in SUBJECTS.items():
            rows.append(f"\n## {subject.capitalize()}\n")
            rows += [_row(path) for path in extras if path.stem in stems]
        return _page("# Companions", rows, [address(path) for path in extras])
    weeks = [path for path in notebooks() if path not in extras]
    return _page("# The weeks", list(map(_row, weeks)), [address(path) for path in weeks])


def _row(path: Path) -> str:
    return f"- [{title(path)}]({address(path)}). {question(path)}"


def _page(head: str, rows: list[str], documents: list[str]) -> str:
    tree = "\n".join(name.rsplit(".", 1)[0] for name in documents)
    return "\n".join([head, "", *rows, "", "```{toctree}", ":hidden:", "", tree, "```", ""])


def results() -> str:
    """Return the page of all measured claims: value, band, and least and greatest value seen."""
    parts = [
        "# Results and their bands",
        "Each line is a claim of a notebook. *Value* is what the committed run measured. The "
        "*band* is what the tests demand on every run. *Seen* is the least and the greatest "
        "value over several seeds, with one and with two threads. The headline is in bold.",
    ]
    for path in notebooks():
        claims = json.loads((workbook.CLAIMS / f"{path.stem}.json").read_text(encoding="utf-8"))
        record = workbook.ROOT / "benchmarks" / "bands" / f"{path.stem}.json"
        spread = json.loads(record.read_text(encoding="utf-8"))["claims"]
        seen = {entry["claim"]: entry for entry in spread}
        headline = headline_text(read_source(path))
        rows = ["| claim | value | band | seen |", "|---|---|---|---|"]
        for claim in claims:
            entry = seen[claim["text"]]
            text = escaped(claim["text"])
            text = f"**{text}**" if claim["text"] == headline else text
            measured = _range(entry["min"], entry["max"])
            rows.append(f"| {text} | {claim['value']:.6g} | {span(claim)} | {measured} |")
        parts += [f"## [{title(path)}]({address(path)})", "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Return plain text as Markdown shows it unchanged in a table."""
    for sign in "|*_$":
        text = text.replace(sign, f"\\{sign}")
    return text


def span(claim: dict[str, float]) -> str:
    """Return the band of a claim, or that it is exact."""
    return "exact" if claim["low"] == claim["high"] else _range(claim["low"], claim["high"])


def _range(low: float, high: float) -> str:
    return f"{low:.4g} … {high:.4g}" if low != high else f"{low:.4g}"


def exercises() -> str:
    """Return the page of all exercises by stars, then by week."""
    rows: dict[int, list[str]] = {1: [], 2: [], 3: []}
    total = 0
    for path in notebooks():
        for task in tasks(read_source(path)):
            kind = "checked" if task.kind == "code" else task.kind
            link = f"[{task.key}]({address(path)})"
            rows[task.stars].append(f"| {link} | {task.title} | {task.minutes} | {kind} |")
            total += task.minutes
    count = sum(map(len, rows.values()))
    parts = [
        "# Exercises",
        f"{count} exercises, {total // 60} hours in all. A program checks each of them but the "
        "proofs and the experiments, and answers a wrong solution with a counterexample.",
    ]
    for stars, found in rows.items():
        parts.append(f"## {'★' * stars}")
        parts.append(
            "\n".join(["| key | exercise | minutes | kind |", "|---|---|---|---|", *found])
        )
    return "\n\n".join(parts) + "\n"


def open_questions() -> str:
    """Return the page of the open questions that end the notebooks."""
    parts = ["# Open questions", "Each notebook ends with a question that we cannot answer."]
    for path in notebooks():
        text = "\n\n".join(c.source for c in read_source(path).cells if c.cell_type == "markdown")
        found = [match["text"].strip() for match in _QUESTION.finditer(text)]
        for asked in found[-1:]:
            parts += [f"## [{title(path)}]({address(path)})", asked.split("\n\n#")[0]]
    return "\n\n".join(parts) + "\n"


def mathematics() -> str:
    """Return the page that lists the named statements of all notes, and the package's modules."""
    parts = [
        "# Index of mathematics",
        "The statements of the lecture notes that have a name, in the order of the notes.",
    ]
    rows = ["| note | statement |", "|---|---|"]
    for path in notes():
        text = path.read_text(encoding="utf-8")
        for match in _STATEMENT.finditer(text):
            name = (match["inside"] or match["after"] or "").strip()
            if name:
                label = f"{match['kind']}{match['number'] or ''}"
                name = " ".join(name.strip("()").split()).replace("|", "\\|")
                rows.append(f"| [{path.stem}](lecture_notes/{path.name}) | {label}: {name} |")
    parts.append("\n".join(rows))
    parts.append("## The package's exact mathematics")
    module_text = (workbook.ROOT / "course_utils/maths/__init__.py").read_text(encoding="utf-8")
    table = re.search(r"^\| module.*?(?=\n\n|\n\"\"\")", module_text, re.DOTALL | re.MULTILINE)
    parts.append(table[0])
    return "\n\n".join(parts) + "\n"
