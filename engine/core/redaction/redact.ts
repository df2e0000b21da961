/**
 * Takes card data, codes and secrets out of what was said, before it is stored anywhere.
 *
 *   utterance ─► tokens ─► runs of digits ─┬─ Luhn ──────────────► [card]
 *                                          ├─ card talk nearby ──► [card] [code]
 *                                          └─ "my password is" ──► [secret]
 *
 * Text that was redacted stays as it is when redacted again: a marker counts as card talk, like the number
 * it stands for, and never as something to redact.
 */
import type { Speaker } from '#contract/call-events.ts';
import { MAX_TEXT_LENGTH } from '#contract/limits.ts';
import { type CardTalk, cardTalkIn, isPlainlyOther, startWithMonth, withoutAmounts } from './card-talk.ts';
import { holdsCardNumber, passesLuhn } from './card-number.ts';
import { FILLERS, type NumberRun, runsOf } from './number-runs.ts';
import { answerSpans, asksForSecret } from './secret-answer.ts';
import { type Span, secretsIn, speaksOfSecretNumber } from './spoken-secret.ts';
import { type Token, tokensOf } from './tokens.ts';

export interface Redacted {
  readonly text: string;
  /** How many pieces were taken out. */
  readonly found: number;
}

/** What earlier utterances of the call say about this one. Counts are utterances still to come under that influence. Held in memory only: `dictated` is raw. */
export interface RedactionState {
  readonly cardFor: number;
  readonly codeFor: number;
  readonly mentionFor: number;
  readonly secretNumberFor: number;
  /** The agent asked the customer for a secret. */
  readonly askedFor: number;
  /** Something was taken for the answer: what follows is less suspicious. */
  readonly answered: boolean;
  /** Digits each side ended its last utterance with: a number may be read out in pieces. */
  readonly dictated: Readonly<Record<Speaker, string>>;
}

export const NOTHING_SAID: RedactionState = {
  cardFor: 0,
  codeFor: 0,
  mentionFor: 0,
  secretNumberFor: 0,
  askedFor: 0,
  answered: false,
  dictated: { customer: '', agent: '' },
};

/** Utterances after the last sign of card data for which short numbers are still suspicious. */
const CARD_FOR = 8;
const CODE_FOR = 4;
const MENTION_FOR = 3;
const SECRET_FOR = 3;
/** Digits of one dictated number that may be kept: a card number cannot be told from fewer. */
const MOST_DICTATED = 7;
const LONGEST_PIECE = 9;
/** Two are enough for anything said; the bound is for text made to need more. */
const MOST_PASSES = 8;

/** Redacts one text by itself. */
export const redact = (text: string): Redacted => {
  const { text: clean, found } = redactUtterance(NOTHING_SAID, { speaker: 'customer', text });
  return { text: clean, found };
};

/** A call's redactor, for callers that keep it as long as the call. */
export const createRedactor = (): { redact(utterance: SpokenText): Redacted } => {
  let state = NOTHING_SAID;
  return {
    redact: (utterance) => {
      const { state: next, ...redacted } = redactUtterance(state, utterance);
      state = next;
      return redacted;
    },
  };
};

export interface SpokenText {
  readonly speaker: Speaker;
  readonly text: string;
  /** A partial utterance is not counted as one, since its text comes again. */
  readonly partial?: boolean;
}

/** Redacts one utterance in the light of those before it. Pure: equal state and utterance give equal results. */
export const redactUtterance = (
  state: RedactionState,
  { speaker, text, partial = false }: SpokenText,
): Redacted & { readonly state: RedactionState } => {
  const heard = listen(speaker, text);
  let said = heard;
  let found = 0;
  let card = heard.talk.strong;
  // What was taken out may show what is left in another light, such as a number cut in two: so again until nothing is found.
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    let spans = find(state, said, said.talk.strong || state.cardFor > 0);
    // A number that turns out to be a card's makes everything around it suspicious too.
    if (spans.some(isCardData)) spans = find(state, said, true);
    if (spans.length === 0) break;
    found += spans.length;
    card ||= spans.some(isCardData);
    said = listen(speaker, replace(said.text, spans));
  }
  // Markers are longer than single digits; a text must not grow beyond what the next boundary takes.
  const clean = said.text.length > Math.max(text.length, MAX_TEXT_LENGTH) ? '[secret]' : said.text;
  return { text: clean, found, state: partial ? noticed(state, heard.talk) : after(state, heard, card, said.text !== text) };
};

const isCardData = ({ marker }: Span): boolean => marker !== '[secret]';

const listen = (speaker: Speaker, text: string): Said => {
  const tokens = tokensOf(text);
  const runs = runsOf(text, tokens);
  return { speaker, text, tokens, runs, talk: cardTalkIn(text), pure: runs.length > 0 && isOnlyNumbers(tokens, runs) };
};

interface Said {
  readonly speaker: Speaker;
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly runs: readonly NumberRun[];
  readonly talk: CardTalk;
  /** Nothing but numbers was said. */
  readonly pure: boolean;
}

const isOnlyNumbers = (tokens: readonly Token[], runs: readonly NumberRun[]): boolean =>
  tokens.every((token, i) => FILLERS.has(token.text) || runs.some(({ from, to }) => i >= from && i <= to));

