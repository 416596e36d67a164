"""Emacs with eglot, without a screen: flymake shows what is found, and a code action changes both files."""

from __future__ import annotations

import pytest

from tests.editors.conftest import Program, Project, Recipe

pytestmark = pytest.mark.slow

DRIVER = """\
(require 'cl-lib)
(setq eglot-sync-connect 60)

(defun wait (holds)
  (let ((tries 0))
    (while (and (not (funcall holds)) (< tries 600))
      ;; What Emacs does between two commands of a user, and when it has been idle.
      (run-hooks 'post-command-hook)
      (when flymake-mode (flymake-start))
      (accept-process-output nil 0.1)
      (setq tries (1+ tries)))
    (unless (funcall holds) (error "Not within a minute: %S" (flymake-diagnostics)))))

(dolist (name '("model.py" "train.py"))
  (find-file name)
  (wait #'flymake-diagnostics)
  (dolist (one (flymake-diagnostics))
    (princ (format "%s: %s: %s\\n" name
                   (buffer-substring (flymake-diagnostic-beg one) (flymake-diagnostic-end one))
                   (flymake-diagnostic-text one)))))

(with-current-buffer "train.py"
  (goto-char (flymake-diagnostic-beg (car (flymake-diagnostics))))
  (cl-letf (((symbol-function 'completing-read)
             (lambda (_ offered &rest _)
               (cl-find-if (lambda (one) (string-prefix-p "Return logits" one))
                           (all-completions "" offered))))
            ((symbol-function 'y-or-n-p) #'always))
    ;; The command was typed: it asks in the minibuffer, not with a menu.
    (setq last-nonmenu-event ?\\r)
    (eglot-code-actions (point) (point) "quickfix" t))
  (save-some-buffers t)
  (wait (lambda () (null (flymake-diagnostics)))))
"""
TRAIN = """\
from torch import nn

from model import Net

net, criterion = Net(), nn.CrossEntropyLoss()


def step(x, y):
    return criterion(net(x), y)


def predict(x):
    return net(x)[:, 0] > 0.5
"""


def test_both_ends_are_shown_and_the_fix_changes_both_files(project: Project, program: Program, recipe: Recipe) -> None:
    emacs = program("emacs", "Debian: emacs-nox")
    if "found" not in project.run(emacs, "--batch", "--eval", '(when (locate-library "eglot") (princ "found"))'):
        pytest.skip("this Emacs is older than 29 and has no eglot (Debian: elpa-eglot)")
    project.write("train.py", TRAIN)
    init = project.write("init.el", recipe("Emacs", "elisp"))
    driver = project.write("drive.el", DRIVER)

    printed = project.run(emacs, "--batch", "-l", init, "-l", driver)

    message = "softmax output of Net (model.py:11) is the input of CrossEntropyLoss"
    assert f"train.py: net(x): ce-lint [CEL001]: {message}" in printed
    assert "model.py: F.softmax(self.fc(x), dim=1): ce-lint [CEL001]: softmax output of Net is" in printed
    assert project.model.read_text(encoding="utf-8").endswith("    def forward(self, x):\n        return self.fc(x)\n")
    assert project.train.read_text(encoding="utf-8").endswith("    return net(x).softmax(dim=1)[:, 0] > 0.5\n")
    assert project.run("ce-lint", "check", ".").endswith("1 right, 0 reported, 0 unresolved\n")
