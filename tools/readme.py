"""The README's tables, made from the sources and from the claims of the last execution."""

import json
from pathlib import Path

from tools import workbook
from tools.notebook_rules import headline_text
from tools.notebook_source import badge, read_source, tasks

README = workbook.ROOT / "README.md"
BEGIN, END = "<!-- weeks: made by make notebooks -->", "<!-- end of weeks -->"
TITLES = [
    "Introduction to PyTorch",
    "The Möbius function",
    "How to think about machine learning",
    "Regularisation; RNNs and LSTM",
    "First steps with graph networks",
    "Saliency and combinatorial invariance",
    "Reinforcement learning for counterexamples",
    "Learning from ten labels on graphs",
    "Classifying semigroups",
    "AlphaZero and Deep Sets",
    "Reinforcement learning for Buchberger's algorithm",
    "CNNs and limited-angle tomography",
    "Sequence modelling",
    "Symbolic regression",
]


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
    lines = [
        "| Week | Notebook | Colab | Notes | Exercises | Minutes | Headline result |",
        "|---|---|---|---|---|---|---|",
    ]
    for number, title in enumerate(TITLES, start=1):
        row = _row(weeks[number]) if number in weeks else f"{title} | | | | | to be written |"
        lines.append(f"| {number} | {row}")
    lines += ["", "| Companion | Colab | Notes | Exercises | Minutes | Headline result |"]
    lines.append("|---|---|---|---|---|---|")
    lines += [f"| {_row(path)}" for path in found if path.parent.name == "extras"]
    return "\n".join(lines)


def _row(path: Path) -> str:
    source = read_source(path)
    title = source.cells[0].source.split("\n")[0].removeprefix("# ")
    title = title.split(" — ", 1)[-1] if path.parent.name != "extras" else title
    found = tasks(source)
    stars = " ".join(f"{sum(t.stars == k for t in found)}×{'★' * k}" for k in (1, 2, 3))
    names = (path.stem, path.stem[:6])  # a companion's own note, else its week's
    found_notes = [p for n in names if (p := workbook.ROOT / f"lecture_notes/{n}.md").exists()]
    notes = f"[notes]({workbook.relative(found_notes[0])})" if found_notes else ""
    minutes = sum(t.minutes for t in found)
    link = workbook.relative(workbook.target(path))
    fields = [f"[{title}]({link})", badge(path), notes, stars, str(minutes), _headline(path)]
    return " | ".join(fields) + " |"


def _headline(path: Path) -> str:
    place = workbook.CLAIMS / f"{path.stem}.json"
    text = headline_text(read_source(path))
    for claim in json.loads(place.read_text(encoding="utf-8")) if place.exists() else []:
        if claim["text"] == text:
            value, low, high = (f"{claim[k]:.6g}" for k in ("value", "low", "high"))
            band = "exact" if low == high else f"{low} … {high}"
            return f"{text}: **{value}** ({band})".replace("|", "\\|")
    return ""
