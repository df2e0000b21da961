/** How one kind of model is measured on a data file. */
import type { Given } from '../command.ts';
import type { Terminal } from '../terminal.ts';

/** Name → number, in the order in which they are printed; figures of another kind of rows beside them stand in a group of their own. */
export interface Figures {
  readonly [name: string]: number | Figures;
}

export interface BundleFiles {
  /** The folder, for messages. */
  readonly bundle: string;
  /** As parsed from JSON, not yet held against a schema. */
  readonly manifest: unknown;
  readonly onnx: Buffer;
}

export type Measured =
  | { readonly ok: true; readonly figures: Figures; readonly notices: readonly string[] }
  /** 2 = the command was used wrongly (a column that is not there), 1 = bundle or data do not hold. */
  | { readonly ok: false; readonly code: 1 | 2; readonly words: string };

/** @param file the data */
export type Evaluation = (files: BundleFiles, file: string, given: Given, terminal: Terminal) => Promise<Measured>;

/** Six decimals. */
export const rounded = (x: number): number => Math.round(x * 1e6) / 1e6;
