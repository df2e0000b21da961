/** Passwords, passcodes, PINs and memorable words, given in one sentence: `my password is …`, `… is my PIN`. */
import { withoutAmounts } from './card-talk.ts';
import type { NumberRun } from './number-runs.ts';
import type { Marker, Token } from './tokens.ts';

export interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly marker: Marker;
}

const WORDS =
  "pass ?words?|pass ?codes?|pass ?phrases?|log ?in code|pin|memorable (?:word|name|place|date|information|answer)|secret (?:word|answer|phrase|code|number)|security (?:word|answer|phrase)|mother'?s maiden name|safe ?word|access code|unlock code|puk";
const ONE_TIME = '(?:one[- ]time|verification|authori[sz]ation|authentication|confirmation) (?:code|pass ?code|password|pin)|otp';
const CUE = new RegExp(`\\b(?:(security code)|${ONE_TIME}|${WORDS})\\b(?:(?: |-)(?:number|code))?`, 'giu');
/** Cues whose value is a number. */
const NUMERIC = /\b(?:pin|pass ?code|code|otp|puk|number)\b/i;

const LINK =
  /^(?:\s+(?:for|on|to|at|of|with|in|there|here)(?:\s+[\p{L}\p{N}'-]+){0,4}?)?[\s,?–-]*(?:(?:(?:is|was|are|were|equals|will be|would be|should be|must be|might be|could be|used to be|has been|is going to be|ends up being|i (?:use|used|set|chose|have|put) (?:is|was))\b|'s\b|it'?s\b|it is\b|that'?s\b|that is\b|[:=])[\s,:]*)+(?:(?:set to|changed to|now|just|um|uh|er|erm|like|well|currently|still|actually|probably|spelled|spelt|literally|all one word)\b[\s,:]*)*["'“‘]*/iu;

/** First words after "my password is" that tell about it instead of telling it. */
const NEVER_VALUES = words(
  'not being too still never always no required needed asking asked sent saved stored on under about something anything none nothing what why how there here supposed going gone getting case only also',
);
const STATES = words(
  'correct wrong right incorrect invalid expired expiring blocked locked missing broken forgotten fine good ok okay different old new weak strong secure safe reset changed working unknown disabled rejected accepted the a my your in to for',
);
const FUNCTION_WORDS = words(
  'again now and but so because when every for on in it the since or i he she they you after at to too as even although by from with any already then though if while yet anymore today yesterday here there thanks please is was my your our same one that wrong app website system account letter mail post email phone note wallet drawer head mind bag car file computer laptop',
);

export function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}

/** Characters between a cue and its value, at most. */
const NEAR = 160;

/** Secrets given within this text. */
export const secretsIn = (text: string, tokens: readonly Token[], runs: readonly NumberRun[]): readonly Span[] => {
  const plain = text.replaceAll('’', "'");
  const spans: Span[] = [];
  const add = (start: number, end: number, marker: Marker): void => {
    if (end > start && !spans.some((span) => start < span.end && end > span.start)) spans.push({ start, end, marker });
  };
  const numeric: { readonly at: number; readonly marker: Marker }[] = [];
  for (const match of plain.matchAll(CUE)) {
    const at = match.index + match[0].length;
    const marker: Marker = match[1] === undefined ? '[secret]' : '[code]';
    const link = LINK.exec(plain.slice(at));
    if (link !== null) {
      const start = at + link[0].length;
      if (isValue(plain, start, tokens)) add(start, valueEnd(plain, start, tokens), marker);
    } else direct(plain, at, tokens, runs, (start, end) => add(start, end, marker));
    if (NUMERIC.test(match[0])) numeric.push({ at, marker });
    const before = givenBefore(plain, match.index, tokens);
    if (before !== null) add(before.start, before.end, marker);
  }
  for (const { start, end, marker } of numbersAfter(plain, tokens, runs, numeric)) add(start, end, marker);
  return spans;
};

/** Short numbers behind the word for one, up to the end of the sentence or to what was redacted already. */
const numbersAfter = (
  text: string,
  tokens: readonly Token[],
  runs: readonly NumberRun[],
  cues: readonly { readonly at: number; readonly marker: Marker }[],
): readonly Span[] => {
  if (cues.length === 0) return [];
  const stops = Array.from(text.matchAll(/[.!?;](?=\s)|\[(?:card|code|secret)\]/g), ({ index }) => index);
  return runs.flatMap((run) => {
    const cue = cues.findLast(({ at }) => at <= run.start);
    if (cue === undefined || run.digits.length < 3 || run.digits.length > 6 || isDated(tokens, run)) return [];
    const stop = stops.findLast((at) => at < run.start) ?? -1;
    return stop >= cue.at || withoutAmounts(text, tokens, run).length === 0 ? [] : [{ start: run.start, end: run.end, marker: cue.marker }];
  });
};

/** `password hunter2`, `PIN 4 7 2 9`: a value with a digit right behind the cue. */
const direct = (
  text: string,
  at: number,
  tokens: readonly Token[],
  runs: readonly NumberRun[],
  add: (start: number, end: number) => void,
): void => {
  const gap = /^[\s,;"'“‘–-]*/u.exec(text.slice(at))?.[0].length ?? 0;
  if (gap === 0) return;
  const start = at + gap;
  const run = runs.find((candidate) => candidate.start === start && candidate.digits.length >= 3);
  const word = /^[^\s,;]*\d[^\s,;]*/u.exec(text.slice(start))?.[0] ?? '';
  const end = Math.max(run?.end ?? 0, word.length >= 4 ? start + word.replace(/[.!?"'”’]+$/u, '').length : 0);
  if (end > start && !tokens.some(({ kind, start: from, end: to }) => kind === 'marker' && from < end && to > start)) add(start, end);
};

/** Whether what starts here can be a secret: not a word about one. */
export const isValue = (text: string, start: number, tokens: readonly Token[]): boolean => {
  if (start >= text.length || /^[\s.!?]*$/.test(text.slice(start))) return false;
  const i = tokens.findIndex(({ end }) => end > start);
  const first = tokens[i];
  // Only signs, such as "****": nothing is lost by keeping them out.
  if (first === undefined) return true;
  if (first.kind === 'marker') return false;
  // A word is judged as it is written: "not4you" is a value, "not" is none.
  const written = /^[^\s,.!?;]*/.exec(text.slice(start))?.[0].toLowerCase() ?? '';
  if (written !== first.text) return true;
  if (NEVER_VALUES.has(first.text)) return false;
  if (!STATES.has(first.text)) return true;
  const next = tokens[i + 1];
  return next !== undefined && !FUNCTION_WORDS.has(next.text) && !/[.!?;]/.test(text.slice(first.end, next.start));
};

const BOUNDARY =
  /[.!?;](?=\s|$)|\n|,(?=\s)|["”](?=[\s.,!?;]|$)|\s(?=(?:but|because|so|and|if|when|then|cause|though) (?:i|it|it's|i'm|i've|that|that's|you|can|could|please|what|my|the|now|we|they|he|she|there|this|is|not|why|how)\b)|\s(?=(?:can|could|would|will) you\b|please\b|thank(?:s| you)\b|\[(?:card|code|secret)\])/giu;

/** Where a value ends: at the end of its clause. Spelled letters and numbers go on behind a comma or full stop. */
export const valueEnd = (text: string, start: number, tokens: readonly Token[]): number => {
  BOUNDARY.lastIndex = start + 1;
  for (let match = BOUNDARY.exec(text); match !== null; match = BOUNDARY.exec(text)) {
    if (/^[,.]$/.test(match[0])) {
      const next = tokens.find(({ start: at }) => at > match.index);
      if (next !== undefined && goesOn(next)) continue;
    }
    return trimmedEnd(text, start, match.index);
  }
  return trimmedEnd(text, start, text.length);
};

const SPELLING = words(
  'capital upper lower uppercase lowercase underscore dash hyphen dot hash exclamation star asterisk at dollar percent double triple one two three four five six seven eight nine zero oh ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety',
);
/** A letter, a digit or a word people spell with. */
export const goesOn = (token: Token): boolean =>
  token.kind === 'number' || (token.kind === 'word' && (/^\p{L}$/u.test(token.text) || SPELLING.has(token.text)));

const trimmedEnd = (text: string, start: number, end: number): number => start + text.slice(start, end).trimEnd().length;

/** `bluebird is my password`, `I use bluebird as my password`. */
const givenBefore = (text: string, cue: number, tokens: readonly Token[]): { readonly start: number; readonly end: number } | null => {
  const offset = Math.max(0, cue - NEAR);
  const before = text.slice(offset, cue);
  const as =
    /\b(?:use|used|using|put|set|chose|have|typed|entered|enter|wrote|picked)\s+((?:\S+\s+){1,6}?)(?:as|for)\s+(?:(?:my|the|your|a|our|his|her)\s+)?(?:[\p{L}]+\s+)?$/iu.exec(
      before,
    );
  if (as?.[1] !== undefined && !/^(?:the|a|my|your|it|that|this|same|one)\s+(?:same|old|new|one|wrong)?\s*$/i.test(as[1])) {
    const start = offset + as.index + as[0].indexOf(as[1]);
    return marked(tokens, start, cue) ? null : { start, end: trimmedEnd(text, start, start + as[1].length) };
  }
  const is =
    /(?:^|[.!?;,\n]\s*|\b(?:and|so|yes|yeah|um|uh|ok|okay|sure|well)\s+)((?:[^\s.!?;,]+\s+){1,6}?)(?:is|was|are)\s+(?:(?:my|the|your|our|his|her)\s+)(?:[\p{L}]+\s+){0,2}$/iu.exec(
      before,
    );
  if (is?.[1] === undefined) return null;
  const first = is[1].trim().toLowerCase().split(/\s+/)[0] ?? '';
  if (ASKING.has(first) || /\b(?:what|which|how|why|where|when|who)\b/i.test(is[1])) return null;
  const start = offset + is.index + is[0].lastIndexOf(is[1]);
  return marked(tokens, start, cue) ? null : { start, end: trimmedEnd(text, start, start + is[1].length) };
};

const ASKING = words(
  "what what's that that's it it's this which here where who when how why there i you he she they we my the your is was are a an one if not problem issue only all someone something nothing everything maybe also because but if whether",
);
const marked = (tokens: readonly Token[], start: number, end: number): boolean =>
  tokens.some((token) => token.kind === 'marker' && token.start >= start && token.end <= end);

const MONTH = /^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/;
const isDated = (tokens: readonly Token[], run: NumberRun): boolean =>
  /^(?:19|20)\d\d$/.test(run.digits) &&
  (MONTH.test(tokens[run.from - 1]?.text ?? '') || ['in', 'since', 'until'].includes(tokens[run.from - 1]?.text ?? ''));

/** Whether a secret is named at all. */
export const namesSecret = (text: string): boolean => text.replaceAll('’', "'").search(CUE) >= 0;

/** Whether a number that is a secret is spoken of. */
export const speaksOfSecretNumber = (text: string): boolean => [...text.matchAll(CUE)].some(([cue]) => NUMERIC.test(cue));
