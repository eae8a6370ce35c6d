"""The site's page of benchmarks, from the record of the last `make bench`."""

import importlib.util
import statistics
from pathlib import Path

from benchmarks import picture, record
from benchmarks.__main__ import scripts
from benchmarks.timing import Row
from tools.site.indexes import escaped

# Not measured by `make bench`: coxeter3 is built from source and no dependency.
QUOTED = {"S_7": 1.7, "S_8": 5.9, "S_9": 30}
_HEAD = "| kernel | ours, seconds | peer, seconds | peer/ours | note |"
_HEAD += "\n|---|---|---|---|---|"
_HOW = """Each row times our program and a peer in one process, in turns that alternate; after one
call of both that is not counted, so that compiled code is compiled. A ratio above 1 means that ours
is faster. *Wall* seconds are what you wait. *CPU* seconds count all threads and all programs that
were started; they say more when the machine has other work. A call shorter than 20 ms is repeated
and its mean taken. A row without a peer stands alone. *Not run* means that the peer was missing on
this machine. Peers do not always do the same: what differs stands in the note."""


def pictures(target: Path) -> None:
    """Draw the record for light and for dark pages into the folder `target`."""
    for palette in picture.PALETTES:
        picture.save(target / f"ratios-{palette}.svg", palette)


def page() -> str:
    """Return the Markdown of the page."""
    entries = record.read()
    rows = record.all_rows(entries)
    parts = ["# Benchmarks", _HOW, _when(entries)]
    for palette in picture.PALETTES:
        options = f":class: only-{palette}\n:alt: {picture.described(rows)}"
        parts.append(f"```{{image}} _static/ratios-{palette}.svg\n{options}\n```")
    parts.append(
        "The vertical line at 1 is a tie. A dot is the median of the turns, the bar goes from the "
        "least to the greatest. Long bars of wall seconds mean that the machine was busy."
    )
    parts += [
        "## All rows",
        "First come wall seconds, median and in brackets least … greatest, then the median of CPU "
        "seconds. Behind a script's name stand the CPU seconds of the whole script.",
    ]
    if missing := sorted(set(scripts()) - set(entries)):
        parts.append(f"Not measured in this record: {escaped(', '.join(missing))}.")
    for script, one in entries.items():
        parts.append(f"### {script} ({one['cpu']:.0f} s)")
        parts.append(escaped(_first_line(script)))
        parts.append("\n".join([_HEAD, *map(line, record.all_rows({script: one}))]))
    ratios = ", ".join(f"{ratio:g} times as fast for ${name}$" for name, ratio in QUOTED.items())
    parts += [
        "## Recorded once: coxeter3",
        f"All Kazhdan–Lusztig polynomials, beside coxeter3 (F. du Cloux, C++): {ratios}. This is a "
        "quotation, not a row: coxeter3 was built from source, on one machine, in one run, and "
        "`make bench` does not repeat it. Nor is it like for like. Our table has half as many "
        "entries and knows type A only, while coxeter3 works for any Coxeter group.",
        "## Measure anew",
        '`make bench` measures all rows, `make bench NAMES="mobius_sieve lorenz"` some. Both '
        "renew `benchmarks/results/` for the scripts that ran and leave the others as they are.",
    ]
    return "\n\n".join(parts) + "\n"


def _when(entries: dict) -> str:
    days = sorted({one["date"] for one in entries.values()})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    machines = "; ".join(sorted({one["machine"] for one in entries.values()}))
    versions = "; ".join(sorted({one["versions"] for one in entries.values()}))
    loads = [one["load"] for one in entries.values()]
    minutes, cpu = (sum(one[k] for one in entries.values()) / 60 for k in ("seconds", "cpu"))
    return (
        f"Measured {when} on {escaped(machines)}, in {minutes:.0f} minutes ({cpu:.0f} CPU minutes) "
        f"with {escaped(versions)}. When a script began, the load average was {min(loads):g} to "
        f"{max(loads):g}, median {statistics.median(loads):g}; a quiet machine has about 1, which "
        "is the script before."
    )


def _first_line(script: str) -> str:
    spec = importlib.util.find_spec(f"benchmarks.{script}")
    text = Path(spec.origin).read_text(encoding="utf-8")
    return text.removeprefix('"""').split("\n")[0].removesuffix('"""')


def line(row: Row) -> str:
    """Return a row of the page's table: CPU seconds stand below wall seconds."""
    name, peer, ours, theirs, ratio, *cpu, note = map(escaped, row.cells())
    pairs = [
        wall if used == "—" else f"{wall}<br>CPU {used}"
        for wall, used in zip((ours, theirs, ratio), cpu, strict=True)
    ]
    beside = f"<br>against {peer}" if peer != "—" else ""
    return "| " + " | ".join([name + beside, *pairs, note]) + " |"
