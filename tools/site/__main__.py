"""`make site`: the web site in build/site, and the PDFs in build/site/pdf, without the internet.

The pages show the committed outputs; nothing is executed. MathJax comes once through npm and lies
in the site, so that a reader's browser fetches nothing from elsewhere.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from tools import workbook
from tools.site import content

BUILD = workbook.ROOT / "build"
SOURCE, SITE, NPM = BUILD / "site-source", BUILD / "site", BUILD / "npm"
# Of MathJax: the program, the extensions that it loads on demand, its fonts.
_MATHJAX = ("tex-chtml.js", "input/tex/extensions", "output/chtml/fonts/woff-v2")


def main() -> int:
    """Run the command line; 1 when Sphinx finds fault, 2 when a program is missing."""
    parser = argparse.ArgumentParser(prog="tools.site", description=__doc__.split("\n")[0])
    parser.add_argument("--no-pdf", action="store_true", help="the web pages alone")
    options = parser.parse_args()
    try:
        packages()
        documents = content.gather(SOURCE)
        mathjax(SOURCE / "_static" / "mathjax")
        if not html(SOURCE, SITE):
            return 1
        print(f"{workbook.relative(SITE / 'index.html')}: {len(documents)} notebooks and notes")
        if not options.no_pdf:
            from tools.site import printed

            printed.write_all(SITE, documents)
    except workbook.WorkbookError as error:
        print(f"site: {error}", file=sys.stderr)
        return 2
    return 0


def packages() -> None:
    """Let npm bring what site/package.json names, once.

    Raises:
        WorkbookError: npm is missing or fails.
    """
    if (NPM / "node_modules" / "mathjax").is_dir() and (NPM / "node_modules" / "axe-core").is_dir():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise workbook.WorkbookError("npm brings MathJax: apt-get install npm")
    NPM.mkdir(parents=True, exist_ok=True)
    shutil.copy(content.FRONT / "package.json", NPM)
    command = [npm, "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
    run = subprocess.run(command, cwd=NPM, capture_output=True, text=True)
    if run.returncode:
        raise workbook.WorkbookError(f"npm could not bring MathJax: {run.stderr.strip()[-300:]}")


def mathjax(target: Path) -> None:
    """Copy the parts of MathJax that the pages use."""
    origin = NPM / "node_modules" / "mathjax" / "es5"
    for name in _MATHJAX:
        if (origin / name).is_dir():
            shutil.copytree(origin / name, target / name)
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(origin / name, target / name)


def html(source: Path, target: Path) -> bool:
    """Run Sphinx; a warning is an error."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-j", "auto"]
    command += ["-d", str(BUILD / "site-doctrees"), str(source), str(target)]
    return subprocess.run(command).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
