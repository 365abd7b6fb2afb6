"""No label of the paper has a proof that covers less than its sentence, but for the list below.

The scope of a proof says in words where it holds. ``SENTENCES`` says, label by label, what the
paper's sentence restricts; whatever else the scope restricts is missing, and so is a key of
``NAMED`` that it doesn't name as arbitrary. ``EXCEPTIONS`` has all that is missing, each with its
reason; one that isn't missing any more fails too, and is to be deleted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from sympy import Rational

from proofs_checks import CLAIMS
from proofs_checks.claim import Claim, Report, Verdict
from proofs_checks.paper.contents import LABELS, NOT_YET, spoken_for

USUAL = {"n": ">= 2", "d": ">= 2", "beta": ">= 0", "masses": "1/n"}
"""Of most sentences: several tokens of equal mass on a sphere that is no pair of points."""

WARM = {"beta": "> 0"}  # the energy has the factor 1/β
COLD = {"beta": "0"}
CIRCLE = {"d": "2"}
WIDE = {"d": ">= n"}  # orthonormal tokens, or nearly so
ROOMY = {"d": ">= 3"}
SYMMETRIC = {**WARM, "V": "symmetric"}
WARM_CIRCLE = {**CIRCLE, **WARM}

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "Remark 3.2": {"d": "even", "M": "> 0"},
    **dict.fromkeys(
        (
            *("(3.5)", "(3.6)", "Proposition 3.4", "(3.7)", "Remark 3.5", "Lemma 3.6", "(3.9)"),
            *("(3.10)", "Lemma 3.7", "(3.11)", "(3.15)", "(3.16)", "Theorem 9.2", "(A.1)"),
            *("(B.3)", "(B.4)", "(B.5)", "Remark B.1", "Remark 3.8"),
        ),
        WARM,
    ),
    **dict.fromkeys(("(3.12)", "(3.13)", "(3.14)"), SYMMETRIC),
    **dict.fromkeys(
        ("(4.1)", "Theorem 4.1", "(4.3)", "Lemma A.2", "(A.2)", "(A.3)"),
        COLD,
    ),
    "Theorem 4.2": {"beta": "-> 0"},
    "(4.5)": {"beta": "0 <= β <= β_m"},
    "Theorem 4.3": {"beta": "β <= C/n"},
    "Theorem 5.1": {"beta": "β >= C(d) n²"},
    **dict.fromkeys(("Theorem 6.1", "Remark 6.2"), ROOMY),
    **dict.fromkeys(
        ("Theorem 6.3", "(6.1)", "Theorem 6.8", "(6.9)", "(6.10)", "(6.11)", "(D.5)"), WIDE
    ),
    **dict.fromkeys(("(D.6)", "(D.7)", "(D.9)"), WIDE),
    "(6.12)": {**WIDE, **WARM},
    **dict.fromkeys(("(7.1)", "Problem 3"), CIRCLE),
    **dict.fromkeys(("(7.4)", "(7.5)", "(B.1)", "(B.2)"), WARM_CIRCLE),
    "(7.2)": {**CIRCLE, **COLD, "K": "> 0"},
    "(7.3)": {**CIRCLE, **COLD},
    "Lemma A.1": {"M": "compact", "f": "smooth", "k": ">= 1"},
    "(A.4)": {**COLD, "d": "odd"},
    "Figure 6": {**CIRCLE, "beta": "2, 6"},
    "(C.1)": {"beta": "near 0"},
    "(C.2)": {**COLD, "tokens": "equilibria off consensus"},
    "(C.4)": {"beta": "-> 0"},
    # For smaller t it fails at n = 2: E.(D.8) and C13.
    "(D.8)": {"t": ">= n*exp(beta)/2"},
    "(D.15)": {"data": "on the event (D.5)"},
    "Remark D.1": {"t": ">= 0"},
    "(4.4)": {"t": ">= 0"},
    "Remark 3.3": {"p": ">= 1"},
    "(8.1)": {**WARM_CIRCLE, "t": ">= 0"},
    "Example 9.3": {"n": "3", **CIRCLE, "t": ">= 0"},
}
"""What the paper's sentences restrict besides the usual, or in its place."""

NAMED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("(2.1)", "(2.2)"), ("matrices",)),
    **dict.fromkeys(("(2.3)", "(2.4)"), ("Q, K, V",)),
    "(2.7)": ("heads", "matrices"),
    "(2.8)": ("heads", "matrices", "neurons", "activation"),
    **dict.fromkeys(
        ("(2.5)", "Theorem 4.2", "(4.4)", "(4.5)", "Theorem 6.3", "(6.1)", "Lemma 6.4"), ("Q, K",)
    ),
    "Theorem 4.3": ("β <= 1 at d = 2",),
}
"""What a scope must name as arbitrary, because the sentence is about any of it."""

