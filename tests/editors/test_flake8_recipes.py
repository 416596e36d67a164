"""Editors that run flake8 on what is in their buffers, with the recipes of the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.editors.conftest import Program, Project, Recipe

pytestmark = pytest.mark.slow

PACKAGES = ("/usr/share/vim/vimfiles", "/usr/share/nvim/site")
UNSAVED = "net, criterion = Net(), nn.CrossEntropyLoss()"
"""A line of train.py, before which another one is typed."""
MESSAGE = "softmax output of Net (model.py:11) is the input of CrossEntropyLoss"
VIM_LOOKS = f"""\
call append(search('\\V{UNSAVED}') - 1, '# typed, and not saved')
call ale#Queue(0)
let s:found = []
for s:i in range(600)
  let s:found = filter(copy(ale#engine#GetLoclist(bufnr(''))), 'v:val.code ==# "CEL001" && v:val.lnum == 10')
  if !empty(s:found) | break | endif
  sleep 100m
endfor
call writefile([json_encode(s:found)], $FOUND)
qall!
"""
EMACS_LOOKS = f"""\
(find-file "train.py")
(search-forward "{UNSAVED}")
(beginning-of-line)
(insert "# typed, and not saved\\n")
(flycheck-buffer)
(let ((tries 0) found)
  (while (and (not found) (< tries 600))
    (accept-process-output nil 0.1)
    (setq tries (1+ tries)
          found (seq-find (lambda (one) (equal (flycheck-error-id one) "CEL001")) flycheck-current-errors)))
  (when found
    (princ (format "found %d:%d: %s\\n" (flycheck-error-line found) (flycheck-error-column found)
                   (flycheck-error-message found)))))
"""


@pytest.mark.parametrize("command", [("vim", "-es"), ("nvim", "--headless")], ids=["vim", "nvim"])
def test_ale(command: tuple[str, str], project: Project, program: Program, recipe: Recipe) -> None:
    name, quiet = command
    vim = program(name, "Debian: vim or neovim")
    if not any(
        list(Path(folder).glob("pack/*/*/ale")) for folder in ("/usr/share/vim/vimfiles", "/usr/share/nvim/site")
    ):
        pytest.skip("ALE is not installed here (Debian: vim-ale)")
    vimrc = project.write("vimrc", "packadd ale\nfiletype plugin on\n" + recipe("ALE", "vim"))
    look = project.write("look.vim", VIM_LOOKS)
    found = project.folder / "found.json"

    project.run(vim, "-N", "-n", "-i", "NONE", "-u", vimrc, quiet, "train.py", "-S", look, FOUND=found)

    (finding,) = json.loads(found.read_text(encoding="utf-8"))
    assert (finding["lnum"], finding["col"], finding["linter_name"]) == (10, 22, "flake8")
    assert finding["text"].startswith(MESSAGE)


def test_flycheck(project: Project, program: Program, recipe: Recipe) -> None:
    emacs = program("emacs", "Debian: emacs-nox")
    if "found" not in project.run(emacs, "--batch", "--eval", '(when (locate-library "flycheck") (princ "found"))'):
        pytest.skip("flycheck is not installed here (Debian: elpa-flycheck)")
    init = project.write("init.el", recipe("flycheck", "elisp"))
    look = project.write("look.el", EMACS_LOOKS)

    printed = project.run(emacs, "--batch", "-l", init, "-l", look)

    assert f"found 10:22: {MESSAGE}" in printed
