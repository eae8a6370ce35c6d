"""Week 9: many positions at once, their features, and merging by symmetries."""

import numpy as np
import pytest

from course_utils.maths import semigroup_positions as positions
from course_utils.maths.semigroup_memo import stabiliser
from course_utils.maths.semigroups import as_instance, instances, process, proof_size, start
from course_utils.pictures.proofs import draw_dag, draw_table, draw_tree


def some_positions(a, b, phi, count=30):
    """Return positions of the lookahead proof of an instance, level by level."""
    level, found = positions.first_position(phi), []
    while len(level):
        found.append(level)
        level, _, _ = positions.cut_positions(level, positions.lookahead_cells(level, phi), phi)
    return np.concatenate(found)[:count]


def masks_of(state, phi):
    """Return the masks of a position by the readable definition."""
    a, b = phi.shape
    m, l, r, t = start(a, b, phi)
    m = (state[: a * a].reshape(a, a, 1) >> np.arange(b + 1) & 1).astype(bool)
    return process(m, l, r, t)


def test_children_of_all_cuts_are_the_outcomes():
    phi = as_instance(3, 2, 3)
    states = some_positions(3, 2, phi)
    position, cell, features, closed = positions.all_children(states, phi)
    expected = [
        (i, c, child)
        for i, s in enumerate(states)
        for c in positions.open_cells(s, 3)
        for word, child in positions.outcomes(s, c, phi)
        if word == "active"
    ]
    assert list(zip(position.tolist(), cell.tolist(), strict=True)) == [e[:2] for e in expected]
    children = np.array([child for _, _, child in expected])
    assert np.array_equal(features, positions.position_features(children, phi))
    for i, s in enumerate(states):
        assert np.flatnonzero(~closed[i]).tolist() == positions.open_cells(s, 3)


def test_features_by_definition():
    phi = as_instance(3, 2, 4)
    names = positions.FEATURES
    for state in some_positions(3, 2, phi):
        m, _, r, t = masks_of(state, phi)
        value = dict(zip(names, positions.position_features(state[None], phi)[0], strict=True))
        logs = np.log2(m.sum(2))
        assert value["open cells"] == (m.sum(2) > 1).sum()
        assert value["open pz"] == (r[:2].sum(2) == 2).sum()
        assert value["open xyz"] == (t.sum(3) == 2).sum()
        assert value["pz known to be 1"] == (r[:2, :, 1] & ~r[:2, :, 0]).sum()
        assert value["log2 of the product of all cells"] == pytest.approx(logs.sum(), abs=1e-5)
        assert value["largest row, in log2"] == pytest.approx(logs.sum(1).max(), abs=1e-5)
        assert value["smallest column, in log2"] == pytest.approx(logs.sum(0).min(), abs=1e-5)
        assert value["cells known to be zero"] == (m[:, :, 2] & (m.sum(2) == 1)).sum()
        assert value["values in all cells"] == m.sum()
        assert value["diagonal, in log2"] == pytest.approx(np.trace(logs), abs=1e-5)
        assert value["p with all pz known"] == (r[:2].sum(2) == 1).all(1).sum()
        assert value["z with all pz known"] == (r[:2].sum(2) == 1).all(0).sum()


def test_merging_finds_the_classes_under_the_symmetries():
    phi = as_instance(4, 2, 5)
    states = some_positions(4, 2, phi, 200)
    merged, which = positions.merge_positions(states, phi)
    group = stabiliser(phi)

    def images(m):
        for rows, columns in group:
            moved = np.empty_like(m)
            moved[np.ix_(rows, rows, (*columns, 2))] = m
            yield moved.tobytes()

    classes = {}
    for s, k in zip(states, which.tolist(), strict=True):
        m = masks_of(s, phi)[0]
        assert masks_of(merged[k], phi)[0].tobytes() in set(images(m))
        classes.setdefault(min(images(m)), set()).add(k)
    assert all(len(numbers) == 1 for numbers in classes.values())
    assert len(classes) == len(merged)


def test_cuts_of_the_lookahead_make_its_proof():
    for phi in instances(3, 2):
        level, passive, done = positions.first_position(phi), 0, 0
        while len(level):
            cells = positions.lookahead_cells(level, phi)
            passive += len(level)
            level, _, finished = positions.cut_positions(level, cells, phi)
            done += finished.sum()
        assert (passive, done) == proof_size(3, 2, phi, "lookahead")


def test_rollouts_values_are_lookahead_sizes():
    passive, done, states, sizes = positions.rollout_with_values(3, 2, 3)
    assert (passive, done) == proof_size(3, 2, 3, "rollout")
    assert len(states) == len(sizes) > 100
    assert sizes.min() == 1


def test_a_closed_cell_cannot_be_cut():
    phi = as_instance(2, 2, 3)
    below = [s for word, s in positions.outcomes(positions.first_position(phi)[0], 0, phi)]
    for cell in (0, 4, -1):
        with pytest.raises(ValueError, match="cell must be one of"):
            positions.outcomes(below[0], cell, phi)
        with pytest.raises(ValueError, match="cells"):
            positions.cut_positions(np.array(below[:1]), np.array([cell]), phi)


def test_pictures_show_every_node():
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 3)
    draw_table(axes[0], [7, 1, 6, 4], 2, "table", mark=0)
    assert [t.get_text() for t in axes[0].texts] == ["p", "q", "0"] * 4
    nodes = [(0, "cut", "xx?"), (0, "done", "p"), (0, "impossible", "q"), (0, "open", "0")]
    draw_tree(axes[1], nodes, "tree")
    assert sum(len(c.get_offsets()) for c in axes[1].collections) == 4
    entries = [
        {"size": 2, "cut": {"children": [[1, 0], "done"]}},
        {"size": 1, "cut": {"children": ["profile", "done"]}},
    ]
    draw_dag(axes[2], entries, "graph")
    assert "2 done, 1 impossible" in axes[2].get_title()
    plt.close(figure)
