"""The site is built without a warning and reads without the internet."""

import html
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter

import pytest
from PIL import Image
from pypdf import PdfReader

from tests.support import ROOT
from tools import workbook
from tools.builder import outputs
from tools.builder.source import read_source, tasks
from tools.site import __main__ as site
from tools.site import content, indexes, pictures, printed

# What makes a browser fetch: not a link that a reader may follow.
FETCHED = re.compile(
    r"""<(?:img|script|iframe|source|video|audio)\b[^>]*?\bsrc\s*=\s*["']?(https?:)?//"""
    r"""|<link\b(?![^>]*\brel="canonical")[^>]*?\bhref\s*=\s*["']?(https?:)?//"""
    r"""|(?:@import|url\()\s*["']?(https?:)?//""",
    re.IGNORECASE,
)
# What a page does not show as words: code, formulas, pictures, addresses, tags.
ASIDES = [r"```.*?```", r"\$\$.*?\$\$", r"\$[^$]*\$", r"!\[[^]]*\]\([^)]*\)"]
ASIDES += [r"\]\([^)]*\)", "<[^>]*>"]
AXE_PAGES = ["index", "notebooks/week02_the_moebius_function", "lecture_notes/week06"]
AXE_PAGES += ["exercises", "benchmarks", "search"]


@pytest.fixture(scope="module")
def built():
    command = [sys.executable, "-m", "tools.site", "--no-pdf"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return site.SITE


@pytest.fixture(scope="module")
def page(built):
    if not any(map(shutil.which, printed.CHROMIUM)):
        assert not os.environ.get("CI"), "no Chromium: apt-get install chromium"
        pytest.skip("no Chromium: apt-get install chromium")
    with printed.printer() as opened:
        yield opened


def documents():
    notebooks = [workbook.relative(workbook.target(p)) for p in workbook.sources()]
    notes = [workbook.relative(p) for p in sorted((ROOT / "lecture_notes").glob("*.md"))]
    return [name.rsplit(".", 1)[0] for name in notebooks + notes]


def test_every_notebook_and_every_note_has_a_page(built):
    assert [name for name in documents() if not (built / f"{name}.html").is_file()] == []


def test_nothing_is_fetched_from_elsewhere(built):
    found = []
    for path in [*built.rglob("*.html"), *built.rglob("*.css")]:
        if match := FETCHED.search(path.read_text(encoding="utf-8")):
            found.append((path.name, match[0][:120]))
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        '<img alt="x" src="https://a.example/x.svg">',
        "<script async src=//a.example/x.js></script>",
        '<link rel="stylesheet" href="https://a.example/x.css">',
        "src: url(https://a.example/x.woff2)",
        '@import "https://a.example/x.css"',
    ],
)
def test_what_is_fetched_would_be_found(line):
    assert FETCHED.search(line)


def test_every_picture_has_an_alternative_text(built):
    for name in documents():
        text = (built / f"{name}.html").read_text(encoding="utf-8")
        article = text[text.index("<article") : text.index("</article>")]
        for image in re.findall(r"<img\b[^>]*>", article):
            assert re.search(r'\balt="[^"]{10,}"', image), (name, image[:200])


def test_no_tex_is_left_in_the_text(built):
    """A line of a formula that begins with + or - would be an item of a list."""
    left = {}
    for name in [*documents(), "open_questions", "results", "mathematics"]:
        text = (built / f"{name}.html").read_text(encoding="utf-8")
        text = text[text.index("<article") : text.index("</article>")]
        if re.search(r"<blockquote>\s*<div>\s*<blockquote>", text):
            left[name] = "a line >>> outside a block of code is a quotation"
        for kept in (
            r"<(pre|code|script)\b.*?</\1>",
            r'<(span|div) class="math.*?</\1>',
            r"<[^>]*>",
        ):
            text = re.sub(kept, "", text, flags=re.DOTALL)
        if found := re.search(r"\$|\\[a-zA-Z({\[]|\*\*", text):
            left[name] = text[max(0, found.start() - 40) : found.end() + 40]
    assert left == {}


def test_three_pages_with_the_network_refused(page, built):
    for name in ("notebooks/week06_saliency_and_combinatorial_invariance", "lecture_notes/week13"):
        page.goto((built / f"{name}.html").as_uri())
        page.wait_for_selector("article mjx-container", timeout=30_000)
        width = page.evaluate("Math.max(...Array.from(document.images, i => i.naturalWidth))")
        assert width > 300
    page.goto((built / "search.html").as_uri() + "?q=Kazhdan")
    page.wait_for_selector("#search-results li a", timeout=30_000)
    assert "Saliency" in page.inner_text("#search-results")


@pytest.mark.timeout(900)
def test_mathjax_sets_every_formula_and_pages_fit_a_telephone(page, built):
    wrong, wide = {}, {}
    usual = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 800})
    for name in documents():
        page.goto((built / f"{name}.html").as_uri())
        page.evaluate("MathJax.startup.promise.then(() => 0)")
        read = "Array.from(document.querySelectorAll('mjx-merror'), e => e.textContent)"
        if errors := page.evaluate(read):
            wrong[name] = errors[:3]
        if (width := page.evaluate("document.documentElement.scrollWidth")) > 390:
            wide[name] = width
    page.set_viewport_size(usual)
    assert wrong == {}
    assert wide == {}


