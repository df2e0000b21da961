/** What desks and central say to each other, held by its protocol number: whoever changes one must change the other. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import * as live from '#contract/live.ts';
import * as sync from '#contract/sync.ts';
import { canonicalJson } from '#core';
import { HASHES } from './wire-hashes.ts';

/** Every schema a module exports, also those in a record of schemas. */
const schemasOf = (module: object): readonly (readonly [string, z.ZodType])[] =>
  Object.entries(module).flatMap(([name, exported]): (readonly [string, z.ZodType])[] => {
    if (exported instanceof z.ZodType) return [[name, exported]];
    if (typeof exported !== 'object' || exported === null) return [];
    return Object.entries(exported).flatMap(([key, one]) => (one instanceof z.ZodType ? [[`${name}.${key}`, one] as const] : []));
  });

test('a message that changes needs a new protocol number', () => {
  const messages = [...schemasOf(live), ...schemasOf(sync)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  expect(messages.length).toBeGreaterThan(12);
  const shapes = messages.map(([name, schema]) => [name, z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })] as const);
  const hash = createHash('sha256').update(canonicalJson(shapes)).digest('hex');
  expect(hash, `protocol ${live.LIVE_PROTOCOL} is another one now`).toBe(HASHES[live.LIVE_PROTOCOL]);
});