GIVEN = "the hypotheses of the sentence as propositions: a solution, its start, a lowest token"
EXCEPTIONS: Mapping[tuple[str, str], str] = {
    ("Theorem 4.3", "β <= 1 at d = 2"): "the paper cites it; certified for few tokens by Problem 3",
    ("Theorem 4.3", "beta"): "β > 0: at β = 0, where E is no quotient, it is Theorem 4.1",
    ("Figure 2", "beta"): "β > 0: at β = 0 it is Theorem 4.1",
    ("Theorem 6.1", "beta"): "β > 0: at β = 0, where E is no quotient, it is Theorem 4.1",
    ("Theorem 4.2", "t"): "β <= b_t at each time t, which the sentence has too",
    ("(4.5)", "beta"): "β <= β_m, which the sentence has too, as formulas of the four flows",
    ("(4.5)", "t"): "at t = 0, where no token has moved, β_m is infinite",
    ("Problem 3", "n"): "n = 3, as its label says; for every n it is Saddles on the circle",
    ("(D.5)", "s"): "s < 1: the direction s u + √(1-s²) w of which the law is told",
    ("Theorem 9.2", "n"): "corrected: of the sharp codes, simplex and cross-polytope are proved",
    **{
        (label, "given"): GIVEN
        for label in (
            *(
                "(3.1)",
                "(3.2)",
                "(3.3)",
                "(3.4)",
                "(3.7)",
                "(3.8)",
                "(3.10)",
                "(3.16)",
                "Remark 3.5",
                "Remark 3.8",
                "(3.5)",
                "Lemma 3.6",
                "Lemma 3.7",
                "(3.9)",
                "(3.15)",
            ),
            *("Remark 2.2", "Theorem 4.2", "Theorem 4.3", "Theorem 5.1", "(4.4)", "(4.5)"),
            *("(2.5)", "(2.6)", "(3.6)", "(3.11)", "(3.12)", "(3.13)", "(3.14)"),
            *("(4.1)", "(4.2)", "(6.1)", "(6.2)", "(6.3)", "(6.4)", "(6.5)", "Remark 6.2"),
            *(
                "Lemma 6.4",
                "(6.7)",
                "(6.8)",
                "Theorem 6.8",
                "(6.12)",
                "(A.1)",
                "Remark D.1",
            ),
            *("(6.6)", "(D.1)", "(D.2)", "(D.3)", "(D.4)", "(D.8)", "(D.11)", "(D.12)"),
            *(
                "(D.13)",
                "(D.14)",
                "(B.1)",
                "(B.2)",
                "(B.3)",
                "Figure 6",
                "Remark B.1",
                "(7.1)",
                "(7.2)",
                "(7.5)",
                "Problem 3",
                "(7.3)",
                "(7.4)",
            ),
            *("(A.3)", "(B.4)", "(B.5)", "(D.5)", "(D.6)", "(D.7)"),
            *("Theorem 6.1", "Theorem 6.3", "(6.11)"),
            *("Remark 3.1", "Proposition 3.4", "Figure 2"),
        )
    },
}
"""Where a proof covers less than the sentence: (label, key) and the reason."""

MEANT = {
    # Theorem 4.3: C = 1.
    "hence β <= 1/n": "β <= C/n",
    "0 <= β < -log(1 - min m)": "",
    # With query and key matrices β may be negative.
    "of either sign": "",
    # Theorem 5.1: C(d) = (d-1)/π².
    ">= (n - 1)^2 (d - 1)/π^2": "β >= C(d) n²",
    # The span of the powers of inner products is dense, which is cited.
    "<b,x>^p": "",
    "b and p symbolic": "",
    # (2.1)-(2.2): Euler's order one needs as much; an error is measured for one activation.
    "C^1 in time": "",
    "any Lipschitz": "",
    "tanh for the constant and the ratio": "",
    # Remark 3.3: more than tokens, and p = oo besides.
    "and measures": "",
    "total 1": "",
    "oo included": "",
}
"""What words of a scope mean, where they are none of the grammar; "" if they restrict nothing."""

BESIDE = {("(4.3)", "law"): "an exact law for two tokens, beside the limit for every n and d"}
"""What a scope says of something more than the sentence."""

ARBITRARY = re.compile(
    r"symbolic|any|any .*measure.*|any differentiable function|every( integer| permutation)?"
    r"|k x d|sum (1|M)|p \+ q|sum 1 .*|1/n in the bound.*"
)
MASSES = {"1/n", "equal", "1/n in the bound of the speed"}


def pieces(words: str) -> set[str]:
    """Restrictions in the words of a scope, of all its flows."""
    found = set()
    for part in words.split("; "):
        if re.fullmatch(r"[\d, ]+", part):
            found.add(part)
            continue
        for piece in part.split(", "):
            text = piece.replace("at least ", ">= ").replace("positive", "> 0")
            text = re.sub(r"^(every )?[ndβ] (>=? )", r"\2", text)
            text = MEANT.get(text, text)
            if text and not ARBITRARY.fullmatch(text):
                found.add(text)
    return found


def within(piece: str, given: str) -> bool:
    """Whether whatever meets the sentence's restriction meets the scope's."""
    if piece == given:
        return True
    bound = r"(>=?|) ?(-?\d+)"
    left, right = re.fullmatch(bound, given), re.fullmatch(bound, piece)
    if left is None:
        return piece == ">= 2" and given == ">= n"
    low = Rational(left[2])
    if piece == "nonzero":
        return low > 0 or (low == 0 and left[1] == ">")
    if right is None or not right[1]:
        return False
    least = Rational(right[2])
    return low > least or (low == least and (right[1] == ">=" or left[1] == ">"))


