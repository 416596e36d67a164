import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";

import { PYTHON, Python, Session } from "./session";

let environment: string;
let bare: string;
let session: Session;

before(() => {
  environment = mkdtempSync(join(tmpdir(), "ce-lint-bare-"));
  execFileSync(PYTHON, ["-m", "venv", "--without-pip", environment]);
  bare = join(environment, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
});
after(() => {
  rmSync(environment, { recursive: true });
});
afterEach(() => session.end());

test("an interpreter without ce-lint is named, and the command that installs it can be copied", async () => {
  session = new Session(new Python(bare));
  session.window.answer = "Copy command";

  await session.activate();

  const [message] = session.window.messages;
  assert.match(message?.text ?? "", /^ce-lint is not installed in .*python.* \(the selected interpreter\)/);
  assert.deepEqual(message?.buttons, ["Copy command", "Select interpreter"]);
  await session.until("the command is copied", () => session.window.clipboard !== "");
  assert.equal(session.window.clipboard, `${bare} -m pip install "ce-lint[lsp]"`);
});

test("a Python that cannot be started is told", async () => {
  session = new Session();
  session.window.configure("ce-lint.interpreter", ["${workspaceFolder}/none/python"]);

  await session.activate();

  assert.match(
    session.window.messages[0]?.text ?? "",
    /could not ask .*none.python .*the setting ce-lint.interpreter.*ENOENT/,
  );
});

test("a program that is no server is told", async () => {
  session = new Session();
  session.window.configure("ce-lint.path", [session.path("none")]);

  await session.activate();

  assert.match(session.window.messages[0]?.text ?? "", /none/);
});
