/** A window of an editor without a screen: what is open in it, what it shows, and what a test does in it. */

import { readFileSync, writeFileSync } from "node:fs";

import { NotebookDocument, TextDocument } from "./documents";
import { EventEmitter } from "./events";
import {
  type CodeAction,
  CodeActionTriggerKind,
  type Diagnostic,
  type Hover,
  Position,
  Range,
  TabInputNotebook,
  TabInputText,
  TextEdit,
  Uri,
  type WorkspaceEdit,
} from "./values";

type Changes = ReturnType<TextDocument["change"]>;

export interface Watcher {
  readonly pattern: unknown;
  readonly changed: EventEmitter<Uri>;
}

interface Provider {
  provideCodeActions(
    document: TextDocument,
    range: Range,
    context: unknown,
    token: unknown,
  ): Promise<CodeAction[] | null>;
  resolveCodeAction?(action: CodeAction, token: unknown): Promise<CodeAction>;
  provideHover(document: TextDocument, position: Position, token: unknown): Promise<Hover | null>;
}

const NEVER_CANCELLED = {
  isCancellationRequested: false,
  onCancellationRequested: () => ({ dispose: () => undefined }),
};

export class Window {
  readonly documents: TextDocument[] = [];
  readonly notebooks: NotebookDocument[] = [];
  readonly tabs: (TabInputText | TabInputNotebook)[] = [];
  readonly tabsChanged = new EventEmitter<{ opened: unknown[]; closed: unknown[] }>();
  readonly opened = new EventEmitter<TextDocument>();
  readonly closed = new EventEmitter<TextDocument>();
  readonly changed = new EventEmitter<{ document: TextDocument; contentChanges: Changes }>();
  readonly saved = new EventEmitter<TextDocument>();
  readonly notebookOpened = new EventEmitter<NotebookDocument>();
  readonly settingsChanged = new EventEmitter<{ affectsConfiguration(name: string): boolean }>();
  readonly settings = new Map<string, unknown>();
  readonly collections = new Set<Map<string, readonly Diagnostic[]>>();
  readonly providers = { codeAction: new Set<Provider>(), hover: new Set<Provider>() };
  readonly watchers = new Set<Watcher>();
  readonly commands = new Map<string, (...args: unknown[]) => unknown>();
  /** What the user was told, and the buttons below it. */
  readonly messages: { readonly text: string; readonly buttons: readonly string[] }[] = [];
  /** The button that the user presses under the next message. */
  answer: string | undefined;
  readonly log: string[] = [];
  clipboard = "";

  constructor(readonly folder: string) {}

  open(path: string, text = readFileSync(path, "utf8")): TextDocument {
    const document = new TextDocument(Uri.file(path), "python", text);
    this.showTab(new TabInputText(document.uri));
    this.documents.push(document);
    this.opened.fire(document);
    return document;
  }

  openNotebook(path: string, sources: readonly string[]): NotebookDocument {
    const notebook = new NotebookDocument(Uri.file(path), sources);
    this.showTab(new TabInputNotebook(notebook.uri));
    this.notebooks.push(notebook);
    for (const { document } of notebook.cells) {
      this.documents.push(document);
      this.opened.fire(document);
    }
    this.notebookOpened.fire(notebook);
    return notebook;
  }

  /** Replaces the first place where a text stands in a document. */
  replace(document: TextDocument, old: string, text: string): void {
    const start = document.getText().indexOf(old);
    const range = new Range(document.positionAt(start), document.positionAt(start + old.length));
    this.change(document, [new TextEdit(range, text)]);
  }

  apply(edit: WorkspaceEdit): boolean {
    for (const [uri, edits] of edit.entries()) {
      const open = this.documents.find((document) => document.uri.toString() === uri.toString());
      this.change(open ?? this.open(uri.fsPath), edits);
    }
    return true;
  }

  save(document: TextDocument): void {
    writeFileSync(document.uri.fsPath, document.getText());
    this.saved.fire(document);
  }

  configure(name: string, value: unknown): void {
    this.settings.set(name, value);
    this.settingsChanged.fire({ affectsConfiguration: (asked) => name === asked || name.startsWith(`${asked}.`) });
  }

  /** Tells of a file that was changed on the disk. */
  tellOfChange(path: string): void {
    for (const watcher of this.watchers) {
      watcher.changed.fire(Uri.file(path));
    }
  }

  async run(command: string): Promise<void> {
    await this.commands.get(command)?.();
  }

  diagnostics(document: TextDocument): Diagnostic[] {
    return this.diagnosticsAt(document.uri);
  }

  diagnosticsOf(path: string): Diagnostic[] {
    return this.diagnosticsAt(Uri.file(path));
  }

  async codeActions(document: TextDocument, range: Range, only?: unknown): Promise<CodeAction[]> {
    const context = { diagnostics: this.diagnostics(document), only, triggerKind: CodeActionTriggerKind.Invoke };
    const found: CodeAction[] = [];
    for (const provider of this.providers.codeAction) {
      for (const action of (await provider.provideCodeActions(document, range, context, NEVER_CANCELLED)) ?? []) {
        const whole = action.edit === undefined ? provider.resolveCodeAction?.(action, NEVER_CANCELLED) : action;
        found.push((await whole) ?? action);
      }
    }
    return found;
  }

  async hover(document: TextDocument, position: Position): Promise<Hover[]> {
    const found = await Promise.all(
      [...this.providers.hover].map((provider) => provider.provideHover(document, position, NEVER_CANCELLED)),
    );
    return found.filter((hover) => hover !== null);
  }

  show(text: string, buttons: readonly unknown[]): string | undefined {
    this.messages.push({ text, buttons: buttons.filter((button) => typeof button === "string") });
    const pressed = this.answer;
    this.answer = undefined;
    return pressed;
  }

  private diagnosticsAt(uri: Uri): Diagnostic[] {
    return [...this.collections].flatMap((collection) => collection.get(uri.toString()) ?? []);
  }

  private showTab(tab: TabInputText | TabInputNotebook): void {
    this.tabs.push(tab);
    this.tabsChanged.fire({ opened: [tab], closed: [] });
  }

  private change(document: TextDocument, edits: readonly TextEdit[]): void {
    const contentChanges = document.change(edits);
    this.changed.fire({ document, contentChanges });
  }
}
