"""Check every link of the built site that stays on it: ``python docs/site/links.py FOLDER``.

A page, a picture, a style and an anchor must be there. Addresses of other sites are counted alone:
the check needs no network.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.anchors, self.links = set(), []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if values.get("id"):
            self.anchors.add(values["id"])
        if tag == "a" and values.get("name"):
            self.anchors.add(values["name"])
        for key in ("href", "src"):
            if values.get(key):
                self.links.append(values[key])


def read(path):
    """Anchors and links of a page."""
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def broken(folder):
    """Return a sentence for each link that leads nowhere, and how many lead to other sites."""
    pages = {path.resolve(): read(path) for path in sorted(folder.rglob("*.html"))}
    found, outside = [], 0
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                outside += parts.scheme in ("http", "https")
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            where = path.relative_to(folder.resolve())
            if target.is_dir():
                target /= "index.html"
            if not target.exists():
                found.append(f"{where}: {link} isn't there")
            elif parts.fragment and target in pages:
                if unquote(parts.fragment) not in pages[target].anchors:
                    found.append(f"{where}: {link} has no such anchor")
    return found, outside, len(pages)


def main():
    found, outside, count = broken(Path(sys.argv[1]))
    print(*dict.fromkeys(found), sep="\n")
    print(f"{count} pages, {len(found)} broken links; {outside} links to other sites")
    return int(bool(found) or not count)


if __name__ == "__main__":
    sys.exit(main())
