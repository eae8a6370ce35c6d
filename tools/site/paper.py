"""The site's page "At the size of the papers": the runs that `benchmarks.paper` recorded."""

import json
from typing import Any, TypeVar

from tools import workbook
from tools.builder.rules import headline_text
from tools.builder.source import read_source
from tools.site.indexes import address, escaped, span, title

T = TypeVar("T")
RECORDS = workbook.ROOT / "benchmarks" / "paper"
# What grows under COURSE_SCALE=paper, by the beginning of the source's name.
LARGER = {
    "week01": "Every risk of the double descent is a mean over five seeds of 10,000 experiments "
    "each, instead of 600 (100 from 200 parameters on).",
    "week02": "The Möbius function is sieved up to $10^9$ instead of $10^8$.",
    "week03": "The three power laws are measured on 100 seeds per width instead of 32, and the "
    "networks of the Möbius workshop train for 20,000 steps instead of 300.",
    "week04": "The networks train on Dyck words for 4,000 steps instead of 400, and the forecasts "
    "of the Lorenz system begin at 500 points instead of 100.",
    "week05": "The network trains for 60 epochs instead of 6.",
    "week06": "The network and its control are trained on five random splits instead of one.",
    "week08": "Ten labels are drawn 1,000 times instead of 50, and the posterior is computed on a "
    "graph of 4,000 digits instead of 2,000.",
    "week09": "Network and proofs teach each other for eight rounds instead of three.",
    "week10": "The networks for $e_3$ and the median train for 20,000 steps instead of 800, and "
    "Kayles is played up to 30 pins instead of 20.",
    "week11": "The network trains for 4,000 iterations instead of 400 (3,000 instead of 300 on the "
    "other law, 400 instead of 100 for each baseline), and the search for the linear key takes 60 "
    "generations instead of 28.",
    "week12": "The convolutional network trains for 40 epochs instead of 12, and the networks of "
    "the section on normalisation for 8,000 steps instead of 1,000.",
    "week13": "The linear recurrent network trains for 10,000 steps instead of 1,000, and the four "
    "architectures and the LSTM on Lorenz-96 for 3,000 instead of 300.",
    "week14": "Every generation of the program search draws 2,000,000 programs instead of "
    "500,000, so ten generations draw twenty million.",
    "alphazero": "Self-play goes on for 120 rounds instead of 26, the network of the Nim section "
    "trains for 4,000 steps instead of 700, and UCT is also given 256 random games per move.",
    "bruhat_hypercubes": "Order and inclusion are compared on 20,000 random pairs of $S_{16}$ "
    "instead of 1,000.",
    "grokking": "All five seeds are watched for 1,000 steps; on a laptop four of them stop at 600.",
    "murmurations": "Traces of Frobenius are counted for the primes below 4,000 instead of 1,000.",
    "tomography": "The U-Nets begin with 32 channels instead of 16 and train for 5,000 steps "
    "instead of 200.",
}
# Claims that the larger size is about, quoted beside the headline and those out of band.
QUOTED = {
    "week01": ["the same against the large-n formula without the −1"],
    "week02": ["M(N) from the sieve, N = 10^8 (paper: 10^9)"],
    "week03": [
        "validation, best of four architectures, digits",
        "validation, best of four architectures, residues",
    ],
    "week04": [
        "Dyck-1, right words of length 1,000: best tanh RNN or LSTM",
        "ceiling: mean VPT of float64 with the true equations",
    ],
    "week06": ["control without messages", "whole polynomials, new graphs of S_7"],
    "week08": ["least sure fifth: per cent right"],
    "week09": [
        "(5, 3): median network / best simple rule",
        "(4, 5): median network / best simple rule",
    ],
    "week10": ["e₃: error at N = 3 over error at N = 2", "e₃: error at N = 8 over error at N = 3"],
    "week11": [
        "'mean' minus 'ideal': additions",
        "additions of the linear key, 2000 unseen ideals",
        "trained on 3-5-4: additions on 3-5-4 (Degree: 37)",
    ],
    "week13": [
        "LSTM, shift by 21: relative loss",
        "LSTM, product: relative loss",
        "Lorenz-96: LSTM over the best kernel",
    ],
    "week14": [
        "of 109 sequences, solved by 5 million programs with learning",
        "the same without learning",
        "found programs that agree with a definition on 24 unseen terms: share",
    ],
    "alphazero": ["the network alone, no search", "20 heaps, one frame: nim-sum restored"],
    "bruhat_hypercubes": ["S_16: share of sampled pairs where order = inclusion"],
    "grokking": ["seeds of 5 right on all held-out pairs by step 1,000"],
    "murmurations": [
        "logistic regression: signs right, mean of 5 splits",
        "Mestre–Nagao sum, two thresholds: signs right",
    ],
    "tomography": ["relative error of the U-Net on FBP", "free network on l1 / hybrid on l1"],
}
# What a reader should see in the numbers of a run.
REMARKS = {
    "week03": "With 20,000 steps the residual network of depth 8 leaves the rule of two bits (55.3 "
    "% on its validation half) behind. We looked at what its three copies had learnt from the "
    "binary digits. All say 0 if 4 divides $n$. Among the other multiples of 9 they say 0 for 99 "
    '%, 73 % and 98 %, and elsewhere for at most 2 %. The rule "0 if 4 or 9 divides $n$, else '
    '−1" is right on 63.7 %, and so is the best of the three. Of the sign they have learnt '
    "nothing: where it matters they are right on 50 %. From the residues longer training only "
    "fits the training half.",
    "week05": "With more epochs the network learns the second coefficient as well as the first "
    "one, so the gap between the two, which the laptop's run shows, closes.",
    "week10": "For $e_3$ long training moves the knee. The two runs end with the errors 0.42 and "
    "0.39 at $N = 1$, 0.10 at $N = 2$ and 0.09 to 0.10 at $N = 3$, and 0.02 at $N = 4$ and 8. So "
    "the networks do not find the three sums that Newton's identity needs, and one more makes up "
    "for it: what a network can represent and what training finds are different questions. The "
    "seconds of Kayles are those of 30 pins.",
    "week11": "With ten times as many iterations the network needs fewer additions than the agents "
    "of the 2020 paper's authors, which reach 83.5 to 87.5 on this law. This is one run. The "
    "three baselines end within two additions of each other, and the linear key gains nothing from "
    "a longer search.",
    "alphazero": "Longer self-play takes the network on 5x4 from 97 to 99 % of optimal moves. In "
    "the Nim section the network that sees two frames was perfect at step 3,750 and restored the "
    "nim-sum on two positions of three at step 4,000, the last one. We ran this training again. It "
    "is a spike: at a constant rate Adam sometimes throws a finished network off. Two other seeds "
    "dipped to 92 % on the way, recovered and ended at 100 %. With a rate that falls to a "
    "hundredth all three seeds ended at 100 %.",
    "tomography": "With more training and twice as many channels the U-Net on FBP comes close to "
    "learning the invisible: 0.12 against 0.113, where the laptop's runs have 0.21 and 0.13. The "
    "free network on the $\\ell^1$ picture, which may change everything, reaches 0.084, below the "
    "bound of 0.087 for hybrids on that picture. So with this much training the hybrid's merit is "
    "what it leaves alone, and not its error. On TV it is now 16 % better than TV alone.",
    "murmurations": "More primes help the rule with two thresholds and ruin the network, which is "
    "given no more curves to learn from. In a separate run over three splits it named all of its "
    "training curves rightly, but of the other curves 83 % with the primes below 1,000, 69 % with "
    "those below 2,000 and 60 % with those below 4,000.",
    "week13": "With ten times as many steps the best trained linear network comes much nearer to "
    "the singular value decomposition, but not up to it. The LSTM's plateau at a shift by 21 "
    "outlasts ten times as many steps, too. On Lorenz-96 it comes down to a fifth of the loss of "
    "the best kernel, below the band of 300 steps.",
    "week14": "The names of the claims speak of the laptop's five million programs; here twenty "
    "million were drawn. More programs solve more sequences, and one of the solutions, for the "
    "integer part of $\\sqrt n$, agrees with all 16 given terms and is wrong later.",
}
_HEAD = """# At the size of the papers

Most experiments of the notebooks are small enough for a laptop and a lesson. With
`COURSE_SCALE=paper` in the environment they run longer: at the published size where a paper names
one, and otherwise at a size where a trend shows. We ran each notebook that knows two sizes once in
this way, and this page says what came out. The bands belong to the laptop's size. A claim outside
its band is therefore no fault; it says that the number depends on the size. We list every such
claim, the headline of each notebook in bold, and the claims that the larger size is about.

No notebook has been tried on a GPU. {machines}"""
_SHARED = """The machine was doing other work at the same time, so the seconds are those of its
processors (CPU time), not those of a clock."""


