"""What a browser would act on, in every place from which it could reach a page."""

from typing import Any

from tests.hostile.case import ALL, BUMP, PROOF, RIGHT, Case, call, first

MARKUP = r"""<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1))
[y][r] ![z](attachment:evil.png) <a href="jav&#x61;script:alert(1)">z</a> <jav&colon;script:a>
$\href{javascript:alert(1)}{x}$ $$\unicode{<img src=x onerror=alert(1)>}$$ $\style{a:b}{c}$
$\mmlToken{mi}[href="java	script:alert(1)"]{x}$ $\bbox[position:fixed]{x}$ `<script>`

[r]: javascript:alert(1)

<iframe srcdoc="<script>alert(1)</script>"></iframe><svg onload=alert(1)><style>*{}</style>

```html
<script>alert(2)</script>
```

```mermaid
graph TD; A-->B; click A "javascript:alert(1)"
```

\begin{align}<script>alert(3)</script>\end{align} <http://evil.example> https://evil.example
"""
QUOTED = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>[x](javascript:alert(1)) $\\href{a}{b}$"
)


def _page(notebook: dict[str, Any]) -> None:
    for cell in notebook["cells"]:
        cell["attachments"] = {"evil.png": {"text/html": "<script>alert(4)</script>"}}
        if cell["cell_type"] == "code":
            data = {"text/html": "<script>alert(5)</script>"}
            cell["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
            cell["metadata"]["tags"] = ["<script>alert(6)</script>"]
        else:
            cell["source"] += MARKUP if "answer" not in cell["id"] else ""
    notebook["metadata"]["title"] = "</title><script>alert(7)</script>"


PAGES = {
    "html_in_text": Case({PROOF: MARKUP, "names": MARKUP}, ALL, edit=_page),
    "html_in_code": Case(
        {BUMP: f"{RIGHT[BUMP]}\n# </pre>{QUOTED}\nr'''\n{MARKUP}'''"}, ALL, {BUMP: "18 of 18"}
    ),
    "html_in_an_answer": first(call(f"return [{QUOTED!r}]"), r"<script>"),
    "html_in_an_error": first(call(f"raise ValueError({QUOTED!r})"), r"<script>"),
}
