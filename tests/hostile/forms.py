"""Changed notebooks, and files that are none."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.hostile.case import ALL, NONE, ORDER, Case


def _answer_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if re.fullmatch(r"ex-.*-answer", cell["id"])]


def _delete_one(notebook: dict[str, Any]) -> None:
    notebook["cells"].remove(_answer_cells(notebook)[0])


def _keep_answers(notebook: dict[str, Any]) -> None:
    notebook["cells"] = _answer_cells(notebook)[::-1]


def _duplicate(notebook: dict[str, Any]) -> None:
    notebook["cells"].append(_answer_cells(notebook)[0] | {"source": "import os\nos._exit(0)"})


def _rename(*names: str) -> Callable[[dict[str, Any]], None]:
    def edit(notebook: dict[str, Any]) -> None:
        for number, cell in enumerate(_answer_cells(notebook)):
            if "id" in names:
                cell["id"] = f"changed-{number}"
            if "grade_id" in names:
                cell["metadata"]["nbgrader"]["grade_id"] = f"changed-{number}"
            if "metadata" in names:
                cell["metadata"] = {}

    return edit


def _regrade(notebook: dict[str, Any]) -> None:
    for cell in notebook["cells"]:
        if "points" in cell["metadata"].get("nbgrader", {}):
            cell["metadata"]["nbgrader"] |= {"points": 1000, "locked": False}
            cell["source"] = "print('all cases agree')"
    del notebook["nbformat"], notebook["metadata"]


FORM = {
    "cell_deleted": Case(edit=_delete_one, says={ORDER: "Not attempted"}, warns="is missing"),
    "only_answers_reversed": Case(scores=ALL, edit=_keep_answers),
    "cell_duplicated": Case(scores=ALL, edit=_duplicate, warns="2 cells bear the id"),
    "id_changed": Case(scores=ALL, edit=_rename("id")),
    "grade_id_changed": Case(scores=ALL, edit=_rename("grade_id")),
    "metadata_removed": Case(scores=ALL, edit=_rename("metadata")),
    "points_changed": Case(scores=ALL, edit=_regrade),
}


# what lies on the disk


def unmarked(disk: Callable[[Path], object], why: str) -> Case:
    """Return a case in which nothing can be marked, and every comment says why."""
    return Case(scores=NONE, says=dict.fromkeys(NONE, f"Not marked: .*{why}"), disk=disk, warns=why)


def _text(text: str | bytes) -> Callable[[Path], object]:
    data = text if isinstance(text, bytes) else text.encode()
    return lambda path: path.write_bytes(data)


def _sparse(path: Path) -> None:
    os.truncate(path, 200_000_000)


def _link(target: str) -> Callable[[Path], object]:
    def disk(path: Path) -> None:
        path.unlink()
        path.symlink_to(path.parents[3] / target)

    return disk


def _link_folder(path: Path) -> None:
    path.unlink()
    path.parent.rmdir()
    path.parent.symlink_to(path.parents[3] / "source" / "hw1")


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _stamp_link(path: Path) -> None:
    path.with_name("timestamp.txt").symlink_to(path.parents[3] / "secrets" / "hw1.json")


def _stamp(text: str) -> Callable[[Path], object]:
    return lambda path: path.with_name("timestamp.txt").write_text(text)


def _strange_names(path: Path) -> None:
    for name in ("a\nb.ipynb", "'; rm -rf ~; '.py", '"><script>.html', "-rf", "\udcff.txt"):
        (path.parent / name).write_text("x")


def _long(cell: str) -> Callable[[Path], object]:
    def lengthen(path: Path) -> None:
        notebook = json.loads(path.read_text())
        for entry in notebook["cells"]:
            if entry["id"] == cell:
                entry["source"] += "\n#" + "x" * 200_000
        path.write_text(json.dumps(notebook))

    return lengthen


def _another(path: Path) -> None:
    path.write_text(path.read_text().replace("ex-", "other-"))


NAMELESS = "bad\n'\"name"  # a student's folder; nbgrader's database cannot hold it well
DISK = {
    "not_json": unmarked(_text("{not json"), "is not a notebook"),
    "empty_file": unmarked(_text(b"\0"), "is not a notebook"),
    "zero_bytes": unmarked(lambda path: os.truncate(path, 0), "is not a notebook"),
    "a_list": unmarked(_text("[]"), "is not a notebook"),
    "a_number_of_cells": unmarked(_text('{"cells": 3}'), "is not a notebook"),
    "odd_cells": unmarked(_text('{"cells": [[], 1, {"id": {}}]}'), "is not a notebook"),
    "no_cells": unmarked(_text('{"cells": []}'), "none of its answer cells is in it"),
    "deep_brackets": unmarked(_text("[" * 100_000), "is not a notebook"),
    "latin1": unmarked(_text(b"\xff\xfe" * 9), "is not a notebook"),
    "200_megabytes": unmarked(_sparse, "has 200000000 bytes"),
    "link_to_the_secrets": unmarked(_link("secrets/hw1.json"), "is a link"),
    "link_to_a_neighbour": unmarked(_link("submitted/honest_ada/hw1/hw1.ipynb"), "is a link"),
    "link_to_a_folder": unmarked(_link_folder, "is a link"),
    "timestamp_link": Case(
        scores=ALL, disk=_stamp_link, warns="timestamp.txt is a link, not a file: not counted"
    ),
    "timestamp_rubbish": Case(
        scores=ALL, disk=_stamp("yesterday\n\0"), warns="timestamp.txt holds no date: not counted"
    ),
    "fifo": unmarked(_fifo, "is not a file"),
    "folder": unmarked(_folder, "is not a file"),
    "no_notebook": unmarked(lambda path: path.unlink(), "is missing"),
    "another_assignment": unmarked(_another, "none of its answer cells is in it"),
    "endless_answer": Case(scores=ALL | {ORDER: 0}, disk=_long(ORDER), warns="longer than 100000"),
    "strange_file_names": Case(scores=ALL, disk=_strange_names),
}  # fmt: skip