def test_no_word_is_lost(built):
    lost = {}
    for name in documents():
        path = ROOT / f"{name}.md"
        if path.exists():
            text = path.read_text(encoding="utf-8")
        else:
            cells = outputs.load(ROOT / f"{name}.ipynb").cells
            text = "\n".join(c.source for c in cells if c.cell_type == "markdown")
        for aside in ASIDES:
            text = re.sub(aside, " ", text, flags=re.DOTALL)
        shown = html.unescape(re.sub(r"<[^>]*>", "", (built / f"{name}.html").read_text("utf-8")))
        words, seen = (Counter(re.findall(r"[^\W\d_]{3,}", t)) for t in (text, shown))
        if missing := words - seen:
            lost[name] = missing.most_common(3)
    assert lost == {}


@pytest.mark.parametrize("name", AXE_PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_barrier(page, built, name, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto((built / f"{name}.html").as_uri())
    page.wait_for_timeout(500)
    page.add_script_tag(path=site.NPM / "node_modules" / "axe-core" / "axe.min.js")
    found = page.evaluate("axe.run().then(r => r.violations)")
    serious = [
        (v["id"], v["nodes"][0]["html"][:150], v["nodes"][0].get("failureSummary", "")[:200])
        for v in found
        if v["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_a_note_is_printed_with_page_numbers(page, built, tmp_path):
    part = printed.printed(page, built / "lecture_notes" / "week13.html")
    printed.numbered(page, [part], tmp_path / "note.pdf")
    reader = PdfReader(tmp_path / "note.pdf")
    assert len(reader.pages) >= 3
    assert "Hankel" in reader.pages[1].extract_text()
    assert [p.extract_text().rstrip().endswith(str(k + 1)) for k, p in enumerate(reader.pages)]
    chapter, sections = reader.outline
    assert chapter.title.startswith("Week 13 — ")
    assert [entry.title for entry in sections] == list(part.listed)
    goals = [reader.get_destination_page_number(entry) + 1 for entry in sections]
    assert goals == sorted(goals)
    assert goals[-1] == len(reader.pages)
    first = reader.pages[0].extract_text()
    assert all(f"\n{goal}\n" in f"\n{first}\n" for goal in goals)
    assert b"file:///" not in (tmp_path / "note.pdf").read_bytes()


def test_contents_count_pages(page, built, tmp_path):
    part = printed.printed(page, built / "open_questions.html")
    parts = [part._replace(title=title) for title in ("One", "Two")]
    listed = printed.contents(page, parts, first=2)
    printed.numbered(page, [listed, *parts], tmp_path / "a.pdf")
    reader = PdfReader(tmp_path / "a.pdf")
    length = (len(reader.pages) - 1) // 2
    words = reader.pages[0].extract_text().split()
    assert words[words.index("One") + 1] == "2"
    assert words[words.index("Two") + 1] == str(2 + length)
    goals = [link.get_object()["/Dest"][0] for link in reader.pages[0]["/Annots"]]
    assert [reader.get_page_number(goal.get_object()) for goal in goals] == [1, 1 + length]


def test_results_list_every_claim_and_exercises_every_task():
    pages = indexes.pages()
    for path in workbook.sources():
        claims = json.loads((workbook.CLAIMS / f"{path.stem}.json").read_text(encoding="utf-8"))
        assert pages["results.md"].count(f"({indexes.address(path)})") == 1
        for task in tasks(read_source(path)):
            assert (
                f"| [{task.key}]({indexes.address(path)}) | {task.title} |"
                in (pages["exercises.md"])
            )
        assert claims
    rows = pages["results.md"].count("\n| ") - pages["results.md"].count("\n| claim")
    assert rows == sum(
        len(json.loads((workbook.CLAIMS / f"{p.stem}.json").read_text()))
        for p in workbook.sources()
    )


def test_every_notebook_asks_an_open_question():
    text = indexes.open_questions()
    assert text.count("\n## ") == len(workbook.sources())


def test_a_notebook_on_the_site_has_neither_badge_nor_live_output():
    live = {"output_type": "display_data", "data": {content._LIVE: {}}, "metadata": {}}
    badge = "[![Open in Colab](https://a.example/b.svg)](https://c.example/d)"
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": f"# T\n\n*Why?*\n\n{badge}"},
        {
            "cell_type": "code",
            "metadata": {"tags": ["bootstrap"]},
            "source": "import sys",
            "outputs": [live],
        },
    ]
    text = content.page_of(
        json.dumps({"cells": cells}), workbook.NOTEBOOKS / "week01.ipynb", documents=set()
    )
    found = json.loads(text)["cells"]
    assert found[0]["source"].strip() == "# T\n\n*Why?*"
    assert found[1]["outputs"] == []
    assert "remove-cell" in found[1]["metadata"]["tags"]


def test_the_pictures_are_those_that_the_code_makes():
    assert pictures.dependencies() == (pictures.STATIC / "dependencies.svg").read_text()
    committed = Image.open(pictures.STATIC / "strip.png")
    assert committed.height == pictures.HEIGHT
    assert committed.width == pictures.strip().width
