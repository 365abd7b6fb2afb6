"""How the pictures and results of an example get onto its page, and what it says it shows."""

import ast
import re
from pathlib import Path

from mathml import in_html
from matplotlib.figure import Figure
from sphinx_gallery.scrapers import figure_rst

from theory.summaries import Formulas

GALLERY = Path(__file__).resolve().parents[2] / "examples" / "gallery"

_seen = []


def reset(gallery_conf, script):
    """Forget the figures of the example before."""
    _seen.clear()


def pictures(block, block_vars, gallery_conf):
    """Save each figure that a name of the example is bound to, once; its title is read aloud."""
    found = []
    for value in block_vars["example_globals"].values():
        if isinstance(value, Figure) and not any(value is one for one in _seen):
            _seen.append(value)
            path = next(block_vars["image_path_iterator"])
            value.savefig(path, format="png", dpi=110)
            found.append(path)
    if not found:
        return ""
    axes = [a for figure in _seen[-len(found) :] for a in figure.axes]
    words = "; ".join(dict.fromkeys(a.get_title() for a in axes if a.get_title()))
    return figure_rst(found, gallery_conf["src_dir"], words or "picture of this step")


def _formulas_html(self):
    latex = self._repr_latex_()
    return latex and in_html(latex)


# A page shows a model as a notebook does: by its formulas.
Formulas._repr_html_ = _formulas_html


def shown_labels():
    """Labels that each example names in the line "Shows: …" of its first docstring, with its title.

    Returns a list of (file stem, title, labels), in the order of the gallery.
    """
    found = []
    for path in sorted(GALLERY.glob("plot_*.py")):
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        line = re.search(r"^Shows: (.+?)\.?$", text, flags=re.MULTILINE)
        labels = [] if line is None else [label.strip() for label in line[1].split(";")]
        found.append((path.stem, text.splitlines()[0], labels))
    return found
