"""All claims verified once a session, with their controls, for whichever tests read them."""

from __future__ import annotations

import multiprocessing
import os
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor

import pytest

from proofs_checks.claim import Report, verify_claim


class Reports(Mapping[str, Report]):
    """Reports by label, at seed 0: each claim is verified when it is first asked for."""

    def __init__(self, executor: Executor) -> None:
        from proofs_checks import CLAIMS

        self._executor = executor
        self._claims = {claim.label: claim for claim in CLAIMS}
        self._futures: dict[str, Future[Report]] = {}

    def ask(self, label: str) -> Future[Report]:
        """Start to verify a claim, unless that is done: as `verify((claim,), rng=0)` does."""
        if label not in self._futures:
            claim = self._claims[label]
            self._futures[label] = self._executor.submit(verify_claim, claim, None, 0)
        return self._futures[label]

    def __getitem__(self, label: str) -> Report:
        return self.ask(label).result()

    def __iter__(self) -> Iterator[str]:
        for label in self._claims:  # all of them, before the first is waited for
            self.ask(label)
        return iter(self._claims)

    def __len__(self) -> int:
        return len(self._claims)


@pytest.fixture(scope="session")
def reports(request: pytest.FixtureRequest) -> Iterator[Reports]:
    """Verify on two processes what the selected tests name, and the rest when it is read.

    A process of pytest-xdist takes one, and starts on nothing before it is asked. Warnings are
    errors there as they are here (`filterwarnings` of pyproject.toml).
    """
    alone = not hasattr(request.config, "workerinput")
    context = multiprocessing.get_context("spawn")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
            if name not in os.environ:
                patch.setenv(name, "1")
        executor = ProcessPoolExecutor(
            1 + alone, context, initializer=warnings.simplefilter, initargs=("error",)
        )
        found = Reports(executor)
        if alone:
            for item in request.session.items:
                claim = getattr(item, "callspec", None) and item.callspec.params.get("claim")
                if claim is not None and "reports" in item.fixturenames:
                    found.ask(claim.label)
        yield found
        executor.shutdown(cancel_futures=True)
