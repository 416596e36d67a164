/** The language client: what it looks at, and how it starts the server. */

import type { LogOutputChannel } from "vscode";
import { type Executable, LanguageClient, type LanguageClientOptions } from "vscode-languageclient/node";

const PYTHON = "python";

export function createClient(server: Executable, log: LogOutputChannel): LanguageClient {
  const options: LanguageClientOptions = {
    documentSelector: [
      { language: PYTHON, scheme: "file" },
      { language: PYTHON, scheme: "untitled" },
      { language: PYTHON, scheme: "vscode-notebook-cell" },
    ],
    outputChannel: log,
  };
  return new LanguageClient("ce-lint", "ce-lint", server, options);
}
