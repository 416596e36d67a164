/** The module `vscode`, for programs that run outside of an extension host: what the language client needs of it. */

import { match } from "./documents";
import * as events from "./events";
import { Disposable, EventEmitter } from "./events";
import * as values from "./values";
import type { Diagnostic, Uri, WorkspaceEdit } from "./values";
import type { Window } from "./window";

/** What is not imitated: the client defines classes on top of these, and makes none of them here. */
const UNUSED = ["CallHierarchyItem", "CodeLens", "CompletionItem", "DocumentLink", "InlayHint", "SymbolInformation"];
UNUSED.push("TypeHierarchyItem", "TabInputTextDiff", "TabInputCustom");
const EMPTY_ENUMS = ["CompletionItemKind", "CompletionItemTag", "SymbolKind", "SymbolTag", "InsertTextMode"];

// eslint-disable-next-line @typescript-eslint/no-extraneous-class
class Unused {}

type Handlers = Record<string, unknown>;

/** The API as it acts on a window. What is asked for and not there is an error, not `undefined`. */
export function moduleFor(window: Window, extensions: ReadonlyMap<string, unknown>): Handlers {
  return strict("vscode", {
    ...values,
    ...events,
    ...Object.fromEntries(UNUSED.map((name) => [name, Unused])),
    ...Object.fromEntries(EMPTY_ENUMS.map((name) => [name, {}])),
    version: "1.91.0",
    commands: strict("commands", commandsOf(window)),
    env: strict("env", envOf(window)),
    extensions: strict("extensions", { getExtension: (id: string) => extensions.get(id) }),
    languages: strict("languages", languagesOf(window)),
    window: strict("window", windowOf(window)),
    workspace: strict("workspace", workspaceOf(window)),
  });
}

function strict(name: string, members: Handlers): Handlers {
  return new Proxy(members, {
    get(target, member) {
      if (typeof member === "string" && !(member in target) && member !== "default" && member !== "__esModule") {
        throw new Error(`the stand-in for VS Code has no ${name}.${member}`);
      }
      return Reflect.get(target, member) as unknown;
    },
  });
}

function commandsOf(window: Window): Handlers {
  return {
    registerCommand(name: string, act: () => unknown): Disposable {
      window.commands.set(name, act);
      return new Disposable(() => window.commands.delete(name));
    },
    executeCommand: (name: string, ...args: unknown[]) => Promise.resolve(window.commands.get(name)?.(...args)),
  };
}

function envOf(window: Window): Handlers {
  const clipboard = {
    writeText(text: string): Promise<void> {
      window.clipboard = text;
      return Promise.resolve();
    },
  };
  return { appName: "a stand-in for VS Code", language: "en", clipboard };
}

function languagesOf(window: Window): Handlers {
  return {
    match,
    createDiagnosticCollection() {
      const held = new Map<string, readonly Diagnostic[]>();
      window.collections.add(held);
      return {
        set: (uri: Uri, diagnostics: readonly Diagnostic[] | undefined) => held.set(uri.toString(), diagnostics ?? []),
        delete: (uri: Uri) => held.delete(uri.toString()),
        clear: () => {
          held.clear();
        },
        dispose: () => window.collections.delete(held),
      };
    },
    registerCodeActionsProvider: (_: unknown, provider: never) => registered(window.providers.codeAction, provider),
    registerHoverProvider: (_: unknown, provider: never) => registered(window.providers.hover, provider),
  };
}

function windowOf(window: Window): Handlers {
  const show = (text: string, ...buttons: unknown[]): Promise<string | undefined> =>
    Promise.resolve(window.show(text, buttons));
  return {
    activeTextEditor: undefined,
    visibleTextEditors: [],
    tabGroups: {
      get all() {
        return [{ tabs: window.tabs.map((input) => ({ input })) }];
      },
      onDidChangeTabs: window.tabsChanged.event,
    },
    onDidChangeActiveTextEditor: new EventEmitter().event,
    onDidChangeVisibleTextEditors: new EventEmitter().event,
    showErrorMessage: show,
    showWarningMessage: show,
    showInformationMessage: show,
    createOutputChannel() {
      const write = (...text: unknown[]): number => window.log.push(text.join(" "));
      const levels = { trace: write, debug: write, info: write, warn: write, error: write };
      const nothing = (): undefined => undefined;
      return {
        ...levels,
        append: write,
        appendLine: write,
        show: nothing,
        dispose: nothing,
        logLevel: values.LogLevel.Info,
        onDidChangeLogLevel: new EventEmitter().event,
      };
    },
  };
}

function workspaceOf(window: Window): Handlers {
  const folder = { uri: values.Uri.file(window.folder), name: "project", index: 0 };
  const silent = new EventEmitter().event;
  return {
    workspaceFolders: [folder],
    getWorkspaceFolder: () => folder,
    get textDocuments() {
      return window.documents;
    },
    get notebookDocuments() {
      return window.notebooks;
    },
    onDidOpenTextDocument: window.opened.event,
    onDidCloseTextDocument: window.closed.event,
    onDidChangeTextDocument: window.changed.event,
    onDidSaveTextDocument: window.saved.event,
    onWillSaveTextDocument: silent,
    onDidOpenNotebookDocument: window.notebookOpened.event,
    onDidChangeNotebookDocument: silent,
    onDidSaveNotebookDocument: silent,
    onDidCloseNotebookDocument: silent,
    onDidChangeWorkspaceFolders: silent,
    onDidChangeConfiguration: window.settingsChanged.event,
    onDidCreateFiles: silent,
    onDidDeleteFiles: silent,
    onDidRenameFiles: silent,
    onWillCreateFiles: silent,
    onWillDeleteFiles: silent,
    onWillRenameFiles: silent,
    applyEdit: (edit: WorkspaceEdit) => Promise.resolve(window.apply(edit)),
    createFileSystemWatcher(pattern: unknown) {
      const watcher = { pattern, changed: new EventEmitter<Uri>() };
      const dispose = registered(window.watchers, watcher);
      return {
        onDidChange: watcher.changed.event,
        onDidCreate: new EventEmitter().event,
        onDidDelete: new EventEmitter().event,
        dispose: () => {
          dispose.dispose();
        },
      };
    },
    getConfiguration: (section = "") => configuration(window.settings, section),
  };
}

/** The settings under a name, as an object with `get`. */
function configuration(settings: ReadonlyMap<string, unknown>, section: string): Handlers {
  const read = (name: string): unknown => {
    const full = [section, name].filter((part) => part !== "").join(".");
    if (settings.has(full)) {
      return settings.get(full);
    }
    const below = [...settings].filter(([key]) => key.startsWith(`${full}.`));
    return below.length === 0
      ? undefined
      : Object.fromEntries(below.map(([key, value]) => [key.slice(full.length + 1), value]));
  };
  return {
    get: (name: string, otherwise?: unknown) => read(name) ?? otherwise,
    has: (name: string) => read(name) !== undefined,
  };
}

function registered<T>(all: Set<T>, one: T): Disposable {
  all.add(one);
  return new Disposable(() => all.delete(one));
}
