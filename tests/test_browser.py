"""A newcomer's evening: JupyterLab in a real browser, week 1 to its end, and the slider moved.

And what a notebook's links open there, and that JupyterLab saves nothing that nobody wrote.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import warnings
from contextlib import contextmanager

import nbformat
import pytest

from tests.support import ROOT
from tools import lab, workbook
from tools.builder.outputs import load

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
ARTIFACTS = ROOT / "build" / "artifacts"
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "docmanager-extension/plugin": {"autosave": False},
}
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
PROMPTS = """() => [...document.querySelectorAll('.jp-Notebook .jp-CodeCell .jp-InputPrompt')]
    .map(prompt => prompt.textContent.trim())"""
ERRORS = """() => [...document.querySelectorAll(
    '.jp-Notebook [data-mime-type="application/vnd.jupyter.error"],' +
    '.jp-Notebook [data-mime-type="application/vnd.jupyter.stderr"]')].map(e => e.textContent)"""
PICTURE = """() => [...document.querySelectorAll('.jp-Notebook .jp-CodeCell')]
    .filter(cell => cell.querySelector('.noUi-handle'))
    .map(cell => [...cell.querySelectorAll('.jp-OutputArea img')].map(i => i.src).join(' '))[0]"""


@pytest.fixture
def server(tmp_path):
    """JupyterLab on a free port over a reader's own copies; yields its address."""
    lab.copy_notebooks(workbook.NOTEBOOKS, tmp_path / "my")
    with jupyterlab(tmp_path, tmp_path, SETTINGS) as address:
        yield address


@contextmanager
def jupyterlab(tmp_path, root, wanted):
    """Run JupyterLab below `root` with these settings; yields its address."""
    settings = tmp_path / "settings" / "@jupyterlab"
    for name, values in wanted.items():
        place = settings / f"{name}.jupyterlab-settings"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(values))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token="]
    command += [f"--ServerApp.root_dir={root}"]
    environment = os.environ | {"JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings")}
    environment = {k: v for k, v in environment.items() if not k.startswith("COURSE_")}
    log = tmp_path / "server.log"
    with open(log, "w") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
        try:
            _wait(f"http://127.0.0.1:{port}/api/status", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(url, process, log, seconds=90):
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


def need_chromium():
    if CHROMIUM is None:
        message = "no Chromium for this test: apt-get install chromium"
        assert not os.environ.get("CI"), message
        pytest.skip(message)


@pytest.mark.browser
@pytest.mark.timeout(700)
def test_week_1_runs_to_its_end_in_jupyterlab_and_the_slider_changes_the_picture(server):
    need_chromium()
    from playwright.sync_api import TimeoutError, sync_playwright

    notebook = next(workbook.NOTEBOOKS.glob("week01*.ipynb"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            follow(browser, server, notebook)
        except TimeoutError as error:
            warnings.warn(f"browser test tried again after: {error}", stacklevel=1)
            follow(browser, server, notebook)
        finally:
            browser.close()


def follow(browser, server, notebook):
    page = browser.new_page(viewport={"width": 1280, "height": 1600})
    page.set_default_timeout(60_000)
    page.goto(f"{server}/lab/tree/my/{notebook.name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    expected = sum(c.cell_type == "code" and bool(c.source.strip()) for c in load(notebook).cells)
    finished = f"expected => ({PROMPTS})().filter(p => /^\\[\\d+\\]:$/.test(p)).length === expected"
    page.wait_for_function(
        "() => [...document.querySelectorAll('.jp-InputPrompt')]"
        ".some(p => p.textContent.trim() === '[*]:')"
    )
    page.wait_for_function(finished, arg=expected, timeout=240_000)
    assert page.evaluate(ERRORS) == []
    handle = page.locator(".jp-Notebook .noUi-handle").first
    handle.scroll_into_view_if_needed()
    before = page.evaluate(PICTURE)
    assert before
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"before => ({PICTURE})() !== before && ({PICTURE})()", arg=before)
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTIFACTS / "week01_playground.png")
    page.locator(".jp-Notebook .jp-MarkdownCell").first.scroll_into_view_if_needed()
    page.screenshot(path=ARTIFACTS / "week01_top.png")
    page.close()


BOARD = """() => [...document.querySelectorAll('.jp-Notebook .jp-CodeCell')]
    .filter(cell => cell.querySelector('.jupyter-button'))
    .map(cell => [...cell.querySelectorAll('.jp-OutputArea img')].map(i => i.src).join(' '))[0]"""


@pytest.mark.browser
@pytest.mark.timeout(500)
def test_a_game_of_connect_four_is_played_to_its_end_on_the_companions_board(server, tmp_path):
    """Two rounds of training instead of 26: it is the board that is tested here."""
    need_chromium()
    from playwright.sync_api import TimeoutError, sync_playwright

    notebook = load(workbook.NOTEBOOKS / "extras" / "alphazero.ipynb")
    at = next(k for k, c in enumerate(notebook.cells) if "widget" in c.metadata.get("tags", []))
    notebook.cells = notebook.cells[: at + 1]
    for cell in notebook.cells:
        cell.source = cell.source.replace("scale(laptop=26, paper=120)", "2")
    assert any("rounds, empty = 2," in cell.source for cell in notebook.cells)
    nbformat.write(notebook, tmp_path / "my" / "board.ipynb")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1600})
        page.set_default_timeout(60_000)
        page.goto(f"{server}/lab/tree/my/board.ipynb?reset")
        page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_selector(".jp-Notebook .jupyter-button", timeout=240_000)
        page.wait_for_function(f"() => ({BOARD})()")
        seen, tried = [page.evaluate(BOARD)], 0
        while tried < 5:  # a column that changes nothing is full, or the game is over
            page.locator(".jp-Notebook .jupyter-button").nth(tried).click()
            change = f"before => ({BOARD})() && ({BOARD})() !== before"
            try:
                page.wait_for_function(change, arg=seen[-1], timeout=3_000)
            except TimeoutError:
                tried += 1
            else:
                page.wait_for_timeout(500)
                seen.append(page.evaluate(BOARD))
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        page.locator(".jp-Notebook .jupyter-button").first.scroll_into_view_if_needed()
        page.screenshot(path=ARTIFACTS / "alphazero_board.png")
        browser.close()
    assert 4 <= len(seen) - 1 <= 10  # blue begins and places 4 to 10 of the 20 stones
    assert len(set(seen)) == len(seen)


