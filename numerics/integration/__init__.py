"""Adaptive integration of one system, or of a batch with common steps."""

from numerics.integration.events import Event, IntegrationStatus, cap_radius, consensus_event
from numerics.integration.solve import integrate
from numerics.integration.trajectory import Trajectory

__all__ = ["Event", "IntegrationStatus", "Trajectory", "cap_radius", "consensus_event", "integrate"]