def page() -> str:
    """Return the page: the machine, one table of all runs, and a section for each notebook."""
    paths = [path for path in workbook.sources() if larger(path.stem)]
    records = {path.stem: record(path.stem) for path in paths}
    rows = ["| notebook | CPU seconds | memory (GiB) | claims in band |", "|---|---|---|---|"]
    sections = []
    for path in paths:
        found, claims = records[path.stem], _claims(path.stem)
        rows.append(f"| [{title(path)}]({address(path)}) | {_cells(found, len(claims))} |")
        sections += [f"## {title(path)}", f"{larger(path.stem)} {_outcome(found, len(claims))}"]
        headline = headline_text(read_source(path))
        sections.append(_table(found, claims, headline, _of(QUOTED, path.stem, [])))
        sections.append(_of(REMARKS, path.stem, "") if found else "")
    head = _HEAD.format(machines=_machines([r for r in records.values() if r]))
    return "\n\n".join([head, _SHARED, "\n".join(rows), *filter(None, sections)]) + "\n"


def larger(stem: str) -> str:
    """Return what grows in a notebook at paper scale; '' for a notebook that has one size."""
    return _of(LARGER, stem, "")


def record(stem: str) -> dict[str, Any] | None:
    """Return the record of a notebook's run, None when there is none."""
    path = RECORDS / f"{stem}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _of(texts: dict[str, T], stem: str, default: T) -> T:
    return next((text for name, text in texts.items() if stem.startswith(name)), default)


