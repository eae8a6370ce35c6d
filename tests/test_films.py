"""Films of matrices: what they hold, what they refuse, and that a browser plays them."""

import base64
import json
import re
import zlib

import numpy as np
import pytest

from course_utils.pictures.films import matrix_film
from tests.test_browser import CHROMIUM, FLAGS, need_chromium

FRAMES = np.array([[[0, 1, 0.5]], [[1, 1, 1]], [[0, 0, 1 / 15]]])
CAPTIONS = ["one", "two", "three </script>"]


def film(frames=FRAMES, captions=CAPTIONS):
    return matrix_film(frames, captions, xlabel="frequency", ylabel="neuron", first=1)


def test_the_page_holds_sixteen_shades_and_fetches_nothing():
    html = film().data
    facts = json.loads(re.search(r"const film = (\{.*?\}), box", html)[1])
    levels = np.frombuffer(zlib.decompress(base64.b64decode(facts["data"])), np.uint8)
    assert levels.tolist() == [0, 15, 8, 15, 15, 15, 0, 0, 1]
    assert facts["shape"] == [3, 1, 3]
    assert facts["captions"] == CAPTIONS
    assert len(set(facts["colours"])) == 16
    assert html.count("</script>") == 1
    assert not re.search(r"https?:|fetch\(|import\(|src=", html)


@pytest.mark.parametrize(
    ("frames", "captions", "message"),
    [
        (FRAMES[0], CAPTIONS, "must fit"),
        (FRAMES, CAPTIONS[:2], "must fit"),
        (FRAMES[:0], [], "must fit"),
        (2 * FRAMES, CAPTIONS, "between 0 and 1, got 0 to 2"),
        (FRAMES * np.nan, CAPTIONS, "between 0 and 1"),
    ],
)
def test_what_is_no_film(frames, captions, message):
    with pytest.raises(ValueError, match=message):
        film(frames, captions)


@pytest.mark.browser
def test_a_browser_draws_plays_and_follows_the_slider(tmp_path):
    need_chromium()
    from playwright.sync_api import sync_playwright

    page_file = tmp_path / "film.html"
    page_file.write_text(f"<!DOCTYPE html><body style='margin:0'>{film().data}</body>")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = browser.new_page()
            errors = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(page_file.as_uri())
            page.wait_for_selector("text=three")
            follow(page)
            assert errors == []
        finally:
            browser.close()


def follow(page) -> None:
    """Step back and forth by keyboard, then play the film "one", "two", "three" to its end."""
    last = picture(page)
    page.locator("input").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("text=two")
    assert picture(page) != last
    page.keyboard.press("ArrowRight")
    page.locator("button").click()
    page.wait_for_selector("text=one")
    page.wait_for_selector("text=three")
    page.wait_for_selector("text=Play")
    assert picture(page) == last


def picture(page) -> str:
    return page.evaluate("() => document.querySelector('canvas').toDataURL()")
