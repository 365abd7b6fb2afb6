"""Claims on processes and on dask give the reports of this process."""

import json
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from proofs_checks.command_line import main
from proofs_checks.verification import verify


@pytest.mark.slow
def test_the_real_claims_on_processes():
    from proofs_checks import CLAIMS

    chosen = CLAIMS[:4]
    serial = verify(chosen, rng=1)
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        parallel = verify(chosen, rng=1, executor=pool)
    assert [r.evidence for r in serial] == [r.evidence for r in parallel]


@pytest.mark.full
def test_a_dask_scheduler_gives_the_reports_of_this_process(capsys):
    distributed = pytest.importorskip("distributed")
    names = ["(3.6)", "Lemma 6.4", "Remark 3.3"]
    assert main(["verify", *names, "--json"]) == 0
    alone = json.loads(capsys.readouterr().out)["claims"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the cluster's own, on closing
        options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
        with distributed.LocalCluster(**options) as cluster:
            assert main(["verify", *names, "--json", "--scheduler", cluster.scheduler_address]) == 0
    there = json.loads(capsys.readouterr().out)["claims"]
    for one, other in zip(alone, there, strict=True):
        assert {**one, "seconds": 0} == {**other, "seconds": 0}
