/** Events, disposables and cancellation as VS Code has them. */

export class Disposable {
  constructor(private readonly act: () => void) {}

  static from(...others: { dispose(): void }[]): Disposable {
    return new Disposable(() => {
      for (const other of others) {
        other.dispose();
      }
    });
  }

  dispose(): void {
    this.act();
  }
}

export type Event<T> = (listener: (event: T) => unknown, self?: unknown, into?: Disposable[]) => Disposable;

export class EventEmitter<T> {
  private readonly listeners = new Set<(event: T) => unknown>();

  readonly event: Event<T> = (listener, self, into) => {
    const bound = (event: T): unknown => listener.call(self, event);
    this.listeners.add(bound);
    const disposable = new Disposable(() => this.listeners.delete(bound));
    into?.push(disposable);
    return disposable;
  };

  fire(event: T): void {
    for (const listener of [...this.listeners]) {
      listener(event);
    }
  }

  get isHeard(): boolean {
    return this.listeners.size > 0;
  }

  dispose(): void {
    this.listeners.clear();
  }
}

export class CancellationError extends Error {}

export class CancellationTokenSource {
  private readonly emitter = new EventEmitter<undefined>();
  readonly token = { isCancellationRequested: false, onCancellationRequested: this.emitter.event };

  cancel(): void {
    this.token.isCancellationRequested = true;
    this.emitter.fire(undefined);
  }

  dispose(): void {
    this.emitter.dispose();
  }
}
