import assert from "node:assert/strict";
import { test } from "node:test";

import type { Program } from "../src/launch";
import { explain, installCommand } from "../src/messages";
import { understand } from "../src/probe";

const SELECTED: Program = { command: "/venv/bin/python", args: [], source: "the Python extension" };

test("an answer is understood, whatever stands around it", () => {
  const answer = (fields: string): string => `a warning\nce-lint:${fields}\n`;

  assert.deepEqual(understand(answer('{"ce_lint": false, "pygls": true}'), ""), { kind: "no ce-lint" });
  assert.deepEqual(understand(answer('{"ce_lint": true, "pygls": false, "version": "1.2", "server": true}'), ""), {
    kind: "no extra",
    version: "1.2",
  });
  assert.deepEqual(understand(answer('{"ce_lint": true, "pygls": true, "version": "0.1", "server": false}'), ""), {
    kind: "no server",
    version: "0.1",
  });
  assert.deepEqual(understand(answer('{"ce_lint": true, "pygls": true, "version": "1.2", "server": true}'), ""), {
    kind: "ready",
    version: "1.2",
  });
});

test("a program that does not answer is told with its reason", () => {
  assert.deepEqual(understand("", "spawn ENOENT"), { kind: "no answer", reason: "spawn ENOENT" });
  assert.deepEqual(understand("Python 2.7", ""), { kind: "no answer", reason: "it printed nothing" });
  assert.match(explain({ kind: "no answer", reason: "spawn ENOENT" }, SELECTED)?.text ?? "", /spawn ENOENT/);
});

test("a message says which interpreter it is about and how to install", () => {
  const message = explain({ kind: "no ce-lint" }, SELECTED);

  assert.equal(
    message?.text,
    "ce-lint is not installed in /venv/bin/python (the selected interpreter). " +
      'Install it with: pip install "ce-lint[lsp]"',
  );
  assert.equal(message.command, '/venv/bin/python -m pip install "ce-lint[lsp]"');
});

test("an old ce-lint is to be upgraded", () => {
  const message = explain({ kind: "no server", version: "0.1" }, { ...SELECTED, source: "ce-lint.interpreter" });

  assert.match(message?.text ?? "", /^ce-lint 0\.1 in .* \(the setting ce-lint\.interpreter\) is too old/);
  assert.equal(message?.command, '/venv/bin/python -m pip install --upgrade "ce-lint[lsp]"');
});

test("an interpreter that has everything is not spoken of", () => {
  assert.equal(explain({ kind: "ready", version: "1.2" }, SELECTED), undefined);
});

test("a path with a space is quoted in a command", () => {
  const program: Program = { command: "C:\\My Tools\\python.exe", args: ["-X", "utf8"], source: "PATH" };

  assert.equal(installCommand(program), '"C:\\My Tools\\python.exe" -X utf8 -m pip install "ce-lint[lsp]"');
});