PICTURES = """() => {
    const shown = [...document.querySelectorAll('.jp-MarkdownViewer img')];
    return shown.length > 0 && shown.every(picture => picture.naturalWidth > 0);
}"""


@pytest.mark.browser
@pytest.mark.timeout(400)
def test_links_open_notes_and_notebooks_and_a_notebook_only_opened_stays_as_it_is(tmp_path):
    need_chromium()
    from playwright.sync_api import sync_playwright

    my = tmp_path / "my"
    lab.copy_notebooks(workbook.NOTEBOOKS, my)
    place = next(my.glob("week07*.ipynb"))
    before = {p: p.read_bytes() for p in my.rglob("*.ipynb")}
    autosave = {"docmanager-extension/plugin": {"autosave": True, "autosaveInterval": 2}}
    with jupyterlab(tmp_path, my, SETTINGS | autosave) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            page.set_default_timeout(60_000)
            page.goto(f"{server}/lab/tree/{place.name}?reset")
            page.wait_for_selector(".jp-Notebook .jp-CodeCell")
            page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
            page.wait_for_timeout(7_000)  # three times the interval of autosave
            page.locator(".jp-Notebook a", has_text="lecture_notes/week07.md").first.click()
            page.wait_for_function(PICTURES)
            page.wait_for_selector(".jp-MarkdownViewer mjx-container")  # formulas are set
            ARTIFACTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=ARTIFACTS / "week07_note.png")
            page.locator(".lm-TabBar-tabLabel", has_text=place.name).first.click()
            link = page.locator(".jp-Notebook a", has_text="A gallery of conjectures").first
            link.scroll_into_view_if_needed()
            link.click()
            tab = ".lm-TabBar-tabLabel:has-text('week07_conjecture_gallery.ipynb')"
            page.wait_for_selector(tab)
            page.wait_for_timeout(5_000)
            assert len(browser.contexts[0].pages) == 1  # no second window
        finally:
            browser.close()
    assert {
        p: p.read_bytes() for p in my.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts
    } == before
