/** What the app asked of the operating system and the stand-in only wrote down, and what went wrong inside the stand-in. */
export interface RecordedCall {
  readonly kind: 'dialog' | 'error' | 'external-link' | 'menu' | 'notification' | 'window-open';
  readonly details: Readonly<Record<string, unknown>>;
  readonly atMs: number;
}

export class Recorder {
  readonly calls: RecordedCall[] = [];

  record(kind: RecordedCall['kind'], details: Readonly<Record<string, unknown>>): void {
    this.calls.push({ kind, details, atMs: Date.now() });
  }

  /** For failures nobody awaits: written down and printed, so that they are not swallowed. */
  readonly failed = (operation: string) => (cause: unknown) => {
    this.record('error', { operation, message: String(cause) });
    console.error(`electron stand-in: ${operation} failed:`, cause);
  };
}