const find = (state: RedactionState, said: Said, strong: boolean): readonly Span[] => {
  const { text, tokens, runs, talk, pure } = said;
  const spans: Span[] = [...secretsIn(text, tokens, runs)];
  const add = (span: Span): void => void spans.push(span);
  if (state.askedFor > 0 && said.speaker === 'customer') {
    for (const span of answerSpans(text, tokens, state.answered)) add(span);
  }
  const code = talk.code || state.codeFor > 0;
  const mention = talk.mention || state.mentionFor > 0;
  for (const run of runs) {
    const { digits, start, end } = run;
    if (holdsCardNumber(run) || goesOnWithDictation(state, said, run)) add({ start, end, marker: '[card]' });
    else if (strong) {
      for (const part of withoutAmounts(text, tokens, run)) {
        const length = part.reduce((sum, item) => sum + item.digits.length, 0);
        const first = part[0];
        const last = part.at(-1);
        if (!first || !last || !(pure || length >= (code ? 2 : 3))) continue;
        const from = first.start === start ? startWithMonth(text, tokens, run) : first.start;
        const dated = from < first.start || (length <= 6 && text.slice(first.start, last.end).includes('/'));
        const short = dated || (code && length <= 4);
        add({ start: from, end: last.end, marker: short ? '[code]' : '[card]' });
      }
    } else if (mention && digits.length >= 4 && !isPlainlyOther(text, tokens, run)) {
      for (const part of withoutAmounts(text, tokens, run)) {
        const first = part[0];
        const last = part.at(-1);
        if (first && last && part.reduce((sum, item) => sum + item.digits.length, 0) >= 4)
          add({ start: first.start, end: last.end, marker: '[card]' });
      }
    }
    if (state.secretNumberFor > 0 && digits.length <= 8 && (pure || digits.length >= 3) && withoutAmounts(text, tokens, run).length > 0) {
      add({ start, end, marker: '[secret]' });
    }
  }
  return merged(spans);
};

/** From left to right; what overlaps goes as one piece under the marker of the first found. */
const merged = (spans: readonly Span[]): readonly Span[] => {
  const out: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const before = out.at(-1);
    if (before === undefined || span.start >= before.end) out.push(span);
    else if (span.end > before.end) out[out.length - 1] = { ...before, end: span.end };
  }
  return out;
};

/** Without any card talk: the same side reads out a number in pieces that grows beyond what may be kept. Telephone numbers do too, but begin otherwise. */
const goesOnWithDictation = ({ dictated }: RedactionState, { speaker, text, tokens }: Said, run: NumberRun): boolean => {
  const before = dictated[speaker];
  if (before.length < 2 || !tokens.slice(0, run.from).every(({ text: word }) => FILLERS.has(word))) return false;
  const together = before + run.digits;
  if (together.length >= 13 && together.length <= 19 && passesLuhn(together)) return true;
  // Longer pieces are whole numbers of their own: a telephone number after a customer number, say.
  if (before.length > LONGEST_PIECE || run.digits.length > LONGEST_PIECE || withoutAmounts(text, tokens, run).length === 0) return false;
  return together.length > MOST_DICTATED && !/^(?:0|13|18|61|44|1[2-9])/.test(before);
};

const replace = (text: string, spans: readonly Span[]): string => {
  let out = '';
  let at = 0;
  for (const { start, end, marker } of spans) {
    out += text.slice(at, start) + marker;
    at = end;
  }
  return out + text.slice(at);
};

const noticed = (state: RedactionState, talk: CardTalk): RedactionState => ({
  ...state,
  cardFor: talk.strong ? CARD_FOR : state.cardFor,
  codeFor: talk.code ? CODE_FOR : state.codeFor,
  mentionFor: talk.mention ? MENTION_FOR : state.mentionFor,
});

const left = (count: number): number => Math.max(0, count - 1);

const after = (state: RedactionState, said: Said, card: boolean, redacted: boolean): RedactionState => {
  const { speaker, text, tokens, runs, talk } = said;
  const asked = speaker === 'agent' && asksForSecret(text);
  const last = runs.at(-1);
  const tail = last !== undefined && tokens.slice(last.to + 1).every((token) => FILLERS.has(token.text)) ? last : undefined;
  const whole = tail !== undefined && tokens.slice(0, tail.from).every((token) => FILLERS.has(token.text));
  const dictated = tail === undefined ? '' : `${whole ? state.dictated[speaker] : ''}${tail.digits}`.slice(0, 24);
  return {
    cardFor: card ? CARD_FOR : left(state.cardFor),
    codeFor: talk.code ? CODE_FOR : left(state.codeFor),
    mentionFor: talk.mention ? MENTION_FOR : left(state.mentionFor),
    secretNumberFor: speaksOfSecretNumber(text) ? SECRET_FOR : left(state.secretNumberFor),
    askedFor: asked ? SECRET_FOR : left(state.askedFor),
    answered: !asked && (state.answered || (state.askedFor > 0 && speaker === 'customer' && redacted)),
    dictated: { ...state.dictated, [speaker]: dictated },
  };
};
