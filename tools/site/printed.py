"""PDFs of the site's pages: one of each lecture note, one of the whole course with contents."""

import html
import io
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page, sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, NameObject, NullObject, NumberObject

from course_utils.runtime import progress
from tools import workbook

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-sync", "--disable-background-networking"]
MARGIN = {"top": "18mm", "bottom": "20mm", "left": "25mm", "right": "25mm"}
SCALE = 0.8
WIDTH = round((210 - 50) / SCALE / 25.4 * 96)  # of the text, in the browser's pixels
# Links to other pages would name places of the machine that prints. Formulas and tables that are
# wider than the text are set smaller; nothing scrolls on paper.
_READY = """async width => {
  if (window.MathJax) await MathJax.startup.promise;
  document.querySelectorAll("details").forEach(d => d.open = true);
  document.querySelectorAll("a[href]").forEach(a => {
    if (a.protocol === "file:" && a.pathname !== location.pathname) a.removeAttribute("href");
  });
  await Promise.all(Array.from(document.images).map(i => i.decode().catch(() => {})));
  const shrink = (box, wide, room) => {
    if (wide <= room) return;
    const size = parseFloat(getComputedStyle(box).fontSize);
    box.style.fontSize = `${Math.floor(100 * size * room / wide) / 100}px`;
  };
  for (const math of document.querySelectorAll(".bd-article mjx-container > mjx-math")) {
    const room = math.closest("li, td, blockquote, section").clientWidth;
    shrink(math.parentElement, math.getBoundingClientRect().width, Math.min(room, width));
  }
  for (const table of document.querySelectorAll(".bd-article table")) {
    shrink(table, table.scrollWidth, width);
  }
  const listed = document.querySelectorAll("#jb-print-toc .section-nav > li > a");
  return Array.from(listed, a => a.textContent.trim());
}"""


class Part(NamedTuple):
    """A printed page of the site."""

    title: str
    text: bytes  # the PDF
    listed: tuple[str, ...] = ()  # its own contents, whose links are the first ones of the PDF
    group: str = ""


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
            part = printed(page, (site / document).with_suffix(".html"))
            group = "Companions" if "/extras/" in document else "Notebooks of the weeks"
            group = "Lecture notes" if document.startswith("lecture_notes/") else group
            parts.append(part._replace(group=group))
            if document.startswith("lecture_notes/"):
                numbered(page, [part], target / f"{Path(document).stem}.pdf")
        listed = contents(page, parts, first=1)
        listed = contents(page, parts, first=1 + len(_reader(listed).pages))
        numbered(page, [listed, *parts], target / "course.pdf")
    print(f"{workbook.relative(target / 'course.pdf')} and a PDF of each note")


def printed(page: Page, path: Path) -> Part:
    """Return a web page as a PDF, once its formulas are set and its pictures are there."""
    page.set_viewport_size({"width": WIDTH, "height": 1000})
    page.emulate_media(media="print")
    page.goto(path.as_uri())
    listed = page.evaluate(_READY, WIDTH)
    title = plain(page.title().split(" — Machine Learning for the")[0])
    text = page.pdf(format="A4", margin=MARGIN, scale=SCALE)
    page.emulate_media(media="screen")
    return Part(title, text, tuple(listed))


def plain(title: str) -> str:
    r"""Return a title without TeX, for contents and bookmarks.

    >>> plain(r"Descents in \\(S_n\\)")
    'Descents in Sₙ'
    """
    return re.sub(r"\\+[()]", "", title).replace("S_n", "Sₙ")


def numbered(page: Page, parts: list[Part], target: Path) -> None:
    """Write the parts as one PDF with page numbers, also in the parts' contents, and bookmarks."""
    readers = [_reader(part) for part in parts]
    chapters = _chapters(readers) if parts[0].title == "Contents" else []
    marks: list[list[tuple[float, int]]] = []  # on each sheet: (height in points, page number)
    writer = PdfWriter()
    for part, reader in zip(parts, readers, strict=True):
        first = len(marks) + 1
        marks += [[] for _ in reader.pages]
        sections = _sections(reader, part.listed)
        for sheet, height, goal, _ in sections:
            marks[first - 1 + sheet].append((height, first + goal))
        writer.append(reader, import_outline=False)
        chapter = writer.add_outline_item(title=part.title, page_number=first - 1)
        for *_, goal, words in sections:
            place = {"page_number": first - 1 + goal, "parent": chapter}
            writer.add_outline_item(title=words, is_open=False, **place)
    _lead(writer, chapters)
    page.set_content(_sheets(marks))
    numbers = PdfReader(io.BytesIO(page.pdf(format="A4")))
    for sheet, number in zip(writer.pages, numbers.pages, strict=False):
        sheet.merge_page(number)
        sheet.compress_content_streams()
    writer.add_metadata({"/Title": parts[-1].title if len(parts) == 1 else "The workbook"})
    writer.compress_identical_objects()
    writer.write(target)


