"""Adaptive integration of one system, or of a batch with common steps."""

from numerics.integration.events import Event, IntegrationStatus, consensus_event
from numerics.integration.solve import integrate
from numerics.integration.systems import StateTrajectory
from numerics.integration.trajectory import Trajectory

__all__ = [
    "Event",
    "IntegrationStatus",
    "StateTrajectory",
    "Trajectory",
    "consensus_event",
    "integrate",
]
