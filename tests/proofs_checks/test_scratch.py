"""A search leaves nothing in the user's folder, and Hypothesis' own folder is as it was."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import configuration

from proofs_checks.scratch import nothing_left_behind

ROOT = Path(__file__).resolve().parents[2]

SEARCH = """
import numpy as np
from hypothesis import configuration
from proofs_checks.strategies import falsify, points

def home():
    return configuration.storage_directory("x", intent_to_write=False).home_directory

before = home()
seen = []
found = falsify(points(), lambda x: not seen.append(home()), 5, np.random.default_rng(0))
print(found is None, home() == before, before in seen)
"""


def searched(folder):
    """Run the script in a folder; return what it says and what lies there afterwards."""
    run = subprocess.run(
        [sys.executable, "-c", SEARCH],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.split(), sorted(path.name for path in folder.iterdir())


@pytest.mark.slow
def test_nothing_is_left_in_the_folder(tmp_path):
    assert searched(tmp_path) == (["True", "True", "False"], [])


@pytest.mark.slow
def test_a_folder_that_is_there_is_used(tmp_path):
    (tmp_path / ".hypothesis").mkdir()
    assert searched(tmp_path) == (["True", "True", "True"], [".hypothesis"])


def test_searches_that_overlap_go_back_to_the_same_folder(tmp_path):
    def home():
        return configuration.storage_directory("x", intent_to_write=False).home_directory

    before = home()
    try:
        configuration.set_hypothesis_home_dir(tmp_path / "absent")
        first, second = nothing_left_behind(), nothing_left_behind()
        first.__enter__()
        second.__enter__()
        own = home()
        first.__exit__(None, None, None)
        assert own != tmp_path / "absent" and home() == own, "the second one still runs"
        second.__exit__(None, None, None)
        assert home() == tmp_path / "absent" and not home().exists()
    finally:
        configuration.set_hypothesis_home_dir(before)
