/** The built extension, in a window over a project of two files. */

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import Module from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type * as Extension from "../src/extension";
import { EventEmitter } from "./vscode/events";
import { moduleFor } from "./vscode/module";
import { Uri } from "./vscode/values";
import { Window } from "./vscode/window";

export const MODEL = `import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)
`;
export const TRAIN = `from torch import nn
from model import Net

net, criterion = Net(), nn.CrossEntropyLoss()
for x, y in loader:
    loss = criterion(net(x), y)
`;
/** The interpreter that has ce-lint. */
export const PYTHON = process.env["CE_LINT_PYTHON"] ?? "python3";
const SECONDS = 60;

/** A stand-in for the Python extension: it has an interpreter selected. */
export class Python {
  readonly changed = new EventEmitter<undefined>();

  constructor(private selected: string) {}

  select(interpreter: string): void {
    this.selected = interpreter;
    this.changed.fire(undefined);
  }

  get asExtension(): unknown {
    const environments = {
      getActiveEnvironmentPath: () => ({ id: this.selected, path: this.selected }),
      resolveEnvironment: (asked: { path: string }) => Promise.resolve({ executable: { uri: Uri.file(asked.path) } }),
      onDidChangeActiveEnvironmentPath: this.changed.event,
    };
    return { isActive: true, exports: { environments } };
  }
}

export class Session {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "ce-lint-")));
  readonly window = new Window(this.folder);
  readonly subscriptions: { dispose(): void }[] = [];
  private readonly extension: typeof Extension;

  constructor(python?: Python) {
    this.write("pyproject.toml", "[project]\nname = 'project'\n");
    this.write("model.py", MODEL);
    this.write("train.py", TRAIN);
    const extensions = new Map(python === undefined ? [] : [["ms-python.python", python.asExtension]]);
    this.extension = load(moduleFor(this.window, extensions));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  activate(): Promise<void> {
    return this.extension.activate({ subscriptions: this.subscriptions } as never);
  }

  async end(): Promise<void> {
    await this.extension.deactivate();
    for (const subscription of this.subscriptions) {
      subscription.dispose();
    }
    rmSync(this.folder, { recursive: true });
  }

  /** Waits until something holds. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const end = Date.now() + SECONDS * 1000;
    while (!holds()) {
      if (Date.now() > end) {
        const told = [...this.window.messages.map(({ text }) => text), ...this.window.log].join("\n");
        throw new Error(`not within ${String(SECONDS)} seconds: ${what}\n${told}`);
      }
      await sleep(20);
    }
  }
}

interface Loader {
  _load: (request: string, ...rest: unknown[]) => unknown;
}

/** Loads the file that is packaged, with an API of VS Code of its own. */
function load(api: unknown): typeof Extension {
  const file = join(__dirname, "..", "dist", "extension.js");
  const loader = Module as unknown as Loader;
  const original = loader._load;
  loader._load = (request, ...rest) => (request === "vscode" ? api : original.call(loader, request, ...rest));
  try {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
    delete require.cache[file];
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return require(file) as typeof Extension;
  } finally {
    loader._load = original;
  }
}
