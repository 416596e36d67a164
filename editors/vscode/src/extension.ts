/** Starts ce-lint's language server from the selected interpreter, and keeps it running. */

import { type ExtensionContext, commands, window, workspace } from "vscode";

import { onInterpreterChange, pythonExtension } from "./python";
import { SECTION, Supervisor } from "./supervisor";

/** The settings that say which server runs; of the others the server is told. */
const LAUNCH_SETTINGS = ["enable", "path", "interpreter"];

let supervisor: Supervisor | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const log = window.createOutputChannel("ce-lint", { log: true });
  const python = await pythonExtension();
  const running = new Supervisor(python, log);
  supervisor = running;
  const changed = onInterpreterChange(python, () => void running.refresh());
  context.subscriptions.push(
    log,
    ...(changed === undefined ? [] : [changed]),
    commands.registerCommand("ce-lint.restart", () => running.restart()),
    commands.registerCommand("ce-lint.showLog", () => {
      log.show();
    }),
    workspace.onDidChangeConfiguration((event) => {
      if (LAUNCH_SETTINGS.some((name) => event.affectsConfiguration(`${SECTION}.${name}`))) {
        void running.refresh();
      }
    }),
  );
  await running.refresh();
}

export async function deactivate(): Promise<void> {
  await supervisor?.stop();
  supervisor = undefined;
}
