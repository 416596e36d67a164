import assert from "node:assert/strict";
import { test } from "node:test";

import { type Choices, chooseProgram, environment, fillIn, serverArguments } from "../src/launch";

const NOTHING: Choices = { path: [], interpreter: [], selected: undefined };
const ALL: Choices = { path: ["/opt/ce-lint"], interpreter: ["py", "-3.12"], selected: "/venv/bin/python" };

test("the first that was named is started", () => {
  const choices: [Choices, string, string[]][] = [
    [ALL, "/opt/ce-lint", ["lsp"]],
    [{ ...ALL, path: [] }, "py", ["-3.12", "-m", "ce_lint", "lsp"]],
    [{ ...ALL, path: [], interpreter: [] }, "/venv/bin/python", ["-m", "ce_lint", "lsp"]],
    [NOTHING, "python3", ["-m", "ce_lint", "lsp"]],
  ];

  for (const [choice, command, args] of choices) {
    const program = chooseProgram(choice, "linux");

    assert.deepEqual([program.command, serverArguments(program)], [command, args]);
  }
});

test("a setting that is an empty word names nothing", () => {
  assert.equal(chooseProgram({ ...ALL, path: [""], interpreter: [""] }, "linux").source, "the Python extension");
});

test("on Windows the interpreter on PATH has another name", () => {
  assert.equal(chooseProgram(NOTHING, "win32").command, "python");
});

test("the variables of VS Code are filled in", () => {
  const variables = { HOME: "/people/anna", TOOLS: "/opt/$&" };

  assert.equal(fillIn("${workspaceFolder}/.venv/bin/python", "/project", variables), "/project/.venv/bin/python");
  assert.equal(fillIn("${workspaceFolder:a}/python", "/project", variables), "/project/python");
  assert.equal(fillIn("${userHome}/python", undefined, variables), "/people/anna/python");
  assert.equal(fillIn("${env:TOOLS}/${env:NONE}python", undefined, variables), "/opt/$&/python");
});

test("what is started does not import from the folder that it is started in", () => {
  assert.deepEqual(environment({ PATH: "/bin" }), { PATH: "/bin", PYTHONSAFEPATH: "1", PYTHONUTF8: "1" });
});
