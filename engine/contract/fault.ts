/**
 * What may be said of an error, in a log, a crash file or a diagnosis. A foreign message may quote what it was about
 * (JSON.parse quotes the text, a schema the value, SQLite the statement), so none ever leaves: an error is told by its name, its code,
 * the places in our own files, and words only where they are ours.
 */
import { z } from 'zod';

/** An error whose message is our own words: without personal data, fit for a log and for the person at the machine. */
export class InWords extends Error {}

/** What was being done when an error got to where it is told. */
export const OPERATIONS = ['start', 'turn', 'link', 'request', 'message', 'view', 'sign-in', 'store', 'uncaught', 'unhandled'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** One error of a chain of causes. */
export const FaultCause = z.strictObject({
  name: z.string().regex(/^(?:[A-Z][A-Za-z]{0,39})?Error$/),
  /** Of SQLite, the operating system or Node. */
  code: z
    .string()
    .regex(/^(?:SQLITE_[A-Z_]{1,40}|ERR_[A-Z_]{1,60}|E[A-Z0-9]{2,15})$/)
    .nullable(),
  /** Only of an InWords. */
  words: z.string().max(500).nullable(),
  /** The nearest places in our files, `engine/turns.ts:31:7`. */
  at: z.array(z.string().regex(/^(?:engine|main|central|out)\/[A-Za-z0-9_./-]{1,120}:\d{1,7}:\d{1,5}$/)).max(8),
});
export type FaultCause = z.infer<typeof FaultCause>;

const MAX_CAUSES = 8;

/** What a crashed process leaves behind, as a file. */
export const CrashReport = z.strictObject({
  v: z.literal(1),
  atMs: z.int().min(0),
  process: z.enum(['main', 'engine']),
  operation: z.enum(OPERATIONS),
  causes: z.array(FaultCause).max(MAX_CAUSES),
});
export type CrashReport = z.infer<typeof CrashReport>;

/** The error and its causes, as far as they may be told. What was thrown and is no error counts as one without a name of its own. */
export function causesOf(thrown: unknown): readonly FaultCause[] {
  const causes: FaultCause[] = [];
  let at: unknown = thrown;
  do {
    causes.push(causeOf(at));
    at = at instanceof Error ? at.cause : undefined;
  } while (at instanceof Error && causes.length < MAX_CAUSES);
  return causes;
}

/** One line for a log. */
export function faultLine(operation: Operation, thrown: unknown): string {
  const causes = causesOf(thrown).map(({ name, code, words, at }) => {
    const what = words ?? (code === null ? name : `${name} ${code}`);
    return at[0] === undefined ? what : `${what} (${at.slice(0, 3).join(' < ')})`;
  });
  return `${operation} failed: ${causes.join('; because ')}`;
}

/** The words of the error or its nearest cause that has any of ours; else only what kind of error it is. */
export function wordsOf(thrown: unknown): string {
  const causes = causesOf(thrown);
  return causes.find(({ words }) => words !== null)?.words ?? `unexpected ${causes[0]?.code ?? causes[0]?.name ?? 'Error'}`;
}

function causeOf(thrown: unknown): FaultCause {
  if (!(thrown instanceof Error)) return { name: 'Error', code: null, words: null, at: [] };
  const { shape } = FaultCause;
  const name = shape.name.safeParse(thrown.name);
  const code = shape.code.safeParse('code' in thrown ? thrown.code : null);
  return {
    name: name.success ? name.data : 'Error',
    code: code.success ? code.data : null,
    words: thrown instanceof InWords ? thrown.message.slice(0, 500) : null,
    at: [...placesIn(thrown)],
  };
}

/** The project's folder may itself be called `main`: what lies beside our folders in it is no place of ours. */
const PLACE =
  /^ {4}at (?!.*node_modules)(?:.* \()?(?:file:\/\/)?[^()]*\/((?:engine|main|central|out)\/(?!test\/|renderer\/)[A-Za-z0-9_./-]{1,120}:\d{1,7}:\d{1,5})\)?$/;

/** A message may look like a place: only what stands behind it counts, and nothing where it cannot be found in the stack. */
function placesIn({ stack, message }: Error): readonly string[] {
  const head = stack?.indexOf(message) ?? -1;
  if (stack === undefined || head < 0) return [];
  const places = stack
    .slice(head + message.length)
    .split('\n')
    .flatMap((line) => PLACE.exec(line)?.[1] ?? []);
  return places.slice(0, 8);
}
