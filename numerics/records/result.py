"""What every result offers: a short form, a picture, a file, a labelled data set."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from numerics.records.datasets import dataset_of
from numerics.records.files import save
from theory.summaries import Tabled


class Result(Tabled):
    """A result of this package: `repr`, table in a notebook, `plot`, `save`, `to_xarray`.

    Examples
    --------
    >>> import numerics
    >>> from theory import SA
    >>> points = numerics.sphere.random_points(8, 2, rng=0)
    >>> numerics.ensemble(SA, points, t_eval=[0.0, 1.0, 2.0], backend="numpy", beta=4.0)
    Ensemble(times=0 to 2 (3), points=(3, 8, 2), ended={FINISHED: 1}, backend=numpy)
    """

    _coordinates: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Dimension and the attribute that is its coordinate."""
    _variables: ClassVar[tuple[tuple[str, tuple[Any, ...]], ...]] = ()
    """Attribute and its dimensions; ``...`` stands for systems of a batch."""
    _derived: ClassVar[tuple[str, ...]] = ()
    """Arrays that follow from the others, written beside them for those who read with NumPy."""

    def plot(self, kind: str | None = None, **options: Any) -> Any:
        """Draw the result.

        Parameters
        ----------
        kind : str, optional
            What of it, such as ``"energy"`` of a Trajectory; an unknown one is answered by a list.
        **options
            Of the function of `numerics.plot` that draws it.

        Returns
        -------
        matplotlib.figure.Figure
            A notebook shows it; ``.savefig(path)`` writes it.

        Raises
        ------
        TypeError
            For a result that has no picture.
        """
        from numerics.plot import draw

        return draw(self, kind, **options)

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        command: str | None = None,
        seed: Any = None,
        facts: Mapping[str, Any] | None = None,
    ) -> Path:
        """Write the result; `numerics.load` gives it back with the same bits.

        Parameters
        ----------
        path : str or PathLike
            ``.npz`` is appended where it is missing.
        command : str, optional
            How it was computed, for people.
        seed : int or SeedSequence, optional
            What it was drawn with.
        facts : Mapping, optional
            What the titles of its pictures say besides, as `numerics.plot.styled` takes it.

        Returns
        -------
        Path
            Of the file, which appears whole or not at all; `numpy.load` reads its arrays.

        Raises
        ------
        FileNotFoundError
            If there is no such folder.
        ValueError
            For a result that holds what no file can, such as a parameter that is a function.
        """
        return save(self, path, command, seed, facts)

    def to_xarray(self) -> Any:
        """Make an ``xarray.Dataset``: arrays with named dimensions, coordinates, attributes.

        Raises
        ------
        ModuleNotFoundError
            Without the extra ``xarray``.
        TypeError
            For a result without a time or a parameter along which it is an array.
        """
        return dataset_of(self)

    def _further_variables(self) -> Iterable[tuple[str, tuple[Any, ...], Any]]:
        """Name, dimensions and values of arrays that are no attributes."""
        return ()

    def _further_coordinates(self) -> dict[str, Any]:
        """Coordinates that are no attributes."""
        return {}
