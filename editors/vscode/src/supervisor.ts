/** One server process, started, stopped and replaced, never two at a time. */

import { type LogOutputChannel, type Uri, commands, env, window, workspace } from "vscode";
import type { PythonExtension } from "@vscode/python-extension";
import type { LanguageClient } from "vscode-languageclient/node";

import { createClient } from "./client";
import { type Program, chooseProgram, environment, fillIn, isInterpreter, serverArguments } from "./launch";
import { type Message, explain } from "./messages";
import { probe } from "./probe";
import { selectedInterpreter } from "./python";

export const SECTION = "ce-lint";
const COPY = "Copy command";
const SELECT = "Select interpreter";

export class Supervisor {
  private client: LanguageClient | undefined;
  private started: string | undefined;
  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly python: PythonExtension | undefined,
    private readonly log: LogOutputChannel,
  ) {}

  /** Starts the server, in place of one that runs. */
  restart(): Promise<void> {
    return this.enqueue(() => this.replace(true));
  }

  /** Starts the server anew where the settings or the selected interpreter name another one than what runs. */
  refresh(): Promise<void> {
    return this.enqueue(() => this.replace(false));
  }

  stop(): Promise<void> {
    return this.enqueue(() => this.end());
  }

  private enqueue(act: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(act).catch((error: unknown) => {
      this.complain({
        text: `ce-lint could not be started: ${error instanceof Error ? error.message : String(error)}`,
      });
    });
    return this.queue;
  }

  private async replace(always: boolean): Promise<void> {
    const folder = workspace.workspaceFolders?.[0]?.uri;
    const enabled = workspace.getConfiguration(SECTION, folder).get<boolean>("enable", true);
    const program = enabled ? await this.choose(folder) : undefined;
    const wanted = JSON.stringify(program);
    if (wanted === this.started && !always) {
      return;
    }
    await this.end();
    this.started = wanted;
    if (program !== undefined) {
      await this.start(program, folder?.fsPath);
    }
  }

  private async choose(folder: Uri | undefined): Promise<Program> {
    const settings = workspace.getConfiguration(SECTION, folder);
    const words = (name: string): string[] =>
      settings.get<string[]>(name, []).map((word) => fillIn(word, folder?.fsPath, process.env));
    const selected = await selectedInterpreter(this.python, folder);
    return chooseProgram({ path: words("path"), interpreter: words("interpreter"), selected }, process.platform);
  }

  private async start(program: Program, cwd: string | undefined): Promise<void> {
    const variables = environment(process.env);
    if (isInterpreter(program)) {
      const found = await probe(program, cwd, variables);
      const message = explain(found, program);
      if (message !== undefined) {
        this.complain(message);
        return;
      }
    }
    const args = serverArguments(program);
    this.log.info(`Starting ${[program.command, ...args].join(" ")} (${program.source})`);
    const options = { env: variables, ...(cwd === undefined ? {} : { cwd }) };
    this.client = createClient({ command: program.command, args, options }, this.log);
    await this.client.start();
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.started = undefined;
    if (client !== undefined) {
      await client.dispose();
    }
  }

  /** Shows a message without waiting for an answer to it. */
  private complain(message: Message): void {
    this.log.warn(message.text);
    void this.offer(message);
  }

  private async offer({ text, command }: Message): Promise<void> {
    const buttons = [...(command === undefined ? [] : [COPY]), ...(this.python === undefined ? [] : [SELECT])];
    const chosen = await window.showWarningMessage(text, ...buttons);
    if (chosen === COPY && command !== undefined) {
      await env.clipboard.writeText(command);
    } else if (chosen === SELECT) {
      await commands.executeCommand("python.setInterpreter");
    }
  }
}
