"""Claims that runs alone speak for: what is tried is what is claimed."""

from proofs_checks.audit import solution_of
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import TOKEN, as_sheet, solving, tried_along, unproved
from proofs_checks.theorems.kernel import apply
from proofs_checks.theorems.order import CHAIN
from theory.models import SA, USA
from theory.symbols import X
from theory.terms import Diameter, Row, ddt

WIDE = Diameter(Row(X, TOKEN), TOKEN)
GIVEN = (solving(Subject.of(SA)),)


def test_a_claim_is_evaluated_along_runs() -> None:
    runs = [solution_of(SA, seed) for seed in range(2)]
    falls, rises = (unproved(Rel("<=", *pair), GIVEN) for pair in ((ddt(WIDE), 0), (0, ddt(WIDE))))
    found = tried_along(falls, runs, {})
    assert found.cases == 2 and not found.violation and found.tried == falls.says
    broken = tried_along(rises, runs, {})
    assert ": not so at t = 0.15, n = 4, d = 4, β = " in broken.violation and broken.cases == 1


def test_where_hypotheses_hold_nowhere_nothing_is_tried() -> None:
    claim = unproved(Rel("<=", ddt(WIDE), 0), GIVEN)
    other = tried_along(claim, [solution_of(USA)], {})
    assert other.silent and not other.cases
    far = unproved(Rel("<=", ddt(WIDE), 0), (*GIVEN, Rel("<=", 3, WIDE)))
    assert tried_along(far, [solution_of(SA)], {}).silent
    assert not tried_along(claim, [], {}).cases


def test_it_is_a_refusal_that_no_rule_takes() -> None:
    claim = unproved(Rel("<=", ddt(WIDE), 0), GIVEN)
    assert str(apply(CHAIN, claim.found, claim.found)).startswith(CHAIN.name)
    sheet = as_sheet(claim.says, claim.found)
    assert not sheet.holds and sheet.tried == claim.says and sheet.concludes is None
    problem = unproved(claim.says.then, GIVEN, open_problem=True)
    assert as_sheet(problem.says, problem.found).steps[0].outcome.name == "OPEN"
