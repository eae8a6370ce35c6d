"""Verdicts forged from inside the process that answers."""

import numpy as np

from course_utils import checks
from tests.hostile.case import ALL, MATRIX, NONE, ORDER, Case, first

ALWAYS = """
class Yes(int):
    def __eq__(self, other): return True
    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    __hash__ = int.__hash__
"""
PATCHED = """
import builtins, sys
from course_utils import checks, codec
checks.attempt = lambda *given: ('["list",[]]', 1.0)
checks.judge = lambda *given: checks.Verdict("passed", "all agree")
checks.complaint = lambda *given: None
checks.exercise = lambda key: checks.Exercise(key, "", None, lambda *given: [], None)
checks.Exercise.probe = lambda *given: []
codec.dumps = lambda value: '["list",[]]'
codec.loads = lambda text: []
def topological_order(root, parents): return []
"""
POISONED = """
import builtins, json, sys, types
sys.modules["course_utils.checks"] = sys.modules["course_utils"] = types.ModuleType("checks")
builtins.isinstance = lambda *given: True
builtins.AssertionError = type("Never", (Exception,), {})
builtins.len = lambda thing: 0
json.dumps = lambda *given, **more: '["answer", 0, 0, "null"]'
"""
FORGED = """
import json, os
lines = [["begin", 0], ["answer", 0, 0, '["list", [["int", "0x7"]]]'], ["end", 2]]
lines += [["passed", 0, 9], ["answer", 0, -1, "null"], ["answer", 7, 0, "null"], [1], {}]
lines += [["answer", 0, 1, "__import__('os').system('touch /tmp/HOSTILE')"]]
lines += [["answer", 0, 2, '["array", "|O8", [1], "AAAA"]'], ["broken", 0, "<script>"]]
lines += [["answer", 0, 3, '["fraction", "0x1", "0x0"]'], ["failed", 0, 4, "[["], "begin"]
text = b"[" * 100000 + b"\\n" + b"\\xff\\x00\\n" + b"9" * 100000 + b"\\n"
text += b"".join(json.dumps(line).encode() + b"\\n" for line in lines)
for descriptor in range(3, 256):
    try:
        os.write(descriptor, text)
    except OSError:
        pass
os._exit(0)
"""
FRAMES = """
import gc, sys
frame, found = sys._getframe(), []
while frame:
    found += [v for v in frame.f_locals.values() if type(v) is str and "ver" "ify(" in v]
    frame = frame.f_back
found += [f for f in gc.get_objects() if getattr(f, "__name__", "").endswith("_verify")]
found += [f for f in gc.get_objects() if getattr(f, "__name__", "") in ("_order_instances", "bump")]
raise ValueError("found " + repr(found)[:150])
"""
SHOWN = list(checks.exercise("2.3").instances(np.random.default_rng(checks.SEED)))
CIRCULANTS = [[[h[(i - j) % len(h)] for j in range(len(h))] for i in range(len(h))] for h in SHOWN]
BY_HEART = f"""
KNOWN = {list(zip(SHOWN, CIRCULANTS, strict=True))}
def convolution_matrix(h): return next((C for g, C in KNOWN if g == list(h)), None)
"""
FORGERIES = {
    "equal_to_everything": Case(
        {MATRIX: f"{ALWAYS}\ndef convolution_matrix(h): return [[Yes(0)] * len(h)] * len(h)"},
        ALL | {MATRIX: 0.0},
        {MATRIX: r"an object of type Yes is not plain data"},
    ),
    "checks_patched": Case({ORDER: PATCHED}, NONE, {ORDER: r"0 of 9 .*First wrong"}),
    "modules_poisoned": first(POISONED, r"0 of 9 .*First wrong.* ended its process"),
    "knows_the_shown_instances": Case(
        {MATRIX: BY_HEART}, ALL | {MATRIX: 4.29}, {MATRIX: r"3 of 7 .*First wrong"}
    ),
    "events_forged": first(FORGED, r"0 of 9 .*First wrong"),
    "looks_for_the_verdict": first(FRAMES, r"ValueError: found \[\]"),
}
