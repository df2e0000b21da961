/** Two nodes with people of three teams, what their desks show, and calls that are told at one node and end at the other. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeskCallState } from '#contract/supervision.ts';
import { Deciders } from './deciding.ts';
import type { Engine } from './engines.ts';
import { type Opened, openCentral, Producer } from './fixture.ts';
import { smallPolicy } from './small-policy.ts';

const PEOPLE = [
  { id: 'ann', name: 'Ann', teams: ['north'] },
  { id: 'bob', name: 'Bob', teams: ['north', 'night'] },
  { id: 'zoe', name: 'Zoe', teams: ['south'] },
  { id: 'sup', name: 'Sue Pervisor', roles: ['supervisor' as const], teams: ['north'] },
  { id: 'nix', name: 'Nix', roles: ['supervisor' as const], teams: ['south'] },
  { id: 'coun', name: 'Council', roles: ['council' as const], teams: [] },
];

export const state = (callId: string, more: Partial<DeskCallState> = {}): DeskCallState => ({
  callId,
  rung: 'model',
  topic: null,
  prompt: null,
  ...more,
});
export const must = (sinceMs: number): DeskCallState['prompt'] => ({
  decisionId: 'd-1',
  actionId: 'explain-bill',
  urgency: 'must',
  sinceMs,
});

export interface SupervisedNodes {
  readonly a: Opened;
  readonly b: Opened;
  readonly people: Deciders;
  readonly atB: Deciders;
  begin(agentId: string): Promise<Producer>;
  end(producer: Producer): Promise<unknown>;
  close(): Promise<void>;
}

export async function supervisedNodes(engine: Engine): Promise<SupervisedNodes> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-supervision-'));
  const options = { folder, limits: { requestsPerMinute: 1_000_000 }, live: { pollMs: 2_000, reorderMs: 20 } };
  const store = await engine.open();
  const a = await openCentral(store, options);
  const b = await openCentral(await engine.again(store), options);
  await a.central.loadOrganisation({ agents: PEOPLE, customers: [], policyFiles: smallPolicy(), models: [] });
  return {
    a,
    b,
    people: new Deciders(() => a.central),
    atB: new Deciders(() => b.central),
    async begin(agentId) {
      const producer = new Producer();
      await a.central.intake(producer.offered(agentId));
      return producer;
    },
    end: (producer) => b.central.intake(producer.event('sotto.call.ended', { reason: 'customer-hung-up' })),
    async close() {
      await b.close();
      await a.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
