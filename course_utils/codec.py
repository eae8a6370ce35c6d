"""Plain data as JSON text and back: the only thing that passes from an answer to its judge.

Exact types only: None, bool, int of any size, float (nan and inf too), complex, str, Fraction,
list, tuple, numpy array of numbers or booleans. Dicts and sets become sorted lists of pairs and
of elements, numpy scalars and one-element tensors Python numbers, tensors numpy arrays. What is a
number by Python's own protocols (`__index__`, `numbers.Rational`, …), such as sympy's, becomes the
Python number that it is, and an array of such objects a list. An object of any other class does not
pass, nor does a number that has redefined equality: no code of the answer's leaves with it.
"""

import base64
import json
import math
import numbers
import operator
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

LONGEST_DECIMAL = 10_000  # digits
_KINDS = "biufc"  # bool, integers, floats, complex


class NotPlainData(TypeError):
    """An object that the codec refuses; the message says which."""


def plain(value: Any) -> Any:
    """Return `value` as plain data, or raise NotPlainData.

    >>> plain({2: np.int64(5), 1: {3, 2}})
    [(1, [2, 3]), (2, 5)]
    """
    kind = type(value)
    if value is None or kind in (bool, int, float, complex, str):
        return value
    if kind is Fraction:
        return Fraction(_exact_int(value._numerator), _exact_int(value._denominator))
    if kind in (list, tuple):
        return kind(plain(item) for item in list(value))
    if kind is dict:
        return _sorted([(plain(k), plain(v)) for k, v in value.items()], "dict")
    if kind in (set, frozenset):
        return _sorted([plain(item) for item in value], "set")
    if "torch" in sys.modules and isinstance(value, sys.modules["torch"].Tensor):
        value = value.detach().cpu().resolve_conj().numpy()
    if isinstance(value, np.generic) and value.dtype.kind in _KINDS:
        value = np.asarray(value)
    if type(value) is np.ndarray and value.dtype.kind in _KINDS:
        item = value.item() if value.ndim == 0 else np.ascontiguousarray(value)
        return number(item) if isinstance(item, np.generic) else item  # a long double stays one
    if type(value) is np.ndarray and value.dtype == object:
        return plain(value.tolist())
    found = number(value)
    if found is not None:
        return found
    hint = "wrap it in int(…), float(…), bool(…) or list(…)"
    raise NotPlainData(f"an object of type {kind.__name__[:60]} is not plain data; {hint}")


def number(value: Any) -> int | Fraction | float | complex | None:
    """Return the Python number that an object is by Python's own protocols, None if it is none.

    Whole numbers come as int (`__index__`), rational ones as Fraction, other real ones as float.
    A subclass of these must keep their equality, as an enumeration's members do. A truth value is
    no number, nor is a Decimal of more than 10,000 digits.

    >>> number(np.int64(3)), number(Decimal("0.5")), number("3")
    (3, Fraction(1, 2), None)
    """
    kind = type(value)
    if isinstance(value, bool | np.bool_):
        return None
    if not isinstance(value, np.generic):
        for base in (int, float, complex, Fraction):
            if isinstance(value, base) and kind.__eq__ is not base.__eq__:
                return None
    try:
        if hasattr(kind, "__index__"):
            return operator.index(value)
        if isinstance(value, numbers.Rational):
            top, bottom = operator.index(value.numerator), operator.index(value.denominator)
            return Fraction(top, bottom)
        if isinstance(value, Decimal) and value.is_finite():
            small = abs(value.adjusted()) < LONGEST_DECIMAL
            return Fraction(*value.as_integer_ratio()) if small else None
        if isinstance(value, numbers.Real | Decimal):
            return float(value)
        return complex(value) if isinstance(value, numbers.Complex) else None
    except (TypeError, ValueError, AttributeError, ArithmeticError):
        return None


def dumps(value: Any) -> str:
    """Return the JSON text of plain data.

    >>> loads(dumps((1, [2.5, None], 2**100))) == (1, [2.5, None], 2**100)
    True
    """
    return json.dumps(_pack(plain(value)), ensure_ascii=True, allow_nan=False)


def loads(text: str) -> Any:
    """Return the plain data of a JSON text made by `dumps`; ValueError on anything else."""
    try:
        return _unpack(json.loads(text))
    except (TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a text of plain data: {error}") from None


def _exact_int(value: Any) -> int:
    if type(value) is not int:
        raise NotPlainData("a Fraction must hold two ints")
    return value


def _sorted(items: list[Any], what: str) -> list[Any]:
    try:
        return sorted(items)
    except (TypeError, ValueError):
        raise NotPlainData(f"the {what}'s elements cannot be put in order") from None


def _pack(value: Any) -> Any:
    """Numbers and strings are tagged lists, so that every type comes back as it went."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return ["int", hex(value)]
    if isinstance(value, float):
        return ["float", value.hex() if math.isfinite(value) else repr(value)]
    if isinstance(value, complex):
        return ["complex", _pack(value.real), _pack(value.imag)]
    if isinstance(value, Fraction):
        return ["fraction", hex(value.numerator), hex(value.denominator)]
    if isinstance(value, np.ndarray):
        data = base64.b64encode(value.tobytes()).decode()
        return ["array", value.dtype.str, list(value.shape), data]
    return [type(value).__name__, [_pack(item) for item in value]]


def _unpack(packed: Any) -> Any:
    if packed is None or type(packed) in (bool, str):
        return packed
    if type(packed) is not list:
        raise ValueError(f"not a text of plain data: {packed!r:.60}")
    tag, *rest = packed
    if tag == "int":
        return int(rest[0], 16)
    if tag == "float":
        return float(rest[0]) if rest[0] in ("nan", "inf", "-inf") else float.fromhex(rest[0])
    if tag == "complex":
        return complex(_unpack(rest[0]), _unpack(rest[1]))
    if tag == "fraction":
        denominator = int(rest[1], 16)
        if denominator == 0:
            raise ValueError("not a text of plain data: a fraction over 0")
        return Fraction(int(rest[0], 16), denominator)
    if tag == "array":
        dtype = np.dtype(rest[0])
        if dtype.kind not in _KINDS:
            raise ValueError(f"not a text of plain data: array of {dtype}")
        return np.frombuffer(base64.b64decode(rest[2]), dtype).reshape(rest[1]).copy()
    if tag in ("list", "tuple"):
        return (list if tag == "list" else tuple)(_unpack(item) for item in rest[0])
    raise ValueError(f"not a text of plain data: {tag!r:.60}")
