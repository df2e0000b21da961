/** What the customer's sentences were about, as far as a model of text has read them. */
import type { CallState, Utterance } from '#contract/call-state.ts';
import type { Understood } from '#contract/understood.ts';

export interface SpeechRead {
  /** The last sentence that was understood. */
  readonly latest: Understood | null;
  /** What any was about, in the order in which it came up; null where there is something to read and no model read it. */
  readonly intents: readonly string[] | null;
  /** A model reads this call, and there is something it has not read. */
  readonly unread: boolean;
}

const NOTHING_SAID: SpeechRead = { latest: null, intents: [], unread: false };
const NOBODY_READS: SpeechRead = { latest: null, intents: null, unread: false };

/** Of both, the customer's topics count; what was blanked says nothing. */
const isToBeRead = ({ speaker, text }: Utterance): boolean => speaker === 'customer' && text !== '';

/** What of a call the model of this hash has not read, in order of delivery. */
export function unreadBy({ understoodBy, understood, utterances }: CallState, model: string): readonly Utterance[] {
  const read = new Set(understoodBy === model ? understood.map(({ seq }) => seq) : []);
  return utterances.filter((utterance) => isToBeRead(utterance) && !read.has(utterance.seq));
}

export const latestUnderstood = ({ understood }: Pick<CallState, 'understood'>): Understood | null =>
  understood.findLast(({ intent }) => intent !== null) ?? null;

/** Reads for one decider: what it made of a state it keeps for the next decision. */
export class SpeechReader {
  #last: { readonly utterances: CallState['utterances']; readonly understood: CallState['understood']; readonly read: SpeechRead } | null =
    null;

  read(call: CallState): SpeechRead {
    const { utterances, understood } = call;
    if (utterances.length === 0) return NOTHING_SAID;
    const last = this.#last;
    if (last?.utterances === utterances && last.understood === understood) return last.read;
    const read = readSpeech(call);
    this.#last = { utterances, understood, read };
    return read;
  }
}

function readSpeech(call: CallState): SpeechRead {
  const { utterances, understood, understoodBy } = call;
  if (understoodBy === null) return utterances.some(isToBeRead) ? NOBODY_READS : NOTHING_SAID;
  return {
    latest: latestUnderstood(call),
    intents: [...new Set(understood.flatMap(({ intent }) => intent ?? []))],
    unread: unreadBy(call, understoodBy).length > 0,
  };
}
