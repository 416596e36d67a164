/** Asks an interpreter whether it can be the server. Knows nothing of VS Code. */

import { execFile } from "node:child_process";

import type { Program } from "./launch";

/** What an interpreter has. */
export type Found =
  | { readonly kind: "ready"; readonly version: string }
  | { readonly kind: "no ce-lint" }
  | { readonly kind: "no server"; readonly version: string }
  | { readonly kind: "no extra"; readonly version: string }
  | { readonly kind: "no answer"; readonly reason: string };

const QUESTION = `
import importlib.util, json
found = {name: importlib.util.find_spec(name) is not None for name in ("ce_lint", "pygls")}
if found["ce_lint"]:
    import ce_lint
    found["version"] = ce_lint.__version__
    found["server"] = importlib.util.find_spec("ce_lint.lsp") is not None
print("ce-lint:" + json.dumps(found))
`;
const SECONDS = 30;

interface Answer {
  ce_lint: boolean;
  pygls: boolean;
  version?: string;
  server?: boolean;
}

export function probe(program: Program, cwd: string | undefined, env: NodeJS.ProcessEnv): Promise<Found> {
  const options = { cwd, env, timeout: SECONDS * 1000, windowsHide: true };
  return new Promise((resolve) => {
    execFile(program.command, [...program.args, "-c", QUESTION], options, (error, out, err) => {
      resolve(understand(out, error === null ? "" : lastLine(err) || error.message));
    });
  });
}

/** What a printed answer says; `failure` is why there may be none. */
export function understand(printed: string, failure: string): Found {
  const line = /^ce-lint:(.*)$/m.exec(printed)?.[1];
  if (line === undefined) {
    return { kind: "no answer", reason: failure || "it printed nothing" };
  }
  const answer = JSON.parse(line) as Answer;
  if (!answer.ce_lint) {
    return { kind: "no ce-lint" };
  }
  const version = answer.version ?? "";
  if (!answer.server) {
    return { kind: "no server", version };
  }
  return { kind: answer.pygls ? "ready" : "no extra", version };
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
