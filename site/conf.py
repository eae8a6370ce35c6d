"""Sphinx reads this: the course's site. `make site` gathers its pages and runs Sphinx on them."""

import re
import tomllib
from pathlib import Path

_root = next(p for p in Path(__file__).resolve().parents if (p / "pyproject.toml").is_file())
with open(_root / "pyproject.toml", "rb") as _file:
    _workbook = tomllib.load(_file)["tool"]["workbook"]
_package = (_root / "course_utils" / "__init__.py").read_text(encoding="utf-8")

project = "Machine Learning for the Working Mathematician"
author = "the workbook's authors"
copyright = "the workbook's authors. Texts: CC BY 4.0, code: BSD 3-Clause"
version = release = re.search(r'__version__ = "(.+)"', _package)[1]
language = "en"

extensions = ["myst_nb"]
exclude_patterns = ["_build", "node_modules"]
nb_execution_mode = "off"  # pages show the committed outputs
nb_ipywidgets_js = {}
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_dmath_double_inline = True
myst_heading_anchors = 4
suppress_warnings = ["myst.header", "mystnb.unknown_mime_type"]
mathjax_path = "mathjax/tex-chtml.js"
mathjax3_config = {"options": {"enableMenu": False}}

html_theme = "sphinx_book_theme"
html_title = "Machine Learning for the Working Mathematician"
html_static_path = ["_static"]
html_css_files = ["course.css"]
html_js_files = ["course.js"]
html_copy_source = False
html_show_sourcelink = False
html_last_updated_fmt = None
html_theme_options = {
    "repository_url": _workbook["repository"],
    "repository_branch": _workbook["ref"],
    "path_to_docs": "",
    "use_repository_button": True,
    "use_download_button": False,  # PDFs of the notes are linked where the notes are listed
    "launch_buttons": {"colab_url": "https://colab.research.google.com"},
    "navbar_persistent": [],
    "show_toc_level": 2,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
