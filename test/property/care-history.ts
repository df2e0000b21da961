/**
 * Made-up histories of a customer and a call, told step by step, with a decision after each; and the one rule they are
 * judged by: nothing is sold while something is wrong or might be. The judge knows what it told, and asks no core.
 */
import type { CallEvent } from '#contract/call-events.ts';
import type { CallState } from '#contract/call-state.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { ProfileSlice } from '#contract/profile.ts';
import { reduceCall } from '#core';
import { activeCall, event, HOUR_MS, inputs, NOW_MS, outcome, profile, utterance } from '../core/fixtures.ts';
import { CARE_POLICY, type Phrase, PHRASES, TROUBLES, type Trouble } from './care-policy.ts';

/** One thing that departs from a call on which all is well. */
export type Step =
  /** Known before the call, or not known. */
  | { readonly is: 'noted'; readonly trouble: Trouble; readonly value: boolean | null }
  /** Told while the call runs. */
  | { readonly is: 'told'; readonly trouble: Trouble; readonly value: boolean | null }
  | { readonly is: 'said'; readonly text: Phrase | 'I could do with more speed' | 'well' }
  | { readonly is: 'old-slice' | 'missing-delivery' | 'unknown-caller' | 'verified-caller' }
  | { readonly is: 'consent'; readonly granted: boolean }
  | { readonly is: 'on-screen'; readonly action: string; readonly role: 'primary' | 'chip' }
  | { readonly is: 'rejected'; readonly action: string };
export type History = readonly Step[];

/** What is known of each trouble: no, yes, or nothing. */
type Known = 'no' | 'yes' | 'unknown';

export interface Taken {
  readonly shown: readonly string[];
  /** `stage/code` by action. */
  readonly ended: (actionId: string) => string;
}
export type Deciding = (inputs: DecisionInputs) => Taken;

const SALES = CARE_POLICY.actions.filter(({ sales }) => sales).map(({ id }) => id);
const CALM = activeCall([]);
const WELL: ProfileSlice = profile({ fields: Object.fromEntries(TROUBLES.map((trouble) => [trouble, false])) });
const MARKETED = 'bigger-plan';

/** The first thing that is wrong with how a history is decided; null when nothing is. `count` hears of every sale that was shown. */
export function violation(
  history: History,
  decide: Deciding,
  count: (sold: boolean, care: Known) => void = () => undefined,
): string | null {
  const judge = new Judge();
  let call: CallState = CALM;
  let slice = WELL;
  const outcomes: Outcome[] = [];
  let seq = CALM.contiguousSeq;
  let version = 1;
  for (const [index, step] of history.entries()) {
    judge.hear(step);
    const deliver = (delivered: CallEvent): void => {
      seq++;
      call = reduceCall(call, { seq, event: delivered });
    };
    const atMs = NOW_MS - 2_000 + index;
    switch (step.is) {
      case 'noted':
        slice = { ...slice, fields: { ...slice.fields, [step.trouble]: step.value } };
        break;
      case 'old-slice':
        slice = { ...slice, asOfMs: NOW_MS - 48 * HOUR_MS - 1 };
        break;
      case 'told':
        version++;
        deliver(event('sotto.profile.updated', { customerId: 'cust-1', version, fields: { [step.trouble]: step.value } }, atMs));
        break;
      case 'said':
        deliver(utterance('customer', step.text, 1_000));
        break;
      case 'missing-delivery':
        seq++;
        deliver(utterance('agent', 'well', 1_000));
        break;
      case 'unknown-caller':
        deliver(event('sotto.call.identified', { customerId: 'cust-1', identity: 'unknown' }, atMs));
        break;
      case 'verified-caller':
        deliver(event('sotto.call.identified', { customerId: 'cust-1', identity: 'verified' }, atMs));
        break;
      case 'consent':
        deliver(event('sotto.consent.changed', { customerId: 'cust-1', purpose: 'marketing', granted: step.granted }, atMs));
        break;
      case 'on-screen':
        outcomes.push(outcome('seen', step.action, 1_000, { role: step.role, decisionId: `for-${step.action}` }));
        break;
      case 'rejected':
        outcomes.push(outcome('rejected', step.action, 500, { decisionId: `for-${step.action}` }));
    }
    const found = judge.look(decide(inputs({ call, profile: slice, outcomes: [...outcomes] })), count);
    if (found !== null) return found;
  }
  return null;
}

class Judge {
  readonly #noted = new Map<Trouble, Known>(TROUBLES.map((trouble) => [trouble, 'no']));
  readonly #told = new Map<Trouble, Known>();
  readonly #said = new Set<Trouble>();
  #isOld = false;
  #isMissing = false;
  #isUnknown = false;
  #mayMarket = true;

