"""Neovim's own client, without a screen: it shows what is found in both files, and its code action changes both."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.editors.conftest import Program, Project, Recipe

pytestmark = pytest.mark.slow

DRIVER = """\
local function wait(what, holds)
  if not vim.wait(60000, holds, 50) then
    error("not within a minute: " .. what)
  end
end

local function found(buffer)
  return vim.tbl_map(function(one)
    return { one.code, one.lnum, one.col, one.end_col, one.source, one.message }
  end, vim.diagnostic.get(buffer))
end

local function both(train, model)
  return { train = found(train), model = found(model) }
end

local said = {}

local function main()
  vim.cmd.edit("model.py")
  local model = vim.api.nvim_get_current_buf()
  vim.cmd.split("train.py")
  local train = vim.api.nvim_get_current_buf()
  wait("a finding in both files", function()
    return #vim.diagnostic.get(train) > 0 and #vim.diagnostic.get(model) > 0
  end)
  said.before = both(train, model)

  local place = vim.diagnostic.get(train)[1]
  vim.api.nvim_win_set_cursor(0, { place.lnum + 1, place.col })
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return vim.startswith(action.title, "Return logits")
    end,
  })
  wait("no finding in either file", function()
    return #vim.diagnostic.get(train) + #vim.diagnostic.get(model) == 0
  end)
  said.after = both(train, model)
  vim.cmd.wall()
end

local went, why = pcall(main)
said.error = not went and tostring(why) or nil
vim.fn.writefile({ vim.json.encode(said) }, vim.env.FOUND)
vim.cmd("qall!")
"""
NETS = """\
import torch.nn.functional as F
from torch import nn

from model import Net

net, criterion = Net(), nn.CrossEntropyLoss()


def step(x, y):
    return criterion(net(x), y)


def predict(x):
    return net(x)[:, 0] > 0.5
"""


@pytest.fixture(params=[("Neovim 0.11", (0, 11)), ("Neovim 0.8", (0, 8))], ids=["0.11", "0.8"])
def nvim(request: pytest.FixtureRequest, project: Project, program: Program, recipe: Recipe) -> tuple[str | Path, ...]:
    """The command of a Neovim with a recipe of the page, which drives itself."""
    first_line, version = request.param
    path = program("nvim", "Debian: neovim", version)
    init = project.write("init.lua", recipe("Neovim", "lua", first_line))
    driver = project.write("drive.lua", DRIVER)
    return path, "--headless", "-n", "-i", "NONE", "--clean", "-u", init, "-S", driver


def test_the_finding_is_shown_in_both_files_and_the_fix_changes_the_model(
    project: Project, nvim: tuple[str | Path, ...]
) -> None:
    found = project.folder / "found.json"

    printed = project.run(*nvim, FOUND=found)

    said = json.loads(found.read_text(encoding="utf-8"))
    assert "error" not in said, (said["error"], printed)
    ((code, line, column, end, source, message),) = said["before"]["train"]
    assert (code, line, column, end, source) == ("CEL001", 8, 21, 27, "ce-lint")
    assert message.startswith("softmax output of Net (model.py:11) is the input of CrossEntropyLoss")
    ((code, line, column, _, _, _),) = said["before"]["model"]
    assert (code, line, column) == ("CEL001", 10, 15)
    assert project.model.read_text(encoding="utf-8").endswith("    def forward(self, x):\n        return self.fc(x)\n")
    assert project.run("ce-lint", "check", ".").endswith("1 right, 0 reported, 0 unresolved\n")


def test_a_fix_of_two_files_changes_both(project: Project, nvim: tuple[str | Path, ...]) -> None:
    project.write("train.py", NETS)
    found = project.folder / "found.json"

    printed = project.run(*nvim, FOUND=found)

    said = json.loads(found.read_text(encoding="utf-8"))
    assert "error" not in said, (said["error"], printed)
    assert "softmax" not in project.model.read_text(encoding="utf-8").partition("class")[2]
    assert "softmax" in project.train.read_text(encoding="utf-8").partition("def predict")[2]
    assert project.run("ce-lint", "check", ".").endswith("1 right, 0 reported, 0 unresolved\n")
