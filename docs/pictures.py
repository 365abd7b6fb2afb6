"""Draw the two pictures of the README again: python docs/pictures.py.

Each says in its own metadata which command made it: attnflow plot docs/pictures/space_time.png.
"""

import shlex
import shutil
import tempfile
from pathlib import Path

from proofs_checks.command_line import main

FOLDER = Path(__file__).resolve().parent / "pictures"

COMMANDS = {
    "space_time": "attnflow coarsen --n 64 --beta 81 --seed 1 --format png",
    "phase_d8": "attnflow phase --d 8 --runs 24 --betas 0.5 9 18 --times 0 20 41 --format png",
}
"""Picture to what draws it, some seconds each."""


def draw(folder: Path) -> None:
    """Run the commands elsewhere, and copy one picture of each."""
    for name, command in COMMANDS.items():
        with tempfile.TemporaryDirectory() as place:
            status = main([*shlex.split(command)[1:], "--out", place])
            if status:
                raise SystemExit(status)
            shutil.copy(Path(place) / f"{name}.png", folder / f"{name}.png")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    draw(FOLDER)
