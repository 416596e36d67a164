/** Which command starts the server. Knows nothing of VS Code. */

/** Who named the program. */
export type Source = "ce-lint.path" | "ce-lint.interpreter" | "the Python extension" | "PATH";

/** A command, without the arguments that make it the server or a question. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly source: Source;
}

/** What the settings and the Python extension say. */
export interface Choices {
  /** `ce-lint.path`: the command `ce-lint` itself. */
  readonly path: readonly string[];
  /** `ce-lint.interpreter`: a Python with arguments. */
  readonly interpreter: readonly string[];
  /** The interpreter that the Python extension has selected. */
  readonly selected: string | undefined;
}

export const MODULE = ["-m", "ce_lint"] as const;

/** The first that was named: the setting `path`, the setting `interpreter`, the selected interpreter, the one on PATH. */
export function chooseProgram(choices: Choices, platform: NodeJS.Platform): Program {
  const named: readonly [Source, readonly string[]][] = [
    ["ce-lint.path", choices.path],
    ["ce-lint.interpreter", choices.interpreter],
    ["the Python extension", choices.selected === undefined ? [] : [choices.selected]],
  ];
  for (const [source, words] of named) {
    const [command, ...args] = words;
    if (command !== undefined && command !== "") {
      return { command, args, source };
    }
  }
  return { command: platform === "win32" ? "python" : "python3", args: [], source: "PATH" };
}

export function isInterpreter(program: Program): boolean {
  return program.source !== "ce-lint.path";
}

/** The arguments that make a program the server. */
export function serverArguments(program: Program): string[] {
  return [...program.args, ...(isInterpreter(program) ? MODULE : []), "lsp"];
}

/** The environment of what is started: a file of the user's project must not stand in for a module of that name. */
export function environment(inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...inherited, PYTHONSAFEPATH: "1", PYTHONUTF8: "1" };
}

/** Replaces the variables that VS Code knows. */
export function fillIn(text: string, workspaceFolder: string | undefined, variables: NodeJS.ProcessEnv): string {
  return text
    .replaceAll(/\$\{workspaceFolder(:[^}]*)?\}/g, () => workspaceFolder ?? "")
    .replaceAll("${userHome}", () => variables["HOME"] ?? variables["USERPROFILE"] ?? "")
    .replaceAll(/\$\{env:([^}]*)\}/g, (_, name: string) => variables[name] ?? "");
}