def missing(label: str, scope: Mapping[str, str]) -> set[str]:
    """Keys in which a scope is smaller than the sentence of a label."""
    given = {**USUAL, **SENTENCES.get(label, {})}
    found = set()
    for key, words in scope.items():
        if (label, key) in BESIDE:
            continue
        said = given.get(key, "")
        for piece in pieces(words):
            if not (key == "masses" and piece in MASSES) and not within(piece, said):
                found.add(key)
    for name in NAMED.get(label, ()):
        texts = [words for key, words in scope.items() if key.startswith(name)]
        if all(pieces(words) for words in texts):
            found.add(name)
    return found


def speakers(label: str) -> list[Claim[Any, Any]]:
    """Claims that bear a label: the one of just its name, or else all; errata if no other does."""
    bearing = [c for c in CLAIMS if c.origin != "extension" and label in spoken_for(c.label)]
    plain = [c for c in bearing if c.origin == "paper"] or bearing
    return [c for c in plain if c.label == label] or plain


PROOF = (Verdict.PROVED, Verdict.CERTIFIED)
JUDGED = [label for label in LABELS if label not in NOT_YET and label != "Definition 9.1"]


@pytest.mark.every(11)
@pytest.mark.parametrize("label", JUDGED)
def test_a_proof_covers_the_sentence(label: str, reports: Mapping[str, Report]) -> None:
    evidence = [reports[claim.label].evidence for claim in speakers(label)]
    scopes = [found.scope for found in evidence if found.verdict in PROOF]
    listed = {key for named, key in EXCEPTIONS if named == label}
    if not scopes:  # its verdict says that it isn't proved
        assert not listed
        return
    least = min((missing(label, scope) for scope in scopes), key=len)
    assert least == listed, f"{label}: {scopes}"


def test_every_record_is_of_a_label() -> None:
    named = {*SENTENCES, *NAMED, *(label for label, _ in (*EXCEPTIONS, *BESIDE))}
    assert named <= set(JUDGED)
    assert all(EXCEPTIONS.values())


@pytest.mark.every(4)
@pytest.mark.parametrize(
    ("label", "scope", "lacks"),
    [
        ("(6.2)", {"n": "symbolic", "d": "symbolic, >= 2", "beta": "symbolic, >= 0"}, set()),
        ("(6.2)", {"n": "2, 3, 4", "d": "symbolic"}, {"n"}),
        ("(6.2)", {"n": "symbolic, >= 3", "d": "symbolic, d >= 3"}, {"n", "d"}),
        ("(6.2)", {"d": "2"}, {"d"}),
        ("(6.2)", {"d": "symbolic, d >= n"}, {"d"}),
        ("(6.2)", {"beta": "symbolic, > 0"}, {"beta"}),
        ("(6.2)", {"beta": "symbolic, nonzero"}, {"beta"}),
        ("(6.2)", {"beta": "[0, 20]"}, {"beta"}),
        ("(6.2)", {"masses": "1/2"}, {"masses"}),
        ("(6.2)", {"masses": "symbolic; 1/n"}, set()),
        ("(6.2)", {"t": "symbolic, >= 1"}, {"t"}),
        ("(6.2)", {"heads": "1, 2"}, {"heads"}),
        ("(6.2)", {"n": "symbolic; 5"}, {"n"}),
        ("(3.6)", {"beta": "symbolic, nonzero"}, set()),
        ("(3.6)", {"beta": "symbolic, positive; > 0"}, set()),
        ("Theorem 6.1", {"d": "symbolic, >= 3"}, set()),
        ("Theorem 6.1", {"d": "symbolic, >= 4"}, {"d"}),
        ("Theorem 4.1", {"beta": "0"}, set()),
        ("Theorem 4.1", {"beta": "symbolic, > 0"}, {"beta"}),
        ("(A.4)", {"d": "symbolic, odd"}, set()),
        ("(A.3)", {"d": "symbolic, odd"}, {"d"}),
        ("Lemma 6.4", {"Q, K": "symbolic, k x d"}, set()),
        ("Lemma 6.4", {"Q, K": "symbolic, orthogonal"}, {"Q, K"}),
        ("Lemma 6.4", {"n": "symbolic"}, {"Q, K"}),
        ("Theorem 5.1", {"beta": "symbolic, >= (n - 1)^2 (d - 1)/π^2"}, set()),
        ("Theorem 5.1", {"beta": "symbolic, >= n^4"}, {"beta"}),
        ("(2.7)", {"heads": "1, 2, 3", "matrices": "symbolic"}, {"heads"}),
        ("(2.8)", {"heads": "symbolic", "matrices": "symbolic"}, {"neurons", "activation"}),
    ],
)
def test_a_smaller_scope_is_seen(label: str, scope: dict[str, str], lacks: set[str]) -> None:
    assert missing(label, scope) == lacks
