/** Options that are a share, such as a confidence. */
import type { Given, OptionSpec } from '../command.ts';

export const CONFIDENCE: OptionSpec = { type: 'string', value: 'SHARE', help: 'Of the intervals; 0.95 where not given' };

/** Above 0 and below 1; null where what was typed is neither. */
export const shareOption = (given: Given, option: string, usual: number): number | null => {
  const value = Number(given.text(option) ?? usual);
  return value > 0 && value < 1 ? value : null;
};
