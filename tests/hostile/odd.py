"""Right answers in odd ways, and broken ones."""

from tests.hostile.case import ALL, BUMP, FIRST_LOST, ORDER, PROOF, RIGHT, Case, first

ODD = {
    "numpy_scalars": Case(
        {BUMP: "def bump(bits):\n    b = np.array(bits)\n    return 2 * b - 1, 1 - b.sum()"},
        ALL,
    ),
    "prints_and_mutates": Case(
        {BUMP: "print('hello')\n" + RIGHT[BUMP] + "\n_bump = bump\n"
         "def bump(bits):\n    print(bits)\n    given = list(bits)\n    bits.clear()\n"
         "    return _bump(given)"},
        ALL,
    ),
    "magics": Case(
        {ORDER: f"%matplotlib inline\n{RIGHT[ORDER]}\n%time topological_order(0, len)\n!ls"},
        ALL,
    ),
    "cell_magic": Case({ORDER: f"%%time\n{RIGHT[ORDER]}"}, ALL),
    "helper_of_an_earlier_answer": Case(
        {ORDER: RIGHT[ORDER] + "\ndef sign(b): return 2 * b - 1",
         BUMP: "def bump(bits): return [sign(b) for b in bits], 1 - sum(bits)"},
        ALL,
    ),
    "syntax_error": first("def topological_order(root, parents)\n", r"raised SyntaxError"),
    "surrogates": Case(
        {ORDER: "a = '\ud800'\n" + RIGHT[ORDER], PROOF: "\udfff \ud800"}, ALL, {ORDER: "9 of 9"}
    ),
    "nul_bytes": first("a = 'x\0y'", r"raised (ValueError|SyntaxError)"),
    "newlines_only": first("(" + "\n" * 99_000, r"raised SyntaxError"),
    "deep_code": first("-" * 99_000 + "1", r"raised MemoryError"),
    "error_that_cannot_speak": first(
        "class E(Exception):\n    def __str__(self): raise self\nraise E",
        r"raised E: .*cannot be read",
    ),
    "not_attempted": Case(
        {ORDER: 'def topological_order(r, p):\n    raise NotImplementedError("Exercise 1.2")'},
        FIRST_LOST, {ORDER: "Not attempted"},
    ),
}  # fmt: skip
