"""Pictures of alcoves: what a film refuses, what it holds, and that a browser plays it."""

import base64
import json
import re
import zlib

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.maths import affine_weyl, alcoves
from course_utils.pictures.alcoves import draw, film
from tests.test_browser import CHROMIUM, FLAGS, need_chromium
from tests.test_films import follow

CORNERS = np.array([[[0, 0], [4, 0], [4, 4]], [[0, 0], [-4, 0], [-4, 4]]])
VALUES = np.array([[1, 0], [3, 1], [40_000, 7]])
CAPTIONS = ["one", "two", "three </script>"]


def packed(html: str) -> dict:
    return json.loads(re.search(r"const film = (\{.*?\}), box", html)[1])


def test_the_page_holds_the_exact_numbers():
    facts = packed(film(CORNERS, VALUES, [0, 1, 0], CAPTIONS).data)
    words = np.frombuffer(zlib.decompress(base64.b64decode(facts["data"])), "<u2")
    assert words[:12].astype(np.int16).tolist() == CORNERS.ravel().tolist()
    assert words[12:].reshape(2, 3).T.tolist() == VALUES.tolist()
    assert facts["tops"] == [2, 3, 40_000]
    assert facts["captions"] == CAPTIONS


def test_the_page_fetches_nothing_and_a_caption_cannot_end_the_script():
    html = film(CORNERS, VALUES, [0, 1, 0], CAPTIONS).data
    assert html.count("</script>") == 1
    assert not re.search(r"https?:|fetch\(|import\(|src=", html)


@pytest.mark.parametrize(
    ("corners", "values", "marks", "message"),
    [
        (CORNERS, VALUES[:, :1], [0, 1, 0], "must fit"),
        (CORNERS, VALUES[0], [0, 1, 0], "must fit"),
        (CORNERS, VALUES, [0, 1], "must fit"),
        (CORNERS, VALUES / 2, [0, 1, 0], "values must be integers"),
        (CORNERS, VALUES * 2, [0, 1, 0], "values must be integers"),
        (CORNERS, -VALUES, [0, 1, 0], "values must be integers"),
        (CORNERS * 10_000, VALUES, [0, 1, 0], "corners must be integers"),
        (CORNERS, VALUES, [0, 2, 0], "marks must be places"),
    ],
)
def test_what_is_no_film(corners, values, marks, message):
    with pytest.raises(ValueError, match=message):
        film(corners, values, marks, CAPTIONS)


def test_a_figure_colours_what_has_a_value_and_outlines_the_mark():
    figure, ax = plt.subplots()
    corners = alcoves.triangles(6)
    values = affine_weyl.kl_values(affine_weyl.element([0, 1, 2, 1]))
    shown = draw(ax, corners, values, mark=5)
    assert shown.get_array().tolist() == values[values > 0].tolist()
    assert len(shown.get_paths()) == (values > 0).sum()
    outline = ax.patches[-1].get_xy()[:3]
    assert np.allclose(outline, alcoves.plane(corners)[5])
    assert shown.norm.vmin == 1
    plt.close(figure)


@pytest.mark.browser
def test_a_browser_draws_plays_and_follows_slider_and_mouse(tmp_path):
    need_chromium()
    from playwright.sync_api import sync_playwright

    page_file = tmp_path / "film.html"
    html = film(CORNERS, VALUES, [0, 1, 0], CAPTIONS, label="value")
    page_file.write_text(f"<!DOCTYPE html><body style='margin:0'>{html.data}</body>")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = browser.new_page()
            errors = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(page_file.as_uri())
            page.wait_for_selector("text=three")
            page.mouse.move(400, 250)  # inside the first triangle
            page.wait_for_selector("text=value = 40000")
            follow(page)
            assert errors == []
        finally:
            browser.close()
