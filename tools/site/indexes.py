"""The site's generated pages: results, exercises, open questions, mathematics."""

import json
import re

from tools import workbook
from tools.builder.rules import headline_text
from tools.builder.source import read_source, tasks

_STATEMENT = re.compile(
    r"^\*\*(?P<kind>Theorem|Proposition|Lemma|Corollary|Definition|Heuristic|Conjecture)"
    r"(?P<number> \d+)?(?P<inside> \([^*]*\))?\.?\*\*(?P<after> \([^)]*\))?",
    re.MULTILINE,
)
_QUESTION = re.compile(
    r"(?:^## An open question\n+|\*\*(?:An o|O)pen question[^*]*\*\*)(?P<text>.*?)(?=\n\n#|\Z)",
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


def contents(which: str) -> str:
    """Return the page that lists the weeks, the companions or the notes, with their questions."""
    if which == "notes":
        notes = [p.stem for p in sorted((workbook.ROOT / "lecture_notes").glob("*.md"))]
        weeks = [n for n in notes if n.startswith("week")]
        ordered = weeks + [n for n in notes if n not in weeks]
        tree = "\n".join(f"lecture_notes/{name}" for name in ordered)
        head = "# Lecture notes\n\nDefinitions, statements with proofs, and worked examples."
        return f"{head}\n\n```{{toctree}}\n:maxdepth: 1\n\n{tree}\n```\n"
    extras = which == "extras"
    found = [p for p in workbook.sources() if (p.parent.name == "extras") == extras]
    rows = "\n".join(f"- [{title(p)}]({address(p)}). {question(p)}" for p in found)
    tree = "\n".join(address(p).removesuffix(".ipynb") for p in found)
    head = "# Companions" if extras else "# The weeks"
    return f"{head}\n\n{rows}\n\n```{{toctree}}\n:hidden:\n\n{tree}\n```\n"


def results() -> str:
    """Return the page of all measured claims: value, band, and least and greatest value seen."""
    parts = [
        "# Results and their bands",
        "Each line is a claim of a notebook. *Value* is what the committed run measured. The "
        "*band* is what the tests demand on every run. *Seen* is the least and the greatest "
        "value over several seeds, with one and with two threads. The headline is in bold.",
    ]
    for path in workbook.sources():
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
    for path in workbook.sources():
        for task in tasks(read_source(path)):
            kind = "" if task.kind == "code" else task.kind
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
        parts.append("\n".join(["| key | exercise | minutes | |", "|---|---|---|---|", *found]))
    return "\n\n".join(parts) + "\n"


def open_questions() -> str:
    """Return the page of the open questions that end the notebooks."""
    parts = ["# Open questions", "Each notebook ends with a question that we cannot answer."]
    for path in workbook.sources():
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
    for path in sorted((workbook.ROOT / "lecture_notes").glob("*.md")):
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