def contents(page: Page, parts: list[Part], first: int) -> Part:
    """Return the contents page; `first` is the page after it."""
    rows, group = [], ""
    for k, part in enumerate(parts):
        if part.group != group:
            rows.append(f"<tr><th align=left colspan=2>{html.escape(part.group)}</th></tr>")
            group = part.group
        title = f"<a href='#{k}'>{html.escape(part.title)}</a>"
        rows.append(f"<tr id='{k}'><td>{title}</td><td align=right>{first}</td></tr>")
        first += len(_reader(part).pages)
    style = "body { font: 10pt/1.35 sans-serif } table { width: 100% } a { color: inherit }"
    style += " a { text-decoration: none } th { padding-top: 3mm } td { vertical-align: bottom }"
    head = "<h1>Machine Learning for the Working Mathematician</h1><h2>Contents</h2>"
    page.set_content(f"<style>{style}</style>{head}<table>{''.join(rows)}</table>")
    return Part("Contents", page.pdf(format="A4", margin=MARGIN))


def _reader(part: Part) -> PdfReader:
    return PdfReader(io.BytesIO(part.text))


def _sections(reader: PdfReader, listed: tuple[str, ...]) -> list[tuple[int, float, int, str]]:
    """Return (sheet, height, sheet of its goal, words) of the links of a part's own contents.

    Links to names become links to places: two notes may have a section of the same name.
    """
    found: list[tuple[int, float, int, str]] = []
    for sheet, page in enumerate(reader.pages):
        for entry in page.get("/Annots", ()):
            link = entry.get_object()
            goal = reader.named_destinations.get(str(link.get("/Dest", "")))
            if goal is None:
                continue
            at = reader.get_destination_page_number(goal)
            place = [NameObject("/XYZ"), NumberObject(0), goal.top or NullObject(), NumberObject(0)]
            link[NameObject("/Dest")] = ArrayObject([reader.pages[at].indirect_reference, *place])
            if len(found) < len(listed):
                _, low, _, high = map(float, link["/Rect"])
                found.append((sheet, (low + high) / 2, at, listed[len(found)]))
    return found


def _chapters(readers: list[PdfReader]) -> list[int]:
    """Return where each link of the first PDF, the contents, leads: the k-th chapter's sheet."""
    starts = list(accumulate(len(reader.pages) for reader in readers))
    links = [link for sheet in readers[0].pages for link in sheet.get("/Annots", ())]
    return [starts[int(link.get_object()["/Dest"].lstrip("/"))] for link in links]


def _lead(writer: PdfWriter, sheets: list[int]) -> None:
    """Make the first links of a PDF lead to these sheets."""
    links = (link for page in writer.pages for link in page.get("/Annots", ()))
    for link, sheet in zip(links, sheets, strict=False):
        place = ArrayObject([writer.pages[sheet].indirect_reference, NameObject("/Fit")])
        link.get_object()[NameObject("/Dest")] = place


def _sheets(marks: list[list[tuple[float, int]]]) -> str:
    """Return the page numbers as HTML, one sheet a page: at its foot, and in contents on it."""
    style = "@page { size: A4; margin: 0 } body { margin: 0; font: 10pt sans-serif }"
    style += " div { height: 297mm; padding-top: 282mm; box-sizing: border-box; overflow: hidden;"
    style += " text-align: center; break-after: page; position: relative }"
    style += " i { position: absolute; right: 25mm; font: 7.5pt/10pt sans-serif }"
    rows = [
        "".join(f"<i style='bottom: {height - 5:.1f}pt'>{goal}</i>" for height, goal in found)
        for found in marks
    ]
    return f"<style>{style}</style>" + "".join(
        f"<div>{row}{k}</div>" for k, row in enumerate(rows, start=1)
    )
