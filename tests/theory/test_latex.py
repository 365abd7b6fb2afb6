"""LaTeX of models and of what is derived: as people write it, and whole for every model."""

import re
from dataclasses import replace

import pytest
from sympy import MatrixSymbol, Symbol

from theory import QKV, SA, USA, Noise, bbgky
from theory.atoms import Tangent
from theory.derivations import (
    circle_angles,
    dissipation,
    equiangular,
    fokker_planck,
    gaussian_closure,
    gnomonic,
    gram_flow,
    onset,
    pair_diffusion,
)
from theory.derivations import two_clusters as two
from theory.energy import ENERGY
from theory.latex import dotted, latex_equation, latex_of
from theory.linearize import consensus
from theory.measures import continuity_equation
from theory.models import (
    HARDMAX,
    KURAMOTO,
    PURE_ATTENTION,
    RESCALED_ATTENTION,
    catalogue,
    feed_forward,
    gradient_flow,
    multi_head,
)
from theory.predictions import equiangular_modes
from theory.symbols import X, beta, d, gamma, kappa, n, t

SCORE = r"e^{\beta \langle x_i, x_j\rangle}"
SOFTMAX = (
    r"\frac{m_j e^{\beta \langle x_i, x_j\rangle}}{\sum_k m_k e^{\beta \langle x_i, x_k\rangle}}"
)


def head(index, score=r"\beta \langle Q_{%s} x_i, K_{%s} x_%s\rangle"):
    top, below = (score % (index, index, letter) for letter in "jk")
    return rf"\sum_j \frac{{m_j e^{{{top}}}}}{{\sum_k m_k e^{{{below}}}}} V_{{{index}}} x_j"


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (USA, rf"\dot x_i = P_{{x_i}}^\perp \sum_j m_j {SCORE} x_j"),
        (SA, rf"\dot x_i = P_{{x_i}}^\perp \sum_j {SOFTMAX} x_j"),
        (
            QKV,
            r"\dot x_i = P_{x_i}^\perp \sum_j \frac{m_j e^{\beta \langle Q x_i, K x_j\rangle}}"
            r"{\sum_k m_k e^{\beta \langle Q x_i, K x_k\rangle}} V x_j",
        ),
        (
            catalogue("causal"),
            r"\dot x_i = P_{x_i}^\perp \sum_{j \le i} "
            + SOFTMAX.replace(r"\sum_k", r"\sum_{k \le i}")
            + " x_j",
        ),
        (catalogue("repulsive"), rf"\dot x_i = -P_{{x_i}}^\perp \sum_j {SOFTMAX} x_j"),
        (
            catalogue("discrete layer"),
            rf"x_i \leftarrow \mathrm{{N}}\left(\eta \sum_j {SOFTMAX} x_j + x_i\right)",
        ),
        (multi_head(2), rf"\dot x_i = P_{{x_i}}^\perp \left[{head(1)} + {head(2)}\right]"),
        (
            multi_head(Symbol("H", integer=True, positive=True)),
            rf"\dot x_i = P_{{x_i}}^\perp \sum_{{h=1}}^{{H}} {head('h')}",
        ),
        (
            KURAMOTO,
            r"\dot x_i = \mathrm{coupling} P_{x_i}^\perp \sum_j m_j x_j + "
            r"P_{x_i}^\perp \omega_i J x_i",
        ),
        (
            HARDMAX,
            r"\dot x_i = -V x_i + \sum_j \operatorname{hardmax}_j"
            r"\left(\langle Q x_i, K x_j\rangle\right) V x_j",
        ),
    ],
    ids=lambda value: value.name if hasattr(value, "name") else "",
)
def test_models(model, said):
    assert model.formulas() == [said]
    assert model._repr_latex_() == rf"$\displaystyle {said}$"


def test_several_blocks():
    lengths = catalogue("pre-LN")
    assert lengths.formulas() == [
        rf"\dot x_i = P_{{x_i}}^\perp \frac{{1}}{{r_i}} \sum_j {SOFTMAX} x_j",
        rf"\dot r_i = \sum_j {SOFTMAX} \langle x_j, x_i\rangle",
    ]
    whole = lengths._repr_latex_()
    assert whole.startswith(r"$$\begin{aligned}\dot x_i& = ") and r"\\ \dot r_i& = " in whole
    assert catalogue("cross-attention").formulas() == [
        r"\dot x_i = P_{x_i}^\perp \sum_j \frac{e^{\beta \langle x_i, y_j\rangle}}"
        r"{\sum_k e^{\beta \langle x_i, y_k\rangle}} y_j"
    ]


EVERY = [catalogue(name) for name in catalogue()]
EVERY += [QKV, HARDMAX, KURAMOTO, RESCALED_ATTENTION, feed_forward(2), multi_head(3)]


@pytest.mark.every(3)
@pytest.mark.parametrize("model", EVERY, ids=lambda model: model.name)
def test_every_model_is_written_by_its_tokens(model):
    lines = model.formulas()
    if model.energy is not None:
        lines.append(latex_of(model.energy, model.token_counts))
    for line in lines:
        balanced(line)
        assert not re.search(r"\bX\b|Matrix|Elementwise|Tangent|Softmax|\bdiag\b|z=", line), line
        assert not re.search(r"_\w_|_\{[^{}]*\}_", line), f"two indices on one letter: {line}"


def balanced(text):
    """Braces, and left and right signs, close in order."""
    depth = 0
    for mark in re.findall(r"\\[{}]|[{}]", text):
        depth += {"{": 1, "}": -1}.get(mark, 0)
        assert depth >= 0, text
    assert depth == 0, text
    assert len(re.findall(r"\\left\b", text)) == len(re.findall(r"\\right\b", text)), text


