"""The README's tables, made from the sources, the notes and the ledger of seconds."""

import json
from pathlib import Path

from tools import workbook
from tools.builder.reading import WORKSHOP
from tools.builder.source import colab, read_source, tasks

README = workbook.ROOT / "README.md"
LEDGER = workbook.ROOT / "benchmarks" / "seconds.json"
BEGIN, END = "<!-- weeks: made by make notebooks -->", "<!-- end of weeks -->"
# What a reader sees happen, in plain words; the site's page of results has values and bands.
PLAIN = {
    "week01": "A network, its derivative and its double descent, each held against a theorem",
    "week02": "A network that predicts the Möbius function turns out to ask: does 4 divide n?",
    "week03": "Laws of random and of wide networks, computed with a pen and met by simulation",
    "week04": "How far ahead one sees in chaos depends on the solver as much as on the model",
    "week05": "A network that cannot see names reads Kazhdan–Lusztig coefficients off graphs",
    "week06": "A published test accuracy is mostly a leak, and a saliency map needs a null",
    "week07": "A loop of thirty lines refutes a published conjecture, and arithmetic proves it",
    "week08": "Ten labels name 94 of 100 handwritten digits, if one solves the right equation",
    "week09": "Shorter proofs than a published record, and the shortest ones with a certificate",
    "week10": "A network learns Nim from three heaps and is proved right for any number",
    "week11": "A rule that a person can remember saves a quarter of Buchberger's work",
    "week12": "What a convolution knows before it has seen an image, and which pixels it needs",
    "week13": "A recurrent network out of one singular value decomposition beats the trained one",
    "week14": "All twelve problems of a benchmark solved by looking formulas up, without learning",
    "affine_g2": "Kazhdan–Lusztig polynomials of affine G2 as a film",
    "alphazero": "From bandits to a champion of small connect-4 in a minute of self-play",
    "descents": "Two questions that a symmetry exchanges are not equally hard for a network",
    "knots": "A gradient names three numbers, and a theorem follows",
    "parity": "A network can be parity and cannot find it; two cures",
    "tomography": "Learning only what the scanner did not measure",
    "week07_conjecture_gallery": "One engine and many conjectures: the encoding decides",
    "bruhat_hypercubes": "All 3,550,919 intervals of S7, and a cube of dimension 12 in S8",
    "grokking": "A network learns to add modulo 59; cut down to characters it is proved right",
    "murmurations": "A wave in averages over elliptic curves: from a plot to a theorem that fits",
    "your_own_invariant": "From your own data to an honest statement, in twelve decisions",
}
SPEAKERS = [
    *("Geordie Williamson", "Joel Gibson", "Georg Gottwald", "Georg Gottwald, Joel Gibson"),
    *("Geordie Williamson", "Georg Gottwald, Geordie Williamson", "Adam Zsolt Wagner"),
    *("Bamdad Hosseini", "Carlos Simpson", "Alex Davies", "Daniel Halpern-Leistner"),
    *("Gitta Kutyniok", "Qianxiao Li", "Lars Buesing"),
]
SUBJECTS = {
    "combinatorics and representation theory": ("affine_g2", "bruhat_hypercubes", "descents"),
    "topology": ("knots",),
    "number theory": ("murmurations", "grokking", "parity"),
    "games and search": ("alphazero", "week07_conjecture_gallery"),
    "pictures": ("tomography",),
    "your own subject": ("your_own_invariant",),
}
WORDS_A_MINUTE = 150  # of a note


def problems(write: bool) -> list[str]:
    """Bring the README's tables in step (`write`), or say that they are not."""
    text = README.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        return [f"README.md must hold the lines {BEGIN!r} and {END!r} once each"]
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    wanted = f"{head}{BEGIN}\n\n{tables()}\n\n{END}{tail}"
    if text == wanted:
        return []
    if write:
        workbook.write(README, wanted)
        return []
    return ["README.md: the week table is not in step; run make notebooks"]


def tables() -> str:
    """Return the table of the fourteen weeks and that of the companions, in Markdown."""
    found = workbook.sources()
    weeks = {int(p.stem[4:6]): p for p in found if p.parent.name != "extras"}
    extras = {p.stem: p for p in found if p.parent.name == "extras"}
    head = "what you will see | speaker | note, workshop, exercises (min) | runs in |"
    lines = [f"| | notebook | {head}", "|---|---|---|---|---|---|"]
    for number, path in sorted(weeks.items()):
        lines.append(f"| {number} | {_row(path, SPEAKERS[number - 1])}")
    head = head.replace("speaker | note, workshop,", "note,")
    lines += ["", f"| subject | companion | {head}", "|---|---|---|---|---|"]
    listed = [stem for stems in SUBJECTS.values() for stem in stems]
    for stem in extras:
        if stem not in listed:
            raise workbook.WorkbookError(f"tools/builder/readme.py: put {stem} under a subject")
    for subject, stems in SUBJECTS.items():
        lines += [f"| {subject} | {_row(extras[s], None)}" for s in stems if s in extras]
    return "\n".join(lines)


def _row(path: Path, speaker: str | None) -> str:
    source = read_source(path)
    title = source.cells[0].source.split("\n")[0].removeprefix("# ")
    title = title.split(" — ", 1)[-1] if speaker else title.split(" — companion")[0]
    exercises = sum(task.minutes for task in tasks(source))
    note = _note(path)
    reading = f"[{_reading(note)}]({workbook.relative(note)})" if note else "–"
    link = workbook.relative(workbook.target(path))
    name = f"[{title}]({link}) [▶]({colab(path)})"
    times = f"{reading}, {WORKSHOP}, {exercises}" if speaker else f"{reading}, {exercises}"
    fields = [name, PLAIN[path.stem if path.stem in PLAIN else path.stem[:6]]]
    return " | ".join([*fields, *([speaker] if speaker else []), times, _seconds(link)]) + " |"


def _note(path: Path) -> Path | None:
    """Return the note of a notebook: a companion's own, else its week's."""
    names = (path.stem, path.stem[:6])
    return next((p for n in names if (p := workbook.ROOT / f"lecture_notes/{n}.md").exists()), None)


def _reading(note: Path) -> int:
    """Return the minutes that reading a note takes, in steps of five."""
    words = len(note.read_text(encoding="utf-8").split())
    return max(5, 5 * round(words / WORDS_A_MINUTE / 5))


def _seconds(link: str) -> str:
    """Return "40 s": what the notebook took when `--ledger` last recorded it (conftest.py)."""
    known = json.loads(LEDGER.read_text(encoding="utf-8")) if LEDGER.exists() else {}
    return f"{round(known[link])} s" if link in known else ""
