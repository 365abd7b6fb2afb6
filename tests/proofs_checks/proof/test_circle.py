"""The energy of a pair on the circle: its curvature is derived from each flow's own energy."""

from proofs_checks.proof import CURVATURE, DROPPED, Flow, climbs_curvature, off_curvature
from theory.models import REPULSIVE, SA, USA
from theory.symbols import beta


def test_which_flows_have_the_curvature_of_the_certificates():
    assert [climbs_curvature(Flow.of(model)) for model in (SA, USA, REPULSIVE)] == [1, 1, -1]
    assert climbs_curvature(Flow.of(USA.subs({beta: 2 * beta}))) is None


def test_another_curvature_is_shown_at_a_point():
    assert off_curvature(Flow.of(USA), CURVATURE) == ""
    assert "claimed" in off_curvature(Flow.of(USA), DROPPED)
    assert "claimed" in off_curvature(Flow.of(USA.subs({beta: 2 * beta})), CURVATURE)
