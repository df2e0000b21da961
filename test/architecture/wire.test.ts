/** What desks and central say to each other, held by its protocol number: whoever changes one must change the other. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import * as live from '#contract/live.ts';
import * as sync from '#contract/sync.ts';
import { canonicalJson } from '#core';

/** The SHA-256 of all messages, by protocol number. Desks in the field speak the older ones: a number that was released keeps its hash. */
const HASHES: Readonly<Record<number, string>> = {
  5: 'c431eb100bfe9ab18380330d32e3463e4a83cab05d0fa798572d40d1863df87f',
  4: '51477d8d39782233640a5a3e087245897173439a8e5ec87264d5a97b68f13380',
  3: '3571997f27512857f26b3d50ae0dec71c8c17a6d5f00b44ad9c8a5485a6d5750',
  2: 'a2b9b9ad2a3617a5ca416700da01039a1693b1e399e7074de59f81ad2d2aab01',
};

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
