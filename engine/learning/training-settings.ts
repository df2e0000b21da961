import { Slug } from '#contract/text.ts';
import type { TrainingFault } from './training-fault.ts';

/** What every training is told besides what it learns from. */
export interface TrainingSettings {
  /** Name of the model, lower-case words joined by hyphens. */
  readonly id: string;
  readonly version: number;
  /** SHA-256 of the file that is learnt from. */
  readonly trainedOn: string;
  readonly sha256: (bytes: Uint8Array) => string;
  readonly seed?: number;
}

/** What is wrong with the name; null = nothing. */
export const nameFault = ({ id }: TrainingSettings): TrainingFault | null =>
  Slug.safeParse(id).success ? null : { code: 'bad-action', detail: `"${id}" is no model name: lower-case words joined by hyphens` };
