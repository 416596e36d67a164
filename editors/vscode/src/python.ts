/** The interpreter that the Python extension has selected. */

import { PVSC_EXTENSION_ID, PythonExtension } from "@vscode/python-extension";
import { type Disposable, type Uri, extensions } from "vscode";

/** The Python extension's answers; nothing where it is not installed, or switched off. */
export async function pythonExtension(): Promise<PythonExtension | undefined> {
  return extensions.getExtension(PVSC_EXTENSION_ID) === undefined ? undefined : PythonExtension.api();
}

export async function selectedInterpreter(
  python: PythonExtension | undefined,
  folder: Uri | undefined,
): Promise<string | undefined> {
  const environments = python?.environments;
  const environment = await environments?.resolveEnvironment(environments.getActiveEnvironmentPath(folder));
  return environment?.executable.uri?.fsPath;
}

export function onInterpreterChange(python: PythonExtension | undefined, then: () => void): Disposable | undefined {
  return python?.environments.onDidChangeActiveEnvironmentPath(then);
}