  hear(step: Step): void {
    switch (step.is) {
      case 'noted':
        this.#noted.set(step.trouble, knownAs(step.value));
        break;
      case 'told':
        this.#told.set(step.trouble, knownAs(step.value));
        break;
      case 'said':
        if (step.text in PHRASES) this.#said.add(PHRASES[step.text as Phrase]);
        break;
      case 'old-slice':
        this.#isOld = true;
        break;
      case 'missing-delivery':
        this.#isMissing = true;
        break;
      case 'unknown-caller':
      case 'verified-caller':
        this.#isUnknown = step.is === 'unknown-caller';
        break;
      case 'consent':
        this.#mayMarket = step.granted;
        break;
      case 'on-screen':
      case 'rejected':
        break;
    }
  }

  #care(): Known {
    const all = TROUBLES.map((trouble): Known => {
      if (this.#said.has(trouble)) return 'yes';
      const isSpeakable = trouble === 'hardship' || trouble === 'bereaved';
      const slice: Known = this.#isOld && trouble === 'openComplaint' ? 'unknown' : (this.#noted.get(trouble) ?? 'unknown');
      const fact = this.#isUnknown ? 'unknown' : (this.#told.get(trouble) ?? slice);
      return fact === 'no' && this.#isMissing && isSpeakable ? 'unknown' : fact;
    });
    return all.includes('yes') ? 'yes' : all.includes('unknown') ? 'unknown' : 'no';
  }

  look({ shown, ended }: Taken, count: (sold: boolean, care: Known) => void): string | null {
    const care = this.#care();
    const sold = shown.filter((id) => SALES.includes(id));
    count(sold.length > 0, care);
    if (sold.length > 0 && care !== 'no') return `${sold.join(' and ')} shown while care is ${care}`;
    const ends = { yes: 'care/care-before-sale', unknown: 'care/care-unknown', no: '' }[care];
    for (const id of SALES) {
      const end = ended(id);
      // Without a basis care is not asked.
      const hasBasis = !this.#isUnknown && (id !== MARKETED || this.#mayMarket);
      if (!hasBasis && !end.startsWith('basis/')) return `${id} ended in ${end} and has no basis`;
      if (end.startsWith('care/') && end !== ends) return `${id} ended in ${end} while care is ${care}`;
    }
    const cared = CARE_POLICY.actions.find(({ id, sales }) => !sales && ended(id).startsWith('care/'));
    return cared === undefined ? null : `${cared.id} sells nothing and ended in ${ended(cared.id)}`;
  }
}

const knownAs = (value: boolean | null): Known => (value === null ? 'unknown' : value ? 'yes' : 'no');

const PLAIN_STEPS = ['old-slice', 'missing-delivery', 'unknown-caller', 'verified-caller'] as const;
const TEXTS = [...(Object.keys(PHRASES) as Phrase[]), 'I could do with more speed', 'well'] as const;
const VALUES = [true, false, null] as const;

/** Histories of up to `most` steps, the same for the same seed. A generator of its own: a million of them in a minute. */
export class Histories {
  #state: number;
  readonly #most: number;

  constructor(seed: number, most: number) {
    this.#state = seed | 1;
    this.#most = most;
  }

  next(): History {
    return Array.from({ length: 1 + this.#below(this.#most) }, () => this.#step());
  }

  #step(): Step {
    switch (this.#below(10)) {
      case 0:
      case 1:
        return { is: 'noted', trouble: this.#one(TROUBLES), value: this.#one(VALUES) };
      case 2:
      case 3:
        return { is: 'told', trouble: this.#one(TROUBLES), value: this.#one(VALUES) };
      case 4:
      case 5:
        return { is: 'said', text: this.#one(TEXTS) };
      case 6:
        return { is: 'consent', granted: this.#below(2) === 0 };
      case 7:
        return { is: 'on-screen', action: this.#one(CARE_POLICY.actions).id, role: this.#one(['primary', 'chip']) };
      case 8:
        return { is: 'rejected', action: this.#one(CARE_POLICY.actions).id };
      default:
        return { is: this.#one(PLAIN_STEPS) };
    }
  }

  #one<T>(of: readonly T[]): T {
    return of[this.#below(of.length)]!;
  }

  /** Marsaglia's xorshift of 32 bits. */
  #below(count: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % count;
  }
}

/** The history without what it does not need to go wrong: leaves out steps, one after the other, until none can be left out. */
export function smallest(history: History, goesWrong: (history: History) => boolean): History {
  for (let i = 0; i < history.length; i++) {
    const without = history.toSpliced(i, 1);
    if (goesWrong(without)) return smallest(without, goesWrong);
  }
  return history;
}
