"""The site: ``sphinx-build -n -W docs docs/_build/html`` in an environment with the group docs.

What is generated (the paper's sections, the errata, the reference, the gallery) is written into
docs/ by the extensions of docs/site, from the code itself, and isn't committed.
"""

import os
import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS.parent), str(DOCS / "site")]
os.environ.setdefault("MPLBACKEND", "Agg")

from gallery import pictures, reset  # noqa: E402

from attnflow import __version__  # noqa: E402

project = "attnflow"
author = "attnflow contributors"
copyright = "attnflow contributors, MIT licence"
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "numpydoc",
    "sphinx.ext.viewcode",
    "sphinx_gallery.gen_gallery",
    "mathml",
    "claims_pages",
    "reference_pages",
    "source_pages",
]
root_doc = "index"
exclude_patterns = ["_build", "site", "**.ipynb", "**/*.codeobj.json", "**/images/**"]
default_role = "code"
nitpicky = True
# No inventories of other projects are read: the site is built without a network.
suppress_warnings = ["config.cache"]

# -- Markdown ------------------------------------------------------------------------------------
myst_enable_extensions = ["dollarmath", "colon_fence", "attrs_inline"]
myst_heading_anchors = 3
myst_dmath_double_inline = True

# -- the reference -------------------------------------------------------------------------------
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
viewcode_line_numbers = True

# -- examples that are run -----------------------------------------------------------------------
sphinx_gallery_conf = {
    "examples_dirs": ["../examples/gallery", "../examples/tutorials"],
    "gallery_dirs": ["gallery", "tutorials"],
    "filename_pattern": r"\.py$",
    "example_extensions": {".py"},
    "abort_on_example_error": True,
    "capture_repr": ("_repr_html_", "__repr__"),
    "ignore_repr_types": r"matplotlib\..*",
    "remove_config_comments": True,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 15,
    "within_subsection_order": "FileNameSortKey",
    "copyfile_regex": r".*\.(csv|json)$",
    "default_thumb_file": None,
    "image_scrapers": (pictures,),
    "reset_modules": (reset,),
    "download_all_examples": False,
    "plot_gallery": os.environ.get("ATTNFLOW_GALLERY", "True") != "False",
    "first_notebook_cell": "# pip install git+https://github.com/attnflow/attnflow",
    "doc_module": ("theory", "numerics", "proofs_checks"),
    "backreferences_dir": None,
}

# -- looks ---------------------------------------------------------------------------------------
html_theme = "furo"
html_title = "attnflow"
html_static_path = ["site/static"]
templates_path = ["site/templates"]
html_css_files = ["attnflow.css"]
html_js_files = [("accessible.js", {"defer": "defer"})]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "sidebar_hide_name": False,
    "light_css_variables": {
        "color-brand-primary": "#0b5b8a",
        "color-brand-content": "#0b5b8a",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7cc4f0",
        "color-brand-content": "#7cc4f0",
    },
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
