/** Text documents and notebooks that are open. */

import { TextDocument as Text } from "vscode-languageserver-textdocument";
import type { URI } from "vscode-uri";

import { NotebookCellKind, Position, type Range, type TextEdit } from "./values";

export class TextDocument {
  notebook?: NotebookDocument;
  private text: Text;

  constructor(
    readonly uri: URI,
    readonly languageId: string,
    text: string,
  ) {
    this.text = Text.create(uri.toString(), languageId, 1, text);
  }

  get version(): number {
    return this.text.version;
  }

  get fileName(): string {
    return this.uri.fsPath;
  }

  getText(): string {
    return this.text.getText();
  }

  offsetAt(position: Position): number {
    return this.text.offsetAt(position);
  }

  positionAt(offset: number): Position {
    const { line, character } = this.text.positionAt(offset);
    return new Position(line, character);
  }

  /** Applies edits; returns them as VS Code tells of changes. */
  change(edits: readonly TextEdit[]): { range: Range; rangeOffset: number; rangeLength: number; text: string }[] {
    const last = [...edits].sort((a, b) => this.offsetAt(b.range.start) - this.offsetAt(a.range.start));
    const changes = last.map(({ range, newText }) => {
      const rangeOffset = this.offsetAt(range.start);
      return { range, rangeOffset, rangeLength: this.offsetAt(range.end) - rangeOffset, text: newText };
    });
    this.text = Text.update(
      this.text,
      changes.map(({ range, text }) => ({ range, text })),
      this.version + 1,
    );
    return changes;
  }
}

export class NotebookCell {
  readonly kind = NotebookCellKind.Code;
  readonly metadata = {};
  readonly executionSummary = undefined;

  constructor(
    readonly notebook: NotebookDocument,
    readonly index: number,
    readonly document: TextDocument,
  ) {}
}

export class NotebookDocument {
  readonly notebookType = "jupyter-notebook";
  readonly version = 1;
  readonly metadata = {};
  readonly cells: NotebookCell[];

  constructor(
    readonly uri: URI,
    sources: readonly string[],
  ) {
    this.cells = sources.map((source, index) => {
      const cell = uri.with({ scheme: "vscode-notebook-cell", fragment: `W${String(index)}` });
      const document = new TextDocument(cell, "python", source);
      document.notebook = this;
      return new NotebookCell(this, index, document);
    });
  }

  getCells(): NotebookCell[] {
    return this.cells;
  }
}

/** A part of VS Code's document selectors: language, scheme and the type of the notebook. */
export interface Filter {
  readonly language?: string;
  readonly scheme?: string;
  readonly notebookType?: string;
  readonly notebook?: string | { readonly notebookType?: string };
}

export function match(selector: readonly (string | Filter)[] | string | Filter, document: TextDocument): number {
  const filters = [selector].flat() as readonly (string | Filter)[];
  return filters.some((filter) => matches(typeof filter === "string" ? { language: filter } : filter, document))
    ? 10
    : 0;
}

function matches(filter: Filter, document: TextDocument): boolean {
  const { notebook } = filter;
  const type = filter.notebookType ?? (typeof notebook === "object" ? notebook.notebookType : notebook);
  return (
    (filter.language === undefined || filter.language === document.languageId) &&
    (filter.scheme === undefined || filter.scheme === document.uri.scheme) &&
    (type === undefined || (document.notebook !== undefined && ["*", document.notebook.notebookType].includes(type)))
  );
}
