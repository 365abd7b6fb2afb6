"""The table of claims, and the references: what LaTeX makes of them, where there is one."""

import shutil
import subprocess

import pytest

from proofs_checks.command_line.entry import main

LABELS = ["lemma 6.4", "theorem 6.3", "eq 2.1"]

PAPER = r"""\documentclass{article}
\usepackage{array,booktabs}
\begin{document}
\begin{table}\input{claims}\end{table}
See \cite{geshkovski2025mathematical,wendel1962problem,attnflow}.
\bibliographystyle{plain}
\bibliography{references}
\end{document}
"""


@pytest.fixture
def table(capsys):
    assert main(["verify", "--latex", "--cases", "1", *LABELS]) == 0
    return capsys.readouterr().out


@pytest.mark.slow
def test_a_row_a_claim_with_what_was_run(table):
    lines = table.splitlines()
    assert lines[0] == r"% \usepackage{array,booktabs}"
    assert (
        lines[1]
        == "% made by: attnflow verify --latex --cases 1 'lemma 6.4' 'theorem 6.3' 'eq 2.1'"
    )
    rows = [line for line in lines if line.count(" & ") == 4 and line.endswith(r" \\")]
    assert [row.partition(" & ")[0] for row in rows[1:]] == [
        "Lemma 6.4",
        "Theorem 6.3",
        "(2.1)--(2.2)",
    ]
    assert all(" & PROVED & " in row for row in rows[1:]) and table.isascii()
    assert ", Q, K: symbolic; beta" in rows[1]  # a range is said once


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs LaTeX")
def test_it_compiles_with_its_references(table, tmp_path, capsys):
    (tmp_path / "claims.tex").write_text(table, encoding="ascii")
    assert main(["cite", "Theorem 6.3", "Theorem 6.7", "--out", str(tmp_path)]) == 0
    (tmp_path / "paper.tex").write_text(PAPER, encoding="ascii")
    latex = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper"]
    for words in (latex, ["bibtex", "paper"], latex, latex):
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
    log = (tmp_path / "paper.log").read_text(encoding="latin-1")
    assert "undefined" not in log and "Overfull" not in log
    assert "warning" not in (tmp_path / "paper.blg").read_text().lower().replace("warning$", "")