@pytest.mark.every(3)
@pytest.mark.parametrize("model", EVERY, ids=lambda model: model.name)
def test_sums_inside_sums_have_letters_of_their_own(model):
    for line in model.formulas():
        for sum_, letters in scopes(line):
            assert not set(letters) & sum_, line


def scopes(text):
    """Each sum's letters, and those of the sums around it inside the same brackets."""
    found, stack = [], [set()]
    for match in re.finditer(r"\\sum_(\w|\{[^{}]*\})|\\left|\\right|[{}]|[+]| - ", text):
        mark = match[0]
        if mark in ("{", r"\left"):
            stack.append(set(stack[-1]))
        elif mark in ("}", r"\right"):
            stack.pop()
        elif mark in ("+", " - "):
            stack[-1] = set(stack[-2]) if len(stack) > 1 else set()
        else:
            bound = mark.removeprefix(r"\sum_").strip("{}").partition("=")[0].partition(" ")[0]
            letters = set(re.findall(r"\b[a-z]\b", bound)) - {"i"}
            found.append((set(stack[-1]), letters))
            stack[-1] |= letters
    return found


@pytest.mark.slow
def test_reductions():
    assert circle_angles(USA).formulas() == [
        r"\dot\theta_i = - \sum_j m_j e^{\beta \cos{\left(\theta_i - \theta_j \right)}} "
        r"\sin{\left(\theta_i - \theta_j \right)}"
    ]
    assert equiangular(USA).formulas() == [latex_equation(gamma, equiangular(USA).rate)]
    assert equiangular(USA).formulas()[0].startswith(r"\dot\gamma = - \frac{2 \left(\gamma - 1")
    assert [line.partition(" =")[0] for line in two(USA).formulas()] == [r"\dot g", r"\dot\theta"]
    assert gnomonic(USA).formulas()[-1] == rf"A_{{ij}} = m_j {SCORE}"
    assert dissipation(USA).formulas() == [r"\frac{dE}{dt} = \sum_i |\dot x_i|^2\, m_i"]
    flow = gram_flow(USA)
    assert flow.formulas()[0].startswith(r"\dot G_{ij} = ")
    assert r"\sum_k m_k e^{\beta G_{ik}} G_{kj}" in flow.formulas()[0]
    causal = gram_flow(catalogue("causal")).formulas()[0]
    assert r"\sum_{k \le j} G_{ik}" in causal and r"\mathbf 1" not in causal
    products = gram_flow(catalogue("cross-attention"))
    assert r"{G_{XY}}_{ij} = \langle x_i, y_j\rangle" in products.formulas()
    for reduction in (flow, products, gnomonic(SA), two(SA)):
        balanced(reduction._repr_latex_())


@pytest.mark.slow
def test_reductions_to_laws_and_modes():
    assert gaussian_closure(PURE_ATTENTION).formulas() == [
        r"\dot\mu = \beta V \Sigma K^\top Q \mu + V \mu",
        r"\dot\Sigma = \beta \Sigma Q^\top K \Sigma V^\top + \beta V \Sigma K^\top Q \Sigma",
    ]
    pair = bbgky(USA).formulas()
    assert pair[0] == r"\partial_t \psi = -\partial_x \left(v \psi\right)"
    assert pair[-1].startswith(r"c(\varphi) = - e^{\beta \cos{\left(\varphi \right)}} \sin")
    modes = equiangular_modes(SA)
    assert [line.partition(" =")[0] for line in modes.formulas()] == [
        r"\dot\gamma", r"\dot H", r"\lambda_{\mathrm{mean}}", r"\lambda_{\mathrm{rows}}",
        r"\lambda_{\mathrm{pairs}}",
    ]  # fmt: skip
    tokens = continuity_equation(SA).formulas()[-1]
    assert tokens.startswith(r"\mathcal{X}[\mu](x) = P_x^\perp \frac{\int e^{\beta \langle x, y")
    noisy = replace(USA, noise=Noise(kappa), parameters=(*USA.parameters, kappa))
    assert r"D = \kappa" in fokker_planck(noisy).formulas()
    assert r"b = - 2 \gamma \kappa \left(d - 1\right)" in pair_diffusion(noisy).formulas()
    threshold = onset((Symbol("h1"), Symbol("h2")), d=2)
    assert threshold.formulas()[0] == r"\kappa_u = h_{1}"
    for found in (
        gaussian_closure(PURE_ATTENTION), bbgky(USA), modes, continuity_equation(USA),
        fokker_planck(noisy), pair_diffusion(noisy), threshold,
    ):  # fmt: skip
        assert len(repr(found).splitlines()) <= 5
        balanced(found._repr_latex_())


def test_spectra():
    assert consensus(SA).formulas() == [
        r"\lambda = 0\ \left(\times d - 1\right)",
        r"\lambda = -1\ \left(\times \left(d - 1\right) \left(n - 1\right)\right)",
    ]
    for name in ("causal", "pre-LN", "moving masses"):
        balanced(consensus(catalogue(name))._repr_latex_())


def test_what_has_no_form_by_tokens_is_a_matrix():
    other = MatrixSymbol("A", d, d)
    assert latex_of(other * other.T) == r"A A^\top"
    assert latex_equation(X, Tangent(X, X * other), "map") == (
        r"x_i \leftarrow P_{x_i}^\perp A^\top x_i"
    )


def test_letters():
    assert dotted("x_i") == r"\dot x_i"
    assert latex_of(t * Symbol("slope") + beta) == r"\beta + \mathrm{slope} t"
    assert latex_of(ENERGY) == rf"\frac{{1}}{{2}} \sum_{{i, j}} m_i m_j \frac{{{SCORE}}}{{\beta}}"
    assert latex_of(n) == "n"
    model = gradient_flow(-ENERGY)
    assert "-" in model.formulas()[0]
