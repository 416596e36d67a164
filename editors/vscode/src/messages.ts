/** What the user is told, and the command that helps. Knows nothing of VS Code. */

import type { Program } from "./launch";
import type { Found } from "./probe";

export interface Message {
  readonly text: string;
  /** A command for a terminal, offered for copying. */
  readonly command?: string;
}

const REQUIREMENT = '"ce-lint[lsp]"';

/** Why the server is not started; nothing where it can be. */
export function explain(found: Found, program: Program): Message | undefined {
  const where = `${[program.command, ...program.args].join(" ")} (${origin(program)})`;
  const command = installCommand(program);
  switch (found.kind) {
    case "ready":
      return undefined;
    case "no ce-lint":
      return { text: `ce-lint is not installed in ${where}. Install it with: pip install ${REQUIREMENT}`, command };
    case "no extra":
      return {
        text: `ce-lint in ${where} has no language server. Install what it needs with: pip install ${REQUIREMENT}`,
        command,
      };
    case "no server":
      return {
        text: `ce-lint ${found.version} in ${where} is too old for an editor: pip install --upgrade ${REQUIREMENT}`,
        command: command.replace(" install ", " install --upgrade "),
      };
    case "no answer":
      return { text: `ce-lint could not ask ${where}: ${found.reason}` };
  }
}

function origin(program: Program): string {
  switch (program.source) {
    case "PATH":
      return "found on PATH";
    case "the Python extension":
      return "the selected interpreter";
    default:
      return `the setting ${program.source}`;
  }
}

/** The command that installs into this very interpreter. */
export function installCommand(program: Program): string {
  const words = [program.command, ...program.args].map((word) => (/\s/.test(word) ? `"${word}"` : word));
  return `${words.join(" ")} -m pip install ${REQUIREMENT}`;
}
