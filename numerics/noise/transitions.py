"""Where order sets in under noise, and how: the three thresholds and the size of the jump.

The uniform state is stable above `kappa_uniform`. If the ordered branch leaves it towards more
noise, it turns at `kappa_fold`; between the two both are stable, and at `kappa_transition` their
free energies meet. Otherwise the transition is continuous and the three are one.
"""

from __future__ import annotations

from dataclasses import dataclass

from numerics.noise.branches import Place, crossing, walk, with_beta
from numerics.noise.drives import drive_of
from numerics.records import Result
from theory.models import USA, Model

CONTINUOUS = 1e-11
"""A branch that rises above the threshold by less than this share of it leaves it continuously."""
_LEAST = 0.5
"""The branch is searched for folds down to this share of the threshold."""


@dataclass(frozen=True)
class Transition(Result):
    """How order sets in as the noise κ of ``dX = F dt + √(2κ) P∘dB`` falls.

    Parameters
    ----------
    kappa_uniform : float
        Below it the uniform state is unstable.
    kappa_transition : float or None
        At it the free energies of the uniform and the ordered state are equal; None when the
        model has no free energy (a normalised one, as SA).
    kappa_fold : float
        Beyond it there is no ordered state on the branch; equal to `kappa_uniform` if continuous.
    continuous : bool
        Whether the order parameter falls to 0 without a jump.
    order_parameter : float or None
        ``|m_1|`` of the ordered state at `kappa_transition`: the length of its mean. 0 if
        continuous; None if discontinuous without a free energy. For a model whose uniform state
        is first unstable to degree l, ``|m_l|``.
    degree : int
        That l; 1 for SA and USA.
    """

    kappa_uniform: float
    kappa_transition: float | None
    kappa_fold: float
    continuous: bool
    order_parameter: float | None
    degree: int = 1


def transition(
    model: Model = USA, beta: float | None = None, d: int = 2, **parameters: float
) -> Transition:
    """Compute the thresholds of the noise under which a model orders.

    Parameters
    ----------
    model : Model
        A flow of scalar attention on the sphere, normalised or not, with a smooth kernel.
    beta : float, optional
        Inverse temperature, if the model has one.
    d : int
        Dimension.
    **parameters : float
        Further parameters of the model.

    Returns
    -------
    Transition
        The thresholds.

    Raises
    ------
    ValueError
        For another model, a missing parameter, a kernel that isn't smooth, or one under which the
        uniform state never loses stability.
    ArithmeticError
        Where the branch can't be followed.

    Notes
    -----
    The branch that leaves the uniform state is followed, on measures about an axis, through its
    fold until the free energies have met, or down to half the threshold. `kappa_uniform` is exact
    to rounding, the others to 1e-10 relative. USA's transition is continuous iff
    ``I_{d/2+1}(β)/I_{d/2}(β) <= 1/d`` (`theory.predictions.noise_dichotomy`); just above that β
    the branch rises by less than 1e-11 of the threshold and is called continuous as well.
    Source: Problem 7 (extension); arXiv 2510.20094 and 2606.05140 for USA.

    Examples
    --------
    >>> found = transition(USA, beta=3.0)
    >>> print(f"{found.kappa_uniform:.6f} {found.kappa_transition:.6f} {found.kappa_fold:.6f}")
    1.317790 1.329455 1.332871
    >>> print(f"{found.order_parameter:.6f}", found.continuous)
    0.481544 False
    >>> transition(USA, beta=1.0).continuous
    True
    """
    drive = drive_of(model, d, with_beta(beta, parameters))
    fold: Place | None = None
    meet: Place | None = None
    before: Place | None = None
    for place in walk(drive, _LEAST):
        if before is not None and fold is None and before.tangent[-1] > 0 >= place.tangent[-1]:
            before = fold = crossing(before, place, lambda at: float(at.tangent[-1]))
        if before is not None and fold is not None and place.free_energy <= 0:
            meet = crossing(before, place, lambda at: at.free_energy)
            break
        before = place
    if fold is None or fold.level <= 1 + CONTINUOUS:
        level = None if drive.normalised else drive.unit
        return Transition(drive.unit, level, drive.unit, True, 0.0, drive.lead)
    top = fold.level * drive.unit
    if meet is None:
        return Transition(drive.unit, None, top, False, None, drive.lead)
    order = abs(float(meet.point[drive.lead - 1]))
    return Transition(drive.unit, meet.level * drive.unit, top, False, order, drive.lead)


__all__ = ["CONTINUOUS", "Transition", "transition"]
