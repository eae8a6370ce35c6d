"""Take the instructor's guide's pictures: `python -m lecture_notes.figures.instructors`.

A headless Chromium opens the released notebook in JupyterLab and a student's feedback page.
"""

import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests import classroom
from tests.test_browser import CHROMIUM, FLAGS, SETTINGS
from tests.test_instructors_guide import CLASS

HERE = Path(__file__).parent
COLOURS = 64


def main() -> None:
    """Compile, release and mark a small class, and photograph what its members see."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        course = Path(folder) / "course"
        classroom.release(course, "hw1", "2.1", "2.4", "2.9")
        secret = course / "secrets" / "hw1.json"
        drawn = json.loads(secret.read_text())
        for exercise in drawn["exercises"].values():
            exercise["seed"] = 0  # the same counterexample and mark in every picture
        secret.write_text(json.dumps(drawn))
        classroom.hand_in(course, "hw1", "ben", CLASS["ben"])
        classroom.grade(course, "hw1")
        classroom.call("nbgrader", "generate_feedback", "hw1", cwd=course)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        address, server = _jupyterlab(course)
        try:
            _save("instructors_release", _release(browser.new_page(), address))
        finally:
            server.terminate()
            server.wait(30)
        page = browser.new_page(viewport={"width": 900, "height": 1000})
        page.goto((course / "feedback" / "ben" / "hw1" / "hw1.html").as_uri())
        cells = "[id$=ex-2-4-answer] .panel, [id$=ex-2-4-check] .panel"
        _save("instructors_feedback", _around(page, cells))
        browser.close()


def _jupyterlab(course: Path) -> tuple[str, subprocess.Popen]:
    settings = course.parent / "settings"
    for name, values in SETTINGS.items():
        place = settings / "@jupyterlab" / f"{name}.jupyterlab-settings"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(values))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--port={address.rpartition(':')[2]}", "--IdentityProvider.token="]
    command += [f"--ServerApp.root_dir={course}"]
    environment = os.environ | {"JUPYTERLAB_SETTINGS_DIR": str(settings)}
    log = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, env=environment, **log)
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"{address}/api/status", timeout=5):
                return address, server
        except OSError:
            time.sleep(0.3)
    server.terminate()
    raise RuntimeError("JupyterLab did not start")


def _release(page: Page, address: str) -> bytes:
    page.set_viewport_size({"width": 1000, "height": 620})
    page.set_default_timeout(120_000)
    page.goto(f"{address}/lab/tree/release/hw1/hw1.ipynb?reset")
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
    page.keyboard.press("Control+b")  # the notebook has the window to itself
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_selector("text=Exercise 2.4: not attempted yet")
    page.locator(".jp-Notebook h3", has_text="Exercise 2.4").scroll_into_view_if_needed()
    page.locator("text=Exercise 2.4: not attempted yet").scroll_into_view_if_needed()
    page.mouse.move(5, 5)
    page.wait_for_timeout(1500)
    return page.screenshot()


def _around(page: Page, selector: str) -> bytes:
    """Photograph the elements and what is between them."""
    boxes: list[Any] = [e.bounding_box() for e in page.locator(selector).all()]
    left, top = (min(box[k] for box in boxes) - 2 for k in ("x", "y"))
    right = max(box["x"] + box["width"] for box in boxes) + 2
    bottom = max(box["y"] + box["height"] for box in boxes) + 2
    clip = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    return page.screenshot(full_page=True, clip=clip)


def _save(name: str, png: bytes) -> None:
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS)
    picture.save(HERE / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