def _claims(stem: str) -> dict[str, dict[str, Any]]:
    text = (workbook.CLAIMS / f"{stem}.json").read_text(encoding="utf-8")
    return {claim["text"]: claim for claim in json.loads(text)}


def _machines(records: list[dict[str, Any]]) -> str:
    names = []
    for found in records:
        machine, versions = found["machine"], found["versions"]
        name = (
            f"{machine['processor']} with {machine['cores']} cores and {machine['gigabytes']} GiB "
            f"of memory, Python {versions['python']}, PyTorch {versions['torch']}"
        )
        names += [name] if name not in names else []
    return f"Runs: one thread, seed 0, on {'; or on '.join(names)}." if names else ""


def _cells(found: dict[str, Any] | None, total: int) -> str:
    if found is None:
        return "not run | | "
    held = sum(claim["in band"] for claim in found["claims"])
    seconds = f"{found['CPU seconds']:.0f}"
    if found["fault"]:
        seconds = f"stopped at {seconds}"
    return f"{seconds} | {found['gigabytes']:.1f} | {held} of {len(found['claims'])}" + (
        f" reached, of {total}" if found["fault"] else ""
    )


def _outcome(found: dict[str, Any] | None, total: int) -> str:
    if found is None:
        return "This size has not been run."
    count, held = len(found["claims"]), sum(claim["in band"] for claim in found["claims"])
    if not found["fault"]:
        return (
            f"The run took {found['CPU seconds']:.0f} s of CPU time and at most "
            f"{found['gigabytes']:.1f} GiB; {held} of its {count} claims lie in their bands."
        )
    reasons = {
        "time": f"did not end within {60 * found['limits']['hours']:.0f} minutes of CPU time",
        "memory": f"needed more than {found['limits']['gigabytes']:g} GiB of memory",
    }
    reason = reasons.get(found["fault"], f"ended with an error (`{found['fault']}`)")
    return f"The run {reason}. Until then it had stated {count} of {total} claims, {held} in band."


def _table(
    found: dict[str, Any] | None,
    claims: dict[str, dict[str, Any]],
    headline: str | None,
    quoted: list[str],
) -> str:
    """Return the headline, what is quoted and every claim out of its band; '' without any."""
    rows = ["| claim | at this size | on a laptop | band |", "|---|---|---|---|"]
    for entry in found["claims"] if found else []:
        text = entry["claim"]
        if entry["in band"] and text != headline and text not in quoted:
            continue
        name = f"**{escaped(text)}**" if text == headline else escaped(text)
        value = f"{entry['value']:.4g}" + ("" if entry["in band"] else ", out of band")
        band = span(claims[text] | entry)
        rows.append(f"| {name} | {value} | {claims[text]['value']:.4g} | {band} |")
    return "\n".join(rows) if len(rows) > 2 else ""
