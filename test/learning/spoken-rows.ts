/** Made-up utterances about a handful of things, and some about nothing of the kind. */
import { seededRandom, type Table } from '#learning';

const WORDS: Readonly<Record<string, readonly string[]>> = {
  'card lost': ['card', 'lost', 'stolen', 'wallet', 'missing'],
  'change address': ['address', 'moved', 'street', 'house', 'new'],
  'close account': ['close', 'account', 'leave', 'cancel', 'end'],
  'exchange rate': ['rate', 'exchange', 'euro', 'dollar', 'currency'],
  'top up': ['top', 'up', 'load', 'money', 'balance'],
  oos: ['weather', 'poem', 'football', 'dinner', 'joke', 'train', 'film', 'garden'],
};
const AROUND = ['please', 'i', 'want', 'to', 'my', 'the', 'can', 'you', 'help', 'with', 'need', 'is'];

/** Table with the columns `said` and `about`; `labels` names those that occur. */
export const spokenRows = (count: number, seed: number, labels: readonly string[] = Object.keys(WORDS)): Table => {
  const random = seededRandom(seed);
  const pick = (words: readonly string[]): string => words[Math.floor(random() * words.length)] as string;
  const rows = Array.from({ length: count }, (_, at) => {
    const about = labels[at % labels.length] as string;
    const own = WORDS[about] as readonly string[];
    const said = Array.from({ length: 4 + Math.floor(random() * 5) }, (_unused, word) => (word % 3 === 1 ? pick(own) : pick(AROUND)));
    return { line: at + 2, fields: [said.join(' '), about] };
  });
  return { columns: ['said', 'about'], rows };
};
