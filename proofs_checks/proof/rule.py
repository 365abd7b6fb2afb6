"""What a rule of inference is, and how a step is concluded by one.

`apply` checks that the steps hold and that the rule's own condition on the data does; a broken use
gives a gap, never a step that holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from proofs_checks.proof.sheet import How, Outcome, Step


@dataclass(frozen=True)
class Rule:
    """A rule of inference.

    Attributes
    ----------
    name : str
    statement : str
        Hypotheses and conclusion.
    source : str
        Where its proof stands.
    needs : int
        How many steps it is applied to, at least.
    check : callable
        ``check(**data)`` says what of its condition on the data fails, "" if nothing does.
    rocq : str
        The theorem of Rocq's prelude that is this rule, such as "Rules.rule_sum"; "" if there
        is none.
    narrower : str
        What that theorem is about where it says less than the rule.
    """

    name: str
    statement: str
    source: str
    needs: int
    check: Callable[..., str]
    rocq: str = ""
    narrower: str = ""

    @property
    def words(self) -> str:
        """Its name, and which theorem of Rocq it is, as a sheet prints them.

        Examples
        --------
        >>> Rule("sum", "a, b >= 0: a + b >= 0", "order", 1, unconditional, "Rules.rule_sum").words
        'sum; in Rocq Rules.rule_sum'
        """
        if not self.rocq:
            return self.name
        return f"{self.name}; in Rocq {self.rocq}{', ' if self.narrower else ''}{self.narrower}"


def apply(rule: Rule, text: str, *steps: Step, **data: Any) -> Step:
    """Conclude a step by a rule from earlier steps.

    Parameters
    ----------
    rule : Rule
    text : str
        The conclusion, in symbols.
    *steps : Step
        What it is applied to.
    **data
        What the rule's condition is about.

    Returns
    -------
    Step
        A gap, with its reason, if a step doesn't hold, one is missing, or the condition fails.
    """
    enclosed = any(step.enclosed for step in steps)
    if len(steps) < rule.needs:
        reason = f"{rule.name} needs {rule.needs} steps, not {len(steps)}"
        return Step(text, How.BY_RULE, Outcome.GAP, reason)
    for step in steps:
        if not step.holds:
            reason = f"{rule.name} needs: {step.text}: {step.evidence}"
            return Step(text, How.BY_RULE, Outcome.GAP, reason)
    reason = rule.check(**data)
    if reason:
        return Step(text, How.BY_RULE, Outcome.GAP, f"{rule.name}: {reason}")
    return Step(text, How.BY_RULE, Outcome.HOLDS, rule.words, enclosed=enclosed)


def unconditional() -> str:
    """Check of a rule without a condition on data."""
    return ""
