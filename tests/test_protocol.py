"""The protocol for a reader's own table: bad input, and three tables nobody tuned to."""

import re

import networkx as nx
import numpy as np
import pytest

from course_utils.protocol import (
    ceiling,
    class_split,
    make_table,
    permutation_null,
    read_graph6,
    read_table,
    report,
    save_report,
)

GOOD = [[f"g{i}", i, i % 3, i % 2] for i in range(30)]


def text(rows):
    lines = ["name,n,triangles,label", *(",".join(map(str, row)) for row in rows)]
    return "\n".join(lines) + "\n"


def changed(row, column, value):
    rows = [list(r) for r in GOOD]
    rows[row][column] = value
    return rows


BAD = {
    "labels: 1 missing, the first in row 5": changed(4, 3, ""),
    "labels: all are '1'": [[*r[:3], 1] for r in GOOD],
    "keys: all 30 rows are the same object 'g'": [["g", *r[1:]] for r in GOOD],
    "labels: rows 1 and 31 are the same object 'g0'": [*GOOD, ["g0", 0, 0, 1]],
    "keys: 10 different objects": GOOD[:10],
    "column 'triangles', row 3: 'many'": changed(2, 2, "many"),
    "column 'n', row 3: 'inf'": changed(2, 1, "inf"),
    "labels: 'even' is no integer": changed(2, 3, "even"),
    "labels: '0.5' is no integer": changed(2, 3, 0.5),
    "row 1: 5 cells for 4 columns": changed(0, 0, "a,b"),
}


@pytest.mark.parametrize("message", BAD)
def test_bad_tables_are_refused_in_one_line(message):
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        read_table(text(BAD[message]), key="name", label="label")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("empty", ["", "name,n\n", "name,label,label\n"])
def test_a_missing_column_is_named(empty):
    with pytest.raises(ValueError, match=r"columns: '(name|label)' must be there once"):
        read_table(empty, key="name", label="label")


def test_unequal_lengths_no_column_and_many_words_are_refused():
    with pytest.raises(ValueError, match="n: 29 entries for 30 objects"):
        make_table(range(30), {"n": range(29)}, [0, 1] * 15)
    with pytest.raises(ValueError, match="no column"):
        make_table(range(30), {}, [0, 1] * 15)
    with pytest.raises(ValueError, match="3 different words"):
        make_table(range(30), {"n": range(30)}, ["a", "b", "c"] * 10)


def test_equal_rows_are_merged_and_counted():
    table = read_table(text(GOOD + GOOD[:7]), key="name", label="label")
    assert (len(table.keys), table.merged, table.features.shape) == (30, 7, (30, 2))
    assert table.labels.tolist() == [r[3] for r in GOOD]


@pytest.mark.parametrize("line", ["not a graph", "D", "é", "~~~"])
def test_a_line_that_is_no_graph6_is_named(line):
    with pytest.raises(ValueError, match=r"line 2: .* is no graph6"):
        read_graph6(f"Bw\n{line}\n")


def test_graph6_lines_give_their_graphs_back():
    graphs = [nx.path_graph(5), nx.complete_graph(4)]
    lines = b"\n".join(nx.to_graph6_bytes(g, header=False) for g in graphs).decode()
    assert all(map(nx.utils.graphs_equal, read_graph6(lines), graphs))
    with pytest.raises(ValueError, match="no line"):
        read_graph6("\n")


@pytest.mark.parametrize(("keys", "fraction"), [(["a", "a"], 0.5), (["a", "b"], 0), ("ab", 1.0)])
def test_a_split_needs_two_classes_and_a_fraction(keys, fraction):
    with pytest.raises(ValueError, match=r"keys|fraction"):
        class_split(keys, fraction, np.random.default_rng(0))


def test_the_other_functions_refuse_nothing_to_do():
    with pytest.raises(ValueError, match="features, labels"):
        ceiling([], [])
    with pytest.raises(ValueError, match="repeats"):
        permutation_null(np.mean, [1], 0, np.random.default_rng(0))
    with pytest.raises(ValueError, match="rows"):
        report("t", "s", [["a"], ["b", "c"]], [])


def nearest_right(features, labels, train, test):
    distance = ((features[test][:, None] - features[train]) ** 2).sum(axis=2)
    return (labels[train][distance.argmin(axis=1)] == labels[test]).mean()


def test_an_easy_invariant_is_found():
    """The cyclomatic number of connected graphs is edges - vertices + 1."""
    graphs = [g for g in nx.graph_atlas_g()[3:] if nx.is_connected(g)]
    columns = {"n": [len(g) for g in graphs], "edges": [g.size() for g in graphs]}
    table = make_table(range(len(graphs)), columns, [len(nx.cycle_basis(g)) for g in graphs])
    assert ceiling(table.features, table.labels) == 1
    train, test = class_split(table.keys, 0.2, np.random.default_rng(0))
    design = np.column_stack([table.features, np.ones(len(graphs))])
    weights = np.linalg.lstsq(design[train], table.labels[train], rcond=None)[0]
    assert np.allclose(weights, [-1, 1, 1])
    assert (np.rint(design[test] @ weights) == table.labels[test]).all()


def test_an_impossible_label_has_its_ceiling():
    """Vertices and edges do not tell whether a graph is connected; count the exact share."""
    graphs = nx.graph_atlas_g()[1:]
    rows = [(len(g), g.size()) for g in graphs]
    table = make_table(
        range(len(graphs)),
        {"n": [n for n, _ in rows], "edges": [m for _, m in rows]},
        [int(nx.is_connected(g)) for g in graphs],
    )
    wrong = 0
    for row in set(rows):
        labels = [label for r, label in zip(rows, table.labels, strict=True) if r == row]
        wrong += min(sum(labels), len(labels) - sum(labels))
    assert wrong > 0
    assert ceiling(table.features, table.labels) * len(rows) == len(rows) - wrong


def test_a_split_by_rows_leaks_and_one_by_class_does_not():
    """Each object is measured four times, its label is a coin: nothing can be learned."""
    rng = np.random.default_rng(0)
    keys, coin = np.repeat(np.arange(200), 4), rng.integers(0, 2, 200)
    x = rng.normal(size=(200, 6))[keys] + 0.01 * rng.normal(size=(800, 6))
    table = make_table(keys.tolist(), {f"x{k}": x[:, k] for k in range(6)}, coin[keys].tolist())
    order = rng.permutation(800)
    assert nearest_right(table.features, table.labels, order[160:], order[:160]) > 0.95
    train, test = class_split(table.keys, 0.2, rng)
    assert not set(keys[train]) & set(keys[test])
    assert len(set(keys[test])) == 40
    assert 0.3 < nearest_right(table.features, table.labels, train, test) < 0.7
    null = permutation_null(
        lambda y: nearest_right(table.features, y, train, test), table.labels, 19, rng
    )
    assert null.shape == (19,)
    assert abs(null.mean() - 0.5) < 0.1


def test_the_report_escapes_and_is_never_written_over(tmp_path):
    markdown, page = report("A < B", "a & b", [["x", "y"], ["1|2", "<b>"]], ["that it is true"])
    assert "| 1\\|2 | <b> |" in markdown
    assert "&lt;b&gt;" in page
    assert "a &amp; b" in page
    paths = save_report(markdown, page, tmp_path / "mine", "first")
    assert [p.name for p in paths] == ["first.md", "first.html"]
    (tmp_path / "mine" / "first.md").unlink()
    with pytest.raises(ValueError, match="already"):
        save_report(markdown, page, tmp_path / "mine", "first")
    assert not (tmp_path / "mine" / "first.md").exists()
