/** What may be in no line, log, metric, crash file or diagnosis, and how it is searched for. */
import type { Organisation } from '#central/demo/organisation.ts';

/** Said on calls: a name, a telephone number, an account, a place and plain words. */
export const SAID = [
  'This is Persephone Quillfeather calling about the bill.',
  'You can ring me back on 0161 496 0123 after six.',
  'The account is ZX-4471-9902, in my mother’s name, Wilhelmina Quillfeather.',
  'We moved to Butterscotch Lane in Penzance because of the divorce.',
] as const;

const WORDS = ['persephone', 'quillfeather', 'wilhelmina', '496 0123', '4960123', 'zx-4471', 'butterscotch', 'penzance', 'divorce'];

/** Names of every customer and agent, whole and by their parts that are no everyday words. */
export const namesOf = ({ customers, agents }: Organisation): readonly string[] => {
  const names = [...customers.map(({ displayName }) => displayName), ...agents.map(({ name }) => name)];
  return [...new Set(names.flatMap((name) => [name, ...name.split(' ').filter((part) => part.length >= 6)]))].map((name) =>
    name.toLowerCase(),
  );
};

/** Any JSON Web Token: header and payload of one are objects in base64url. */
const TOKEN = /eyJ[\w-]{8,}\.eyJ[\w-]{8,}/;

/** Everything of it that a text holds. */
export const leaksIn = (text: string, names: readonly string[], secrets: readonly string[]): readonly string[] => {
  const lower = text.toLowerCase();
  return [...[...WORDS, ...names, ...secrets].filter((word) => lower.includes(word)), ...(TOKEN.test(text) ? ['a token'] : [])];
};
