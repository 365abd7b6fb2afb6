"""Mathematics as MathML in the page itself: no script, no fonts from elsewhere, read aloud."""

import re

from docutils import nodes
from latex2mathml.converter import convert
from latex2mathml.exceptions import DenominatorNotFoundError, NumeratorNotFoundError


def mathml(latex, display):
    """Convert LaTeX; what the converter doesn't know is an error that names the formula."""
    try:
        return convert(latex, display="block" if display else "inline")
    except (DenominatorNotFoundError, NumeratorNotFoundError, IndexError, KeyError) as error:
        raise ValueError(f"Expected mathematics that has a MathML but got {latex!r}.") from error


def _inline(self, node):
    self.body.append(mathml(node.astext(), display=False))
    raise nodes.SkipNode


def _block(self, node):
    # A wide formula scrolls by itself, and the keyboard reaches it.
    self.body.append('<div class="math" role="region" aria-label="formula" tabindex="0">')
    self.body.append(mathml(node.astext(), display=True))
    self.body.append("</div>")
    raise nodes.SkipNode


def in_html(text):
    """Replace $…$ and $$…$$ in the HTML of a result, as notebooks show it."""
    text = re.sub(r"\$\$(.+?)\$\$", lambda m: mathml(m[1], display=True), text, flags=re.DOTALL)
    return re.sub(r"\$(.+?)\$", lambda m: mathml(m[1], display=False), text)


def setup(app):
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True, "parallel_write_safe": True}
