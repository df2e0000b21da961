import type { RecordedCall } from './recorded-call.ts';

export type Recorded =
  | { readonly ok: true; readonly call: RecordedCall }
  /** Something that is no part of a call, with its line. */
  | { readonly ok: false; readonly line: number; readonly reason: string };

/** Reads one file; `place` is what was asked for (the file itself or a folder above it), and names what is in it. */
export type Recording = (file: string, place: string) => AsyncGenerator<Recorded>;
