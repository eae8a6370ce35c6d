"""`make notes`: a web page and a PDF of each lecture note in build/notes, without the internet.

Formulas become MathML, which browsers draw themselves; Chromium prints the PDF.
"""

import html
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from tools import workbook

NOTES = workbook.ROOT / "lecture_notes"
BUILD = workbook.ROOT / "build" / "notes"
STYLE = """
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1.02rem/1.5 Georgia, serif; }
pre, code { font-family: monospace; font-size: 0.9em; background: #f4f4f4; }
pre { padding: 0.6rem; overflow-x: auto; white-space: pre-wrap; } img { max-width: 100%; }
table { border-collapse: collapse; font-size: 0.9em; }
td, th { border: 1px solid #ccc; padding: 0.2rem 0.5rem; } h1, h2, h3 { line-height: 1.2; }
math[display=block] { margin: 0.7rem 0; }
blockquote { border-left: 3px solid #ccc; padding-left: 1rem; }
"""


def page(text: str, title: str) -> tuple[str, list[str]]:
    """Return (HTML page, formulas that could not be set) of a note in Markdown."""
    failed = []

    def formula(latex: str, options: dict) -> str:
        display = "block" if options["display_mode"] else "inline"
        try:
            mathml = convert(latex, display=display)
            if ">\\" in mathml:  # an unknown command is handed through as it stands
                failed.append(f"{latex.strip()[:80]!r}: unknown command")
            return mathml
        except Exception as error:  # the converter's own errors share no class
            failed.append(f"{latex.strip()[:80]!r}: {type(error).__name__}")
            return f"<code>{html.escape(latex)}</code>"

    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    markdown.use(dollarmath_plugin, renderer=formula, double_inline=True, allow_space=False)
    body = markdown.render(text)
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{STYLE}</style>'
    return f"<!DOCTYPE html><html lang='en'><head>{head}</head><body>{body}</body></html>", failed


def print_pdf(source: Path, target: Path) -> None:
    """Let Chromium print a page; CalledProcessError or TimeoutExpired when it cannot."""
    chromium = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None
    )
    if chromium is None:
        raise workbook.WorkbookError("no Chromium to print PDFs with: apt-get install chromium")
    with tempfile.TemporaryDirectory() as profile:
        command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-sync"]
        command += ["--disable-background-networking", f"--user-data-dir={profile}"]
        command += ["--no-pdf-header-footer", f"--print-to-pdf={target}", source.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)


def main() -> int:
    """Make every note; 1 when a formula or a page fails, 2 without Chromium."""
    BUILD.mkdir(parents=True, exist_ok=True)
    shutil.copytree(NOTES / "figures", BUILD / "figures", dirs_exist_ok=True)
    status = 0
    try:
        for note in sorted(NOTES.glob("*.md")):
            text = note.read_text(encoding="utf-8")
            content, failed = page(text, text.split("\n")[0].lstrip("# "))
            target = BUILD / f"{note.stem}.html"
            workbook.write(target, content)
            print_pdf(target, target.with_suffix(".pdf"))
            print(f"{workbook.relative(target)} and .pdf")
            for formula in failed:
                print(f"{note.name}: formula {formula}", file=sys.stderr)
                status = 1
    except workbook.WorkbookError as error:
        print(f"notes: {error}", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
