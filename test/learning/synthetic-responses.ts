/** Made-up responses whose true model is known. */
import { seededRandom, type Table } from '#learning';

export interface Truth {
  readonly intercepts: readonly number[];
  readonly age: number;
  readonly fibre: number;
  readonly late: number;
}

export const TRUTH: Truth = { intercepts: [-1.5, -0.5, 0.3], age: 0.8, fibre: 1.2, late: -0.9 };
export const ACTIONS = ['offer-credit', 'offer-fibre', 'show-app'];

/** Rows with columns profile.age (number), profile.product (enum), profile.late (boolean), call.topics (set), actionId, accepted. */
export const syntheticTable = (rows: number, seed: number, truth: Truth = TRUTH): Table => {
  const random = seededRandom(seed);
  const made = Array.from({ length: rows }, (_, at) => {
    const age = Math.round(20 + random() * 60);
    const product = random() < 0.5 ? 'fibre' : 'copper';
    const late = random() < 0.3;
    const topics = random() < 0.4 ? 'billing|outage' : '[]';
    const action = Math.floor(random() * 3);
    const odds =
      (truth.intercepts[action] ?? 0) + (truth.age * (age - 50)) / 17.3 + (product === 'fibre' ? truth.fibre : 0) + (late ? truth.late : 0);
    const accepted = random() < 1 / (1 + Math.exp(-odds));
    const known = random() < 0.95;
    return {
      line: at + 2,
      fields: [known ? String(age) : '', product, String(late), topics, ACTIONS[action] ?? '', String(accepted)],
    };
  });
  return { columns: ['profile.age', 'profile.product', 'profile.late', 'call.topics', 'actionId', 'accepted'], rows: made };
};
