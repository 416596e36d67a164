/** The packaged extension, the real language client in it, and a real server. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { afterEach, test } from "node:test";

import { MODEL, PYTHON, Python, Session } from "./session";
import type { TextDocument } from "./vscode/documents";
import { CodeActionKind, type Diagnostic, Position, Range } from "./vscode/values";

const RIGHT = "return self.fc(x)";
const WRONG = "return F.softmax(self.fc(x), dim=1)";

let session: Session;
afterEach(() => session.end());

async function activated(): Promise<Session> {
  session = new Session(new Python(PYTHON));
  session.window.configure("ce-lint.enable", true);
  await session.activate();
  assert.deepEqual(session.window.messages, []);
  return session;
}

function codes(document: TextDocument): unknown[] {
  return session.window.diagnostics(document).map(codeOf);
}

function codeOf(diagnostic: Diagnostic): unknown {
  return typeof diagnostic.code === "object" ? diagnostic.code.value : diagnostic.code;
}

function underlined(document: TextDocument): string[] {
  const text = document.getText();
  return session.window
    .diagnostics(document)
    .map(({ range }) => text.slice(document.offsetAt(range.start), document.offsetAt(range.end)));
}

function starts(): number {
  return session.window.log.filter((line) => line.startsWith("Starting ")).length;
}

async function findings(document: TextDocument, expected: string[]): Promise<void> {
  await session.until(
    `${document.fileName} has ${String(expected)}`,
    () => String(codes(document)) === String(expected),
  );
}

test("both ends of a flow are underlined, and name each other", async () => {
  const { window } = await activated();

  const train = window.open(session.path("train.py"));
  const model = window.open(session.path("model.py"));

  await findings(train, ["CEL001"]);
  await findings(model, ["CEL001"]);
  assert.deepEqual(underlined(train), ["net(x)"]);
  assert.deepEqual(underlined(model), ["F.softmax(self.fc(x), dim=1)"]);
  const related = window.diagnostics(train)[0]?.relatedInformation ?? [];
  assert.ok(related.some(({ location }) => location.uri.fsPath === session.path("model.py")));
});

test("what is typed in one file counts in the other, before it is saved", async () => {
  const { window } = await activated();
  const train = window.open(session.path("train.py"));
  const model = window.open(session.path("model.py"));
  await findings(train, ["CEL001"]);

  window.replace(model, WRONG, RIGHT);

  await findings(train, []);
  await findings(model, []);
  window.replace(model, RIGHT, WRONG);
  await findings(train, ["CEL001"]);
});

test("a file that is not open is underlined, too", async () => {
  const { window } = await activated();

  window.open(session.path("train.py"));

  await session.until("model.py has a finding", () => window.diagnosticsOf(session.path("model.py")).length === 1);
});

test("a change on the disk counts", async () => {
  const { window } = await activated();
  const train = window.open(session.path("train.py"));
  await findings(train, ["CEL001"]);

  session.write("model.py", MODEL.replace(WRONG, RIGHT));
  window.tellOfChange(session.path("model.py"));

  await findings(train, []);
});

test("the quick fix at the loss changes the model", async () => {
  const { window } = await activated();
  const train = window.open(session.path("train.py"));
  await findings(train, ["CEL001"]);
  const range = window.diagnostics(train)[0]?.range;
  assert.ok(range);

  const actions = await window.codeActions(train, range);
  const fix = actions.find(({ kind, isPreferred }) => kind?.value === "quickfix" && isPreferred);
  assert.ok(fix?.edit, actions.map(({ title }) => title).join(", "));
  window.apply(fix.edit);

  await findings(train, []);
  const model = window.documents.find(({ fileName }) => fileName === session.path("model.py"));
  assert.equal(model?.getText().includes(RIGHT), true, model?.getText());
});

test("source.fixAll.ce-lint is what an editor asks for when it saves", async () => {
  const { window } = await activated();
  const model = window.open(session.path("model.py"));
  await findings(model, ["CEL001"]);

  const everything = new Range(new Position(0, 0), model.positionAt(model.getText().length));
  const actions = await window.codeActions(model, everything, CodeActionKind.SourceFixAll.append("ce-lint"));

  assert.deepEqual(
    actions.map(({ kind }) => kind?.value),
    ["source.fixAll.ce-lint"],
  );
  for (const { edit } of actions) {
    assert.ok(edit);
    window.apply(edit);
  }
  await findings(model, []);
  assert.equal(model.getText().includes(RIGHT), true);
});

test("hover on a loss call says what reaches it", async () => {
  const { window } = await activated();
  const train = window.open(session.path("train.py"));
  await findings(train, ["CEL001"]);

  const hovers = await window.hover(train, train.positionAt(train.getText().indexOf("criterion(net")));

  assert.match(JSON.stringify(hovers), /softmax/);
  assert.match(JSON.stringify(hovers), /1\.461/);
});

test("a notebook is underlined in its cells, once", async () => {
  const { window } = await activated();

  const notebook = window.openNotebook(session.path("net.ipynb"), [
    MODEL.replace("class", "# \u{1F525}\nclass"),
    "net, criterion = Net(), nn.CrossEntropyLoss()",
    'x = "\u{1F525}"; loss = criterion(net(x), y)',
  ]);

  const [model, , train] = notebook.cells.map((cell) => cell.document);
  assert.ok(model && train);
  await findings(train, ["CEL001"]);
  await findings(model, ["CEL001"]);
  assert.deepEqual(underlined(train), ["net(x)"]);
  assert.deepEqual(underlined(model), ["F.softmax(self.fc(x), dim=1)"]);
});

test("a setting counts as soon as it is changed", async () => {
  const { window } = await activated();
  const train = window.open(session.path("train.py"));
  await findings(train, ["CEL001"]);

  window.configure("ce-lint.ignore", ["CEL001"]);
  await findings(train, []);
  window.configure("ce-lint.ignore", []);
  await findings(train, ["CEL001"]);
});

test("a setting that holds at the start counts", async () => {
  session = new Session(new Python(PYTHON));
  session.window.configure("ce-lint.reportAt", "source");
  await session.activate();

  const train = session.window.open(session.path("train.py"));
  const model = session.window.open(session.path("model.py"));

  await findings(model, ["CEL001"]);
  assert.deepEqual(codes(train), []);
});

test("the server is started anew when another interpreter is selected, and by command", async () => {
  const python = new Python("none");
  session = new Session(python);
  const { window } = session;
  await session.activate();
  assert.equal(window.messages.length, 1);
  const train = window.open(session.path("train.py"));

  python.select(PYTHON);
  await findings(train, ["CEL001"]);

  await window.run("ce-lint.restart");
  await findings(train, ["CEL001"]);
  assert.equal(starts(), 2);
  python.select(PYTHON);
  await window.run("ce-lint.restart");
  assert.equal(starts(), 3);
});

test("the server ends when it is switched off, with what it has shown", async () => {
  const { window } = await activated();
  const train = window.open(session.path("train.py"));
  await findings(train, ["CEL001"]);

  window.configure("ce-lint.enable", false);
  await findings(train, []);
  window.configure("ce-lint.enable", true);
  await findings(train, ["CEL001"]);
});

test("the command that a setting names is the server", async () => {
  session = new Session();
  session.window.configure("ce-lint.path", [PYTHON, "-m", "ce_lint"]);
  await session.activate();

  await findings(session.window.open(session.path("train.py")), ["CEL001"]);
});

test("a file of the project does not stand in for a module of the server", async (context) => {
  session = new Session(new Python(PYTHON));
  const [, minor] = execFileSync(PYTHON, ["--version"], { encoding: "utf8" }).split(".");
  if (Number(minor) < 11) {
    context.skip("Python 3.10 has no PYTHONSAFEPATH");
    return;
  }
  session.write("json.py", "raise SystemExit('the json of the project')");
  session.write("asyncio.py", "raise SystemExit('the asyncio of the project')");
  await session.activate();

  await findings(session.window.open(session.path("train.py")), ["CEL001"]);
});
