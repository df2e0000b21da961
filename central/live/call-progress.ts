/** How far each call is stored and processed at its desk, as far as this node saw it since it started. */
const MAX_CALLS = 5_000;

interface Progress {
  seq: number;
  ackedSeq: number;
  waiting: { readonly seq: number; readonly resolve: () => void }[];
}

export class CallProgress {
  readonly #calls = new Map<string, Progress>();

  stored(callId: string, seq: number): void {
    const call = this.#of(callId);
    call.seq = Math.max(call.seq, seq);
  }

  processed(callId: string, seq: number): void {
    const call = this.#of(callId);
    call.ackedSeq = Math.max(call.ackedSeq, seq);
    call.seq = Math.max(call.seq, seq);
    const due = call.waiting.filter((waiting) => waiting.seq <= call.ackedSeq);
    call.waiting = call.waiting.filter((waiting) => waiting.seq > call.ackedSeq);
    for (const { resolve } of due) resolve();
  }

  /** A new desk has the call: what the former one processed does not count for it. */
  handedOver(callId: string): void {
    this.#of(callId).ackedSeq = 0;
  }

  of(callId: string): { readonly seq: number; readonly ackedSeq: number } {
    const call = this.#calls.get(callId);
    return { seq: call?.seq ?? 0, ackedSeq: call?.ackedSeq ?? 0 };
  }

  whenProcessed(callId: string, seq: number): Promise<void> {
    const call = this.#of(callId);
    if (call.ackedSeq >= seq) return Promise.resolve();
    return new Promise((resolve) => call.waiting.push({ seq, resolve }));
  }

  #of(callId: string): Progress {
    const known = this.#calls.get(callId);
    if (known !== undefined) return known;
    const call: Progress = { seq: 0, ackedSeq: 0, waiting: [] };
    this.#calls.set(callId, call);
    if (this.#calls.size > MAX_CALLS) {
      const [oldest, progress] = this.#calls.entries().next().value ?? ['', call];
      if (progress.waiting.length === 0) this.#calls.delete(oldest);
    }
    return call;
  }
}
