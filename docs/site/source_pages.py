"""The source of every statement's file on the site, and links of the Markdown pages to it."""

from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.pycode import ModuleAnalyzer

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("theory", "numerics", "proofs_checks", "attnflow")
FORGE = "https://github.com/attnflow/attnflow/blob/main/"


def module_name(path):
    """Name the module of a file below the root, or None."""
    relative = path.relative_to(ROOT)
    if relative.parts[0] not in ROOMS or relative.suffix != ".py":
        return None
    return ".".join(relative.with_suffix("").parts).removesuffix(".__init__")


def note_source(env, name):
    """Have the site show the source of a module, beside those that the reference links to."""
    if not hasattr(env, "attnflow_sources"):
        env.attnflow_sources = set()
    env.attnflow_sources.add(name)


def _collect(app):
    """Hand viewcode the modules at its end: while pages are read it forgets those without uses."""
    modules = getattr(app.env, "_viewcode_modules", None)
    if modules is None:
        modules = app.env._viewcode_modules = {}
    for name in sorted(getattr(app.env, "attnflow_sources", ())):
        if not modules.get(name):
            analyzer = ModuleAnalyzer.for_module(name)
            analyzer.find_tags()
            modules[name] = (analyzer.code, analyzer.tags, {}, name)
    return []


def page_of(name):
    """Where the source of a module stands on the site."""
    return "_modules/" + name.replace(".", "/") + ".html"


def _role(name, rawtext, text, lineno, inliner, options=None, content=None):
    """:source:`proofs_checks.paper.section_6.lemma_6_4_cone`: a link to the source."""
    env = inliner.document.settings.env
    note_source(env, text)
    up = "../" * env.docname.count("/")
    label = text.rsplit(".", 1)[-1]
    return [nodes.reference(rawtext, label, refuri=up + page_of(text), internal=True)], []


def _links(app, doctree):
    """Point links of Markdown pages to files of the project at their source, or at the forge."""
    env = app.env
    up = "../" * env.docname.count("/")
    here = Path(env.doc2path(env.docname)).parent
    for node in list(doctree.findall(addnodes.download_reference)):
        path = (here / node["reftarget"]).resolve()
        if not path.exists():
            path = (ROOT / "docs" / node["reftarget"].lstrip("/")).resolve()
        if not path.is_relative_to(ROOT):
            continue
        name = module_name(path)
        if name is not None:
            note_source(env, name)
            target = up + page_of(name)
        else:
            target = FORGE + path.relative_to(ROOT).as_posix()
        words = nodes.Text(node.astext())
        node.replace_self(nodes.reference("", "", words, refuri=target, internal=name is not None))


def setup(app):
    app.add_role("source", _role)
    app.connect("doctree-read", _links, priority=400)
    app.connect("html-collect-pages", _collect, priority=100)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
