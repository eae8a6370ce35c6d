"""Only plain data pass the codec, and every type comes back as it went."""

import enum
from collections import OrderedDict
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils import codec

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.text()
    | st.fractions(),
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple),
    max_leaves=12,
)


def same(a, b):
    if type(a) in (list, tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


@given(PLAIN)
def test_plain_data_come_back_with_their_types(value):
    assert same(codec.loads(codec.dumps(value)), value)


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), 2**4000, -(10**50), 1e-320])
def test_extreme_numbers_come_back(number):
    assert codec.loads(codec.dumps(number)) == number


def test_nan_comes_back():
    assert np.isnan(codec.loads(codec.dumps(float("nan"))))


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int64", "float32", "complex128"])
def test_arrays_come_back_with_dtype_and_shape(dtype):
    array = np.arange(6).reshape(2, 3).T.astype(dtype)
    back = codec.loads(codec.dumps(array))
    assert back.dtype == array.dtype
    assert np.array_equal(back, array)
    assert back.flags.writeable


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (torch.tensor(7), 7),
        (np.array(2.5), 2.5),
        ({3, 1, 2}, [1, 2, 3]),
        ({"b": 1, "a": 2}, [("a", 2), ("b", 1)]),
    ],
)
def test_numpy_and_torch_scalars_dicts_and_sets_become_python(value, expected):
    assert same(codec.loads(codec.dumps(value)), expected)


class Colour(enum.IntEnum):
    RED = 3


class Indexed:
    def __index__(self):
        return 7


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (sympy.Integer(3), 3),
        (sympy.Integer(2) ** 100, 2**100),
        (sympy.Rational(6, 4), Fraction(3, 2)),
        (sympy.S.Half, Fraction(1, 2)),
        (sympy.Float(0.5), 0.5),
        (mpmath.mpf(0.5), 0.5),
        (mpmath.mpc(1, 2), 1 + 2j),
        (Decimal("1.5"), Fraction(3, 2)),
        (Decimal("inf"), float("inf")),
        (Colour.RED, 3),
        (Indexed(), 7),
        (np.longdouble(0.5), 0.5),
        (np.array(5, dtype=object), 5),
        (np.array([2**70, sympy.Integer(1)], dtype=object), [2**70, 1]),
        ([sympy.Integer(1), (sympy.Rational(1, 3),)], [1, (Fraction(1, 3),)]),
        ({sympy.Integer(2): {sympy.Integer(1)}}, [(2, [1])]),
    ],
)
def test_numbers_of_other_libraries_become_python(value, expected):
    assert same(codec.loads(codec.dumps(value)), expected)


@pytest.mark.parametrize("value", [sympy.pi, sympy.true, sympy.Matrix([[1]]), Decimal("1E+99999")])
def test_what_is_no_number_by_a_protocol_is_told_what_to_do(value):
    with pytest.raises(codec.NotPlainData, match=r"is not plain data; wrap it in int\(…\)"):
        codec.dumps(value)


def test_tensors_with_gradients_become_arrays():
    tensor = torch.ones(2, 3, requires_grad=True) * 2
    assert np.array_equal(codec.loads(codec.dumps(tensor)), np.full((2, 3), 2.0, np.float32))


class AlwaysEqual:
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


class LyingInt(int):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


class LyingFraction(Fraction):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


@pytest.mark.parametrize(
    "value",
    [
        AlwaysEqual(),
        LyingFraction(1, 2),
        LyingInt(3),
        OrderedDict(a=1),
        [1, [AlwaysEqual()]],
        print,
        (x for x in range(3)),
        np.array([object()]),
        np.array(["text"]),
        {1, "a"},
        b"bytes",
        range(3),
    ],
)
def test_anything_else_is_refused(value):
    with pytest.raises(codec.NotPlainData):
        codec.dumps(value)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "3",
        '["object", 1]',
        '["int"]',
        '["array", "|O", [1], "AAAAAAAAAAA="]',
        '["fraction", "0x1", "0x0"]',
        "not JSON",
        '["list", 5]',
        '["array", "<f8", [2], "AA=="]',
    ],
)
def test_a_text_that_dumps_cannot_have_written_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"not a text|Expecting|Incorrect|reshape|buffer|size"):
        codec.loads(text)
