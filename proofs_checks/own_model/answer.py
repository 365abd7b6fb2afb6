"""How a row is asked: whatever happens in it is its answer, and the report goes on.

An error of ours makes a row UNDECIDED and says where it was; so does an implementation that
raises, and a budget that is spent. What is no error of a row, Ctrl-C or no memory left, ends the
report.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator

from proofs_checks.claim import Evidence
from proofs_checks.own_model.report import UNDECIDED
from proofs_checks.own_model.subject import ImplementationError, Subject
from theory.bounded import BudgetSpentError, metered


def answered(label: str, check: Callable[[Subject], Evidence], subject: Subject) -> Evidence:
    """Ask a row, and answer for what it raises.

    Parameters
    ----------
    label : str
        The row, as the answer names it.
    check : callable
    subject : Subject

    Raises
    ------
    KeyboardInterrupt, MemoryError
    """
    try:
        with metered(subject.budget):
            return check(subject)
    except MemoryError:
        raise
    except BudgetSpentError:
        words = f"the budget ran out: {subject.budget:g} CPU seconds of decisions a row"
        return Evidence(UNDECIDED, f"{words}; give more with budget=")
    except Exception as error:
        theirs = next((e for e in _causes(error) if isinstance(e, ImplementationError)), None)
        return error_of_ours(label, error) if theirs is None else Evidence(UNDECIDED, str(theirs))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, and what it was raised from or beside."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def error_of_ours(label: str, error: Exception) -> Evidence:
    """Answer of a row that raised, with the place to look at."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    reason = next(iter(str(error).splitlines()), "")
    said = f"an error of ours: {type(error).__name__} in {label}"
    return Evidence(UNDECIDED, f"{said}: {reason} ({place.name}, line {place.lineno})")


__all__ = ["answered", "error_of_ours"]
