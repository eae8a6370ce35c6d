"""PDFs of the site's pages: one of each lecture note, one of the whole course with contents."""

import html
import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from pypdf import PdfReader, PdfWriter

from course_utils.runtime import progress
from tools import workbook

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-sync", "--disable-background-networking"]
MARGIN = {"top": "18mm", "bottom": "20mm", "left": "20mm", "right": "20mm"}
# Links to other pages would name places of the machine that prints.
_READY = """async () => {
  if (window.MathJax) await MathJax.startup.promise;
  document.querySelectorAll("details").forEach(d => d.open = true);
  document.querySelectorAll("a[href]").forEach(a => {
    if (a.protocol === "file:" && a.pathname !== location.pathname) a.removeAttribute("href");
  });
  await Promise.all(Array.from(document.images).map(i => i.decode().catch(() => {})));
}"""


def chromium() -> str:
    """Return the path of Chromium.

    Raises:
        WorkbookError: there is none.
    """
    for name in CHROMIUM:
        if found := shutil.which(name):
            return found
    raise workbook.WorkbookError("no Chromium to print PDFs with: apt-get install chromium")


@contextmanager
def printer() -> Iterator[Page]:
    """A page of a headless Chromium that reaches no network."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser.new_context(color_scheme="light", offline=True).new_page()
        browser.close()


def write_all(site: Path, documents: list[str]) -> None:
    """Write site/pdf/NAME.pdf for every note and site/pdf/course.pdf.

    Args:
        site: where the web pages lie.
        documents: the notebooks and notes, as paths in the repository, in reading order.
    """
    target = site / "pdf"
    target.mkdir(exist_ok=True)
    parts = []
    with printer() as page:
        for document in progress(documents, desc="PDF"):
            text = printed(page, (site / document).with_suffix(".html"))
            parts.append((page.title().split(" — Machine Learning for the")[0], text))
            if document.startswith("lecture_notes/"):
                numbered(page, [parts[-1]], target / f"{Path(document).stem}.pdf")
        contents = _contents(page, parts, first=1)
        contents = _contents(page, parts, first=1 + len(PdfReader(io.BytesIO(contents)).pages))
        numbered(page, [("Contents", contents), *parts], target / "course.pdf")
    print(f"{workbook.relative(target / 'course.pdf')} and a PDF of each note")


def printed(page: Page, path: Path) -> bytes:
    """Return a web page as a PDF, once its formulas are set and its pictures are there."""
    page.goto(path.as_uri())
    page.evaluate(_READY)
    return page.pdf(format="A4", margin=MARGIN, scale=0.8)


def numbered(page: Page, parts: list[tuple[str, bytes]], target: Path) -> None:
    """Write the parts (title, PDF) as one PDF with page numbers and a bookmark for each part."""
    readers = [PdfReader(io.BytesIO(text)) for _, text in parts]
    total = sum(len(reader.pages) for reader in readers)
    sheets = "".join(f"<div>{k}</div>" for k in range(1, total + 1))
    style = "@page { size: A4; margin: 0 } body { margin: 0; font: 10pt sans-serif }"
    style += " div { height: 297mm; padding-top: 282mm; box-sizing: border-box; overflow: hidden;"
    style += " text-align: center; break-after: page }"
    page.set_content(f"<style>{style}</style>{sheets}")
    numbers = PdfReader(io.BytesIO(page.pdf(format="A4")))
    writer = PdfWriter()
    for (title, _), reader in zip(parts, readers, strict=True):
        writer.append(reader, outline_item=title)
    for sheet, number in zip(writer.pages, numbers.pages, strict=False):
        sheet.merge_page(number)
    writer.add_metadata({"/Title": parts[-1][0] if len(parts) == 1 else "The workbook"})
    writer.compress_identical_objects()
    writer.write(target)


def _contents(page: Page, parts: list[tuple[str, bytes]], first: int) -> bytes:
    """Return the contents page as a PDF; `first` is the page after it."""
    rows = []
    for title, text in parts:
        rows.append(f"<tr><td>{html.escape(title)}</td><td align=right>{first}</td></tr>")
        first += len(PdfReader(io.BytesIO(text)).pages)
    style = "body { font: 11pt/1.5 sans-serif } table { width: 100% }"
    head = "<h1>Machine Learning for the Working Mathematician</h1><h2>Contents</h2>"
    page.set_content(f"<style>{style}</style>{head}<table>{''.join(rows)}</table>")
    return page.pdf(format="A4", margin=MARGIN)
