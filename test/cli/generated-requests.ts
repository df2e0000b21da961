/** Requests made for a revision from a seed: customers whose values lie around what its conditions ask for, on calls where its phrases are said. */
import type { CheckedField, CheckedRevision } from '#contract/checked-policy.ts';
import type { Condition } from '#contract/condition.ts';
import { DEFAULT_AT_MS, type DecisionRequest } from '#contract/decision-request.ts';
import { CHANNELS, type FieldValue } from '#contract/profile.ts';
import { seededRandom } from '#learning';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type Fields = Record<string, FieldValue | null>;

class Dice {
  readonly #unit: () => number;

  constructor(seed: number) {
    this.#unit = seededRandom(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#unit() * limit);
  }

  chance(share: number): boolean {
    return this.#unit() < share;
  }

  of<T>(all: readonly T[]): T {
    const one = all[this.below(all.length)];
    if (one === undefined) throw new Error('nothing to choose from');
    return one;
  }

  some<T>(all: readonly T[], share: number): T[] {
    return all.filter(() => this.chance(share));
  }
}

/** Literals that conditions compare a field with. */
const literalsOf = (revision: CheckedRevision): ReadonlyMap<string, readonly (number | string | boolean)[]> => {
  const found = new Map<string, (number | string | boolean)[]>();
  const add = (path: string, ...values: readonly (number | string | boolean)[]) => found.set(path, [...(found.get(path) ?? []), ...values]);
  const walk = (condition: Condition): void => {
    switch (condition.op) {
      case 'and':
      case 'or':
        condition.of.forEach(walk);
        return;
      case 'not':
        return walk(condition.of);
      case 'compare':
        if (condition.left.kind !== 'count') add(condition.left.path, condition.right);
        return;
      case 'in':
        if (condition.left.kind !== 'count') add(condition.left.path, ...condition.set);
        return;
      case 'has':
        add(condition.path, condition.value);
        return;
      case 'said':
      case 'literal':
        return;
    }
  };
  for (const action of revision.actions)
    for (const stage of [action.eligibility, action.applicability, action.suitability]) for (const { condition } of stage) walk(condition);
  for (const { condition } of revision.care) walk(condition);
  return found;
};

const valueOf = (field: CheckedField, literals: readonly (number | string | boolean)[], dice: Dice, nowMs: number): FieldValue | null => {
  const near = literals.length > 0 && dice.chance(0.8) ? dice.of(literals) : undefined;
  switch (field.type) {
    case 'boolean':
      return dice.chance(0.35);
    case 'number':
      return (typeof near === 'number' ? near : 20) + dice.of([-10, -1, 0, 0, 0.5, 1, 12]);
    case 'enum':
      return dice.of(field.values ?? ['?']);
    case 'set':
      return dice.some(field.values ?? [], 0.5);
    case 'text':
      return typeof near === 'string' ? near : dice.of(['Carlton', 'Fitzroy']);
    case 'time': {
      const ms = typeof near === 'number' ? near : 30 * DAY_MS;
      return new Date(nowMs - ms + dice.of([-DAY_MS, -HOUR_MS, 0, HOUR_MS, DAY_MS, 30 * DAY_MS])).toISOString();
    }
  }
};

const profileFields = (revision: CheckedRevision, literals: ReturnType<typeof literalsOf>, dice: Dice, nowMs: number): Fields => {
  const fields: Fields = {};
  for (const field of revision.fields) {
    const [root, name] = field.path.split('.');
    if (root !== 'profile' || name === undefined || dice.chance(0.06)) continue;
    fields[name] = valueOf(field, literals.get(field.path) ?? [], dice, nowMs);
  }
  return fields;
};

/** `count` requests; the same seed gives the same ones. Customers come back: there are a third as many as requests. */
export const generatedRequests = (revision: CheckedRevision, count: number, seed = 1): readonly DecisionRequest[] => {
  const dice = new Dice(seed);
  const literals = literalsOf(revision);
  const actions = revision.actions.map(({ id }) => id);
  const phrases = revision.topics.flatMap(({ by, phrases: all }) =>
    all.map((text) => ({ speaker: by === 'agent' ? by : 'customer', text }) as const),
  );
  return Array.from({ length: count }, (_, index): DecisionRequest => {
    const atMs = DEFAULT_AT_MS + dice.below(300) * DAY_MS + dice.below(24 * 3_600) * 1_000;
    const customerId = `cust-${dice.below(Math.ceil(count / 3)) + 1}`;
    const isKnown = dice.chance(0.92);
    const interaction = () => ({
      kind: dice.of(['seen', 'seen', 'delivered', 'rejected', 'accepted', 'customer-declined'] as const),
      channel: dice.of(['voice', 'voice', 'letter', 'email'] as const),
      atMs: atMs - dice.below(40) * 6 * HOUR_MS - 1_000,
      ...(dice.chance(0.85) ? { actionId: dice.of(actions) } : {}),
    });
    return {
      id: `dec-${index + 1}`,
      atMs,
      seed: dice.below(2 ** 32),
      clock: index + 1,
      channel: dice.chance(0.97) ? 'voice' : dice.of(CHANNELS),
      level: dice.of(['guided', 'standard', 'minimal']),
      ...(isKnown
        ? {
            profile: {
              customerId,
              asOfMs: atMs - dice.below(60) * HOUR_MS,
              displayName: `Zoë Ångström ${index}`,
              fields: profileFields(revision, literals, dice, atMs),
              consents: revision.purposes
                .filter(() => dice.chance(0.7))
                .map(({ id }) => ({ purpose: id, granted: dice.chance(0.85), atMs: atMs - dice.below(9) * DAY_MS })),
              history: Array.from({ length: dice.below(5) }, interaction),
            },
          }
        : {}),
      call: {
        ...(isKnown ? { identity: dice.of(['verified', 'verified', 'asserted']) } : {}),
        direction: dice.of(['inbound', 'inbound', 'outbound']),
        queue: dice.of(['billing', 'sales', 'Grüße']),
        connectedAtMs: atMs - dice.below(600) * 1_000,
        ivr: dice.some(['complaint', 'billing'], 0.3),
        transfers: dice.of([0, 0, 1]),
        utterances:
          phrases.length === 0
            ? []
            : Array.from({ length: dice.below(3) }, () => ({ ...dice.of(phrases), atMs: atMs - dice.below(200) * 1_000 })).map((said) => ({
                ...said,
                text: `Well, ${said.text.toUpperCase()}, I’d say`,
              })),
        contacts: dice.chance(0.1) ? [interaction()] : [],
        eventsMissing: dice.chance(0.03),
      },
      outcomes: dice.chance(0.25)
        ? [
            {
              kind: dice.of(['rejected', 'snoozed', 'accepted', 'seen'] as const),
              actionId: dice.of(actions),
              atMs: atMs - dice.below(300) * 1_000,
            },
          ]
        : [],
      excluded: dice.chance(0.03) ? [dice.of(actions)] : [],
      quiet: dice.chance(0.03),
      speaking: dice.chance(0.1) ? { by: 'customer', sinceMs: atMs - 500 } : null,
    };
  });
};

/** The same request with the members of every object in another order. */
export const shuffled = <T>(value: T, seed: number): T => {
  const dice = new Dice(seed);
  const walk = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part !== 'object' || part === null) return part;
    const entries = Object.entries(part).map(([name, member]) => [dice.below(2 ** 32), name, walk(member)] as const);
    return Object.fromEntries(entries.toSorted((a, b) => a[0] - b[0]).map(([, name, member]) => [name, member]));
  };
  return walk(value) as T;
};

export const asLines = (values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');
