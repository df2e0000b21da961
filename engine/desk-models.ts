/** The models of one desk: what scores actions, and what tells what is said. */
import { Intents, type IntentsOptions } from './intents.ts';
import { Ladder, type LadderOptions } from './ladder.ts';
import type { Listeners, Surroundings } from './surroundings.ts';

export function deskModels(
  surroundings: Surroundings,
  revision: LadderOptions['revision'],
  at: IntentsOptions['at'],
  onLog: Listeners['onLog'],
): { readonly ladder: Ladder; readonly intents: Intents } {
  const { textScorer, scoreWithinMs: withinMs, clock } = surroundings;
  const ladder = new Ladder({ ...surroundings, revision, onFailure: (words) => onLog('warn', `Without the model: ${words}`) });
  const onFailure = (words: string): void => onLog('warn', `Without what was said: ${words}`);
  return { ladder, intents: new Intents({ scorer: textScorer ?? null, clock, withinMs, at, onFailure }) };
}
