"""Whole theorems: statements about trajectories that Rocq proves with n, d and masses symbolic.

They are written by hand in the prelude, each beside a moving solution, n = 2 and d = 2, that meets
its hypotheses. `whole_text` is the file that is compiled for a label; `rule_text` that of the rules
of inference of `proofs_checks.proof`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from proofs_checks.proof import RULES, Step
from proofs_checks.rocq.compiler import PRELUDE


@dataclass(frozen=True)
class WholeTheorem:
    """What Rocq proves of a label as a whole, from hypotheses on a trajectory to the conclusion.

    Attributes
    ----------
    label : str
    module : str
        The module of the prelude with the theorems and their proofs.
    theorems : tuple of str
    met : tuple of str
        Theorems of the module ``Moving``: the theorems applied to a solution that moves.
    says : str
        The statement in words.
    leaves : tuple of str
        What of the label isn't in it.
    """

    label: str
    module: str
    theorems: tuple[str, ...]
    met: tuple[str, ...]
    says: str
    leaves: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[str, ...]:
        """Every theorem that a file for the label holds."""
        return (*self.theorems, *self.met)


_FOUR = ("SA", "USA", "QK_SA", "QK_USA")
_GIVEN = "that trajectories exist (Picard-Lindelöf): they are given"

WHOLE_THEOREMS = (
    WholeTheorem(
        "Lemma 6.4",
        "Lemma64",
        tuple(f"lemma_6_4_{model}" for model in _FOUR),
        ("lemma_6_4_met", "lemma_6_4_QK_met"),
        "from <x_i(0),w> >= r0 > 0: some x* with |x_i(t)-x*| <= 2(r0^-2-1)^(1/2) e^{-λt} for every "
        "i and t >= 0, λ as the claim says",
        (_GIVEN, "flows with a schedule s(t): SA and USA have none"),
    ),
    WholeTheorem(
        "Theorem 6.3",
        "Theorem63",
        tuple(f"theorem_6_3_{model}" for model in _FOUR),
        ("theorem_6_3_met", "theorem_6_3_QK_met"),
        "from linearly independent x_i(0): their Gram matrix has an inverse B, and |x_i(t)-x*| <= "
        "2(S-1)^(1/2) e^{-λt}, S = 1^T B 1, r0 = S^(-1/2)",
        (_GIVEN, "that uniform points are almost surely independent for d >= n"),
    ),
    WholeTheorem(
        "Theorem 6.8",
        "Equiangular",
        ("theorem_6_8_SA", "theorem_6_8_USA"),
        ("theorem_6_8_met",),
        "from orthonormal x_i(0), masses 1/n: all <x_i,x_j>, i ≠ j, are one γ(t), which solves "
        "(6.9), (6.10) from γ(0) = 0",
        (_GIVEN, "T(γ) in closed form"),
    ),
    WholeTheorem(
        "(3.6)",
        "Dissipation",
        ("eq_3_6_SA", "eq_3_6_USA", "energy_rises_SA", "energy_rises_USA"),
        ("eq_3_6_met",),
        "along every trajectory the energy's derivative is Σ m_i Z_i |x_i'|² (USA Σ m_i |x_i'|²): "
        "it never falls",
        (_GIVEN, "β = 0, where the energy is another one"),
    ),
    WholeTheorem(
        "(6.9)",
        "Equiangular",
        ("theorem_6_8_SA", "rate_equal_SA"),
        ("theorem_6_8_met",),
        "at equal angles the Gram flow of SA is (6.9), and orthonormal tokens have equal angles at "
        "every t",
        (_GIVEN,),
    ),
    WholeTheorem(
        "(6.10)",
        "Equiangular",
        ("theorem_6_8_USA", "rate_equal_USA"),
        ("theorem_6_8_met",),
        "at equal angles the Gram flow of USA is (6.10), and orthonormal tokens have equal angles "
        "at every t",
        (_GIVEN,),
    ),
)
"""Every whole theorem; a label has one at most."""


def whole_theorem(label: str) -> WholeTheorem | None:
    """Return the whole theorem of a label, None if there is none.

    Parameters
    ----------
    label : str
        Such as ``"Lemma 6.4"``.

    Examples
    --------
    >>> whole_theorem("Theorem 6.8").theorems
    ('theorem_6_8_SA', 'theorem_6_8_USA')
    """
    return next((whole for whole in WHOLE_THEOREMS if whole.label == label), None)


def module_text(module: str) -> str:
    """Read a module of the prelude, statements and proofs.

    Parameters
    ----------
    module : str
        Its name, such as ``"Lemma64"``.
    """
    return (PRELUDE / f"{module}.v").read_text(encoding="utf-8")


def whole_text(whole: WholeTheorem) -> str:
    """Write the file of a label: the theorems with their proofs, then the moving solution.

    Parameters
    ----------
    whole : WholeTheorem

    Returns
    -------
    str
        For `compile_text`, with ``theorems=whole.asked``.
    """
    lines = [module_text(whole.module), "From attnflow Require Moving."]
    lines += [f"Definition {name} := @Moving.{name}." for name in whole.met]
    return "\n".join([*lines, ""])


def rocq_rules(steps: Iterable[Step] | None = None) -> tuple[str, ...]:
    """Theorems of Rocq that are the rules of inference.

    Parameters
    ----------
    steps : iterable of Step, optional
        Those that the steps of a sheet use; all by default.

    Returns
    -------
    tuple of str
        Module and theorem, such as ``"Rules.rule_sum"``, each once.
    """
    if steps is None:
        return tuple(dict.fromkeys(rule.rocq for rule in RULES if rule.rocq))
    held = [step for step in steps if step.holds]
    used = {step.evidence for step in held}
    names = [rule.rocq for rule in RULES if rule.rocq and rule.words in used]
    typed = (getattr(getattr(step.formal, "by", None), "rocq", "") for step in held)
    return tuple(dict.fromkeys([*names, *filter(None, typed)]))


def rule_text(names: Iterable[str]) -> str:
    """Write the file that has rules of inference checked: each is asked of the prelude by its name.

    Parameters
    ----------
    names : iterable of str
        As `rocq_rules` returns them.

    Returns
    -------
    str
        For `compile_text`, with the names after the dots as theorems.
    """
    names = tuple(names)
    modules = sorted({name.split(".")[0] for name in names})
    lines = [f"From attnflow Require {' '.join(modules)}."]
    lines += [f"Definition {name.split('.')[1]} := @{name}." for name in names]
    return "\n".join([*lines, ""])
