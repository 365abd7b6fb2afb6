"""Text with MathML: what is mathematics, what stays words, and that nothing is lost."""

import re
import unicodedata
from collections import Counter
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs_checks import CLAIMS
from proofs_checks.pages import mathematics


class Reader(HTMLParser):
    """Collect the text, and refuse tags that don't close."""

    def __init__(self):
        super().__init__()
        self.open, self.text, self.formulas = [], [], 0

    def handle_starttag(self, tag, attrs):
        self.formulas += tag == "math"
        if tag != "wbr":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(text):
    reader = Reader()
    reader.feed(mathematics(text))
    assert not reader.open
    return "".join(reader.text), reader.formulas


SIGNS = (("<=", "≤"), (">=", "≥"), ("->", "→"), ("!=", "≠"), ("-", "−"), ("Σ", "∑"), ("'", "′"))
NAMES = {
    **{"mu": "μ", "nu": "ν", "pi": "π", "psi": "ψ", "eps": "ε", "theta": "θ", "beta": "β"},
    **{"gamma": "γ", "alpha": "α", "lambda": "λ", "tau": "τ", "rho": "ρ", "kappa": "κ"},
    **{"sigma": "σ", "omega": "ω", "phi": "φ", "delta": "δ", "dmu": "dμ", "sqrt": ""},
}


def letters(text, written=False):
    """Count what is on paper besides brackets and the marks of powers, indices and roots."""
    if written:
        names = re.compile(rf"(?<![A-Za-z_])({'|'.join(NAMES)})(?![A-Za-z])")
        text = names.sub(lambda found: NAMES[found[0]], text)
    for plain, sign in SIGNS:
        text = text.replace(plain, sign)
    text = unicodedata.normalize("NFKD", text)
    return Counter(c for c in text if not c.isspace() and c not in "{}()[]<>⟨⟩^_*∗√\u2044")


@pytest.mark.parametrize(
    ("text", "shown", "formulas"),
    [
        ("Tokens stay on the sphere.", "Tokens stay on the sphere.", 0),
        ("n >= 2 tokens", "n≥2 tokens", 1),
        ("rate e^{-λt}, x_i' and Q^T K", "rate e−λt, xi′ and QTK", 3),
        ("a residual layer; A_ij is a matrix", "a residual layer; Aij is a matrix", 1),
        ("(3.6), Theorem 6.1, arXiv 2312.10794", "(3.6), Theorem 6.1, arXiv 2312.10794", 0),
        ("<x_i,x_j> < 1", "⟨xi,xj⟩<1", 1),
        ("X = [4/5 3/5; -1 0]", "X= [4/5 3/5; -1 0]", 1),
        ("row-stochastic, 1/2-clustered", "row-stochastic, 1/2-clustered", 0),
        ("|x_i'|^2 and x*, the limit", "|xi′|2 and x∗, the limit", 2),
        ("Krause's model, p against q", "Krause's model, p against q", 2),
        ("d >= n, sqrt(1 - r²)", "d≥n, (1−r2)", 2),
        ("<script>alert(1)</script> & more", "<script>alert(1)</script> & more", None),
    ],
)
def test_what_is_mathematics(text, shown, formulas):
    found, count = read(text)
    if formulas is None:
        assert letters(found) == letters(shown) and "<script" not in mathematics(text)
    else:
        assert (found, count) == (shown, formulas)


def test_powers_and_indices_are_read_as_such():
    assert "<msubsup><mi>x</mi><mrow><mi>i</mi></mrow><mrow><mi>β</mi></mrow></msubsup>" in (
        mathematics("|x_i^β(t) - x_i^0(t)|")
    )
    nested = mathematics("1-α <= ½ e^{-(t-t0)/(2n e^{2β})}")
    assert nested.count("<msup>") == 2 and "^" not in nested
    assert "<msqrt>" in mathematics("2 √(log d/d)")


def test_every_statement_keeps_its_letters():
    texts = {claim.statement for claim in CLAIMS}
    texts |= {control.change for claim in CLAIMS for control in claim.controls}
    texts |= {hypothesis.text for claim in CLAIMS for hypothesis in claim.hypotheses}
    assert len(texts) > 800
    for text in texts:
        found, _ = read(text)
        assert letters(found) == letters(text, written=True), text
    statements = [mathematics(claim.statement) for claim in CLAIMS]
    assert sum("<math>" in text for text in statements) > 0.8 * len(statements)
    marked = [text for text in statements if re.search(r"[\^_]", text)]
    assert [text for text in marked if "equiangular_gamma" not in text] == [], "a mark isn't read"


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="xβ2dA^_{}()[]<>=-*'’√|½²,.Σ ab/&;ñé⟨⟩\"", max_size=24))
def test_any_text_is_markup_that_closes(text):
    read(text)


def test_a_long_quotient_breaks_before_it_is_as_wide_as_a_telephone():
    text = (
        "2*(1 - gamma)*(n*gamma + 1)/(m*exp(beta*gamma) + exp(beta)) = (d - 1)/(2 k Gamma(k + d))"
    )
    parts = mathematics(text).split("<wbr>")
    assert len(parts) >= 4
    assert max(len(re.sub(r"<[^>]*>|\s", "", part)) for part in parts) <= 26
