/**
 * The answer to a question for a secret. The question often asks for something else too, so the secret may be any part:
 *
 *   "Kwame Boateng, and it's lighthouse."   introduced beyond doubt: that part goes
 *   "Lighthouse, Kwame Boateng."            it cannot be told: every part goes that may be it
 *
 * Once something was taken for the answer only short, bare words are still suspicious: the name may have come first.
 */
import { FILLERS } from './number-runs.ts';
import { goesOn, isValue, namesSecret, type Span, valueEnd, words } from './spoken-secret.ts';
import type { Token } from './tokens.ts';

const ASKS =
  /\b(?:what|what's|which|tell|give|confirm|provide|read|say|spell|enter|repeat|can i|could i|may i|i need|i'll need|need your|have your|take your|letters? (?:of|from|in)|characters? (?:of|from|in)|verify)\b/i;

/** Whether the other side is asked for a secret, so that the next words may be it. */
export const asksForSecret = (text: string): boolean => namesSecret(text) && ASKS.test(text.replaceAll('’', "'"));

const NO_ANSWER =
  /^(?:(?:sorry|no|nope|yes|yeah|yep|sure|ok|okay|um|uh|hmm|well|oh|why|what|pardon|hang on|hold on|one moment|one second|just a (?:second|moment|minute)|let me (?:see|think|check|look)|wait|of course|certainly|thanks|thank you|please|hello|right|really|not sure|never mind|great|perfect|brilliant|lovely|exactly|correct|cheers|super|alright|good|fine|mhm)\b[\s,.!?]*)*(?:i\b.*|you\b.*|can you\b.*|could you\b.*|do (?:you|i)\b.*|is (?:it|that)\b.*|which\b.*|why\b.*|what\b.*|how\b.*|not\b.*|my (?:wife|husband|son|daughter)\b.*|the one\b.*|for what\b.*)?$/iu;
/** Stands before an answer and tells nothing. */
const LEAD = /^(?:(?:sorry|yes|yeah|yep|sure|ok|okay|um|uh|er|erm|well|oh|right|of course|certainly|so|and|but|then)\b[\s,.:]*)+/iu;
const IS = '(?:is|was|would be|should be|might be|may be|must be|could be|will be)';
const NAMED = `(?:the|my) (?:\\p{L}+ )?(?:word|secret|answer|phrase|password|one) ${IS}|(?:the )?first is|i (?:use|used|chose|picked)`;
const INTRODUCED = new RegExp(
  `(?<!\\b(?:what|where|how|which|whether|if|why|when) )\\b(?:(${NAMED})|it'?s|it'?ll be|that'?s|(?:it|that) (?:is|${IS})|${IS.replace('is|was|', '')})\\b[\\s,:]*(?:(?:just|um|uh|er|erm|like|probably|maybe|actually|still|now|spelled|spelt)\\b[\\s,:]*)*["'“‘]*`,
  'iu',
);
/** First words that show that an introduction introduces something else. */
const ELSEWHERE = words('it them this that in at to from been very so me mine you up when where who');
/** Words of sentences. A secret may hold one, but what holds none is hardly anything else than an answer. */
const SENTENCE = words(
  "i i'm i've i'll i'd you you're your he he's she she's they they're we we're me him her them us it it's its this that that's these those my his their our is was are were be been am isn't wasn't not no never do did does don't didn't doesn't have has had can can't could would will won't what who where when why how there very too with from for because know want need",
);
const TAIL = /[\s,]*\b(?:i think|i believe|i guess|i suppose|please|thanks|thank you)$/iu;

const LONGEST_ANSWER = 7;
/** Tokens of an utterance that may still be the answer after something was taken for it. */
const LONGEST_AFTERTHOUGHT = 5;
/** Tokens of a secret that is introduced beyond doubt. */
const LONGEST_CERTAIN = 4;

interface Clause {
  readonly start: number;
  readonly end: number;
  readonly introduced: boolean;
  /** Introduced by name or as the second of two things, and by nothing but a few bare words. */
  readonly certain: boolean;
  readonly refuses: boolean;
  /** How many words, without those that only fill. */
  readonly count: number;
  readonly bare: boolean;
  readonly spelled: boolean;
}

/** What may be the secret in an answer to a question for one; nothing when it plainly is no answer. `answered`: something was taken for it before. */
export const answerSpans = (text: string, tokens: readonly Token[], answered: boolean): readonly Span[] => {
  if (tokens.some(({ kind }) => kind === 'marker')) return [];
  const plain = text.replaceAll('’', "'").trimEnd();
  const clauses = clausesOf(plain, tokens);
  return chosen(clauses, answered).map(({ start, end }) => ({ start, end, marker: '[secret]' }));
};

const chosen = (clauses: readonly Clause[], answered: boolean): readonly Clause[] => {
  const may = clauses.filter(({ refuses }) => !refuses);
  if (answered) {
    const length = clauses.reduce((sum, { count }) => sum + count, 0);
    return length > LONGEST_AFTERTHOUGHT ? may.filter(({ spelled }) => spelled && length === may.length) : may.filter(({ bare }) => bare);
  }
  const certain = clauses.findIndex((clause) => clause.certain);
  if (certain >= 0) return clauses.filter((clause, i) => !clause.refuses && (clause.introduced || (i > certain && clause.bare)));
  // The first clause is the answer however it is put; what follows it, or a refusal, only when it is no sentence.
  return may.filter((clause) => clause.introduced || clause.bare || (clause === clauses[0] && clause.count <= LONGEST_ANSWER));
};

const clausesOf = (plain: string, tokens: readonly Token[]): readonly Clause[] => {
  const clauses: Clause[] = [];
  for (let at = 0; at < plain.length; ) {
    const end = valueEnd(plain, at, tokens);
    const clause = clauseOf(plain, at, end, tokens, clauses.length > 0);
    if (clause !== null) clauses.push(clause);
    at = Math.max(end, at + 1);
    while (at < plain.length && /[\s.,!?;"”]/.test(plain.charAt(at))) at++;
  }
  return clauses;
};

const clauseOf = (plain: string, from: number, end: number, tokens: readonly Token[], follows: boolean): Clause | null => {
  const said = plain.slice(from, end);
  const lead = LEAD.exec(said)?.[0] ?? '';
  if (lead.length >= said.length) return null;
  const found = INTRODUCED.exec(said);
  const value = found === null ? -1 : from + found.index + found[0].length;
  const within = (start: number): readonly Token[] => tokens.filter((token) => token.start >= start && token.end <= end);
  const introduced = found !== null && value < end && isValue(plain, value, tokens) && !ELSEWHERE.has(within(value)[0]?.text ?? '');
  const start = introduced ? value : from + lead.length;
  const inside = within(start);
  const isBare = (until: number): boolean => inside.every((token) => token.start >= until || !SENTENCE.has(token.text));
  const count = inside.filter(({ text }) => !FILLERS.has(text)).length;
  const second = follows && /^and\b/i.test(said);
  const untilTail = end - (TAIL.exec(said)?.[0].length ?? 0);
  return {
    start,
    end,
    introduced,
    certain: introduced && (second || found[1] !== undefined) && count <= LONGEST_CERTAIN && isBare(untilTail),
    refuses: !introduced && (NO_ANSWER.test(said) || !isValue(plain, start, tokens)),
    count,
    bare: count <= LONGEST_ANSWER && isBare(untilTail),
    spelled: inside.every(goesOn),
  };
};
