/** The people who change policy, what they change, and central as they speak to it. */
import { expect } from 'vitest';
import type { Central } from '#central/central.ts';
import { type ChangeStatus, ChangeView } from '#contract/change-request.ts';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { PolicyFile } from '#contract/policy.ts';
import type { PersonRole } from '#contract/roles.ts';
import { checkRevision, revisionHash } from '#policy';
import { post } from './device.ts';
import { sha256 } from './fixture.ts';
import { smallPolicy } from './small-policy.ts';

const person = (id: string, ...roles: readonly PersonRole[]) => ({ id, name: id, roles: [...roles] });
export const PEOPLE = [
  person('ann', 'agent'),
  person('c1', 'council'),
  person('c2', 'council'),
  person('c3', 'council'),
  person('h1', 'huddle'),
  person('h2', 'huddle'),
  person('h3', 'huddle'),
  person('sup', 'supervisor'),
  person('op', 'operator'),
];

export const edited = (version: number, file: string, from: string, to: string): readonly PolicyFile[] =>
  smallPolicy(version).map((one) => {
    if (one.path !== file) return one;
    if (!one.text.includes(from)) throw new Error(`${file} has no ${from}`);
    return { ...one, text: one.text.replace(from, to) };
  });
export const EXPLAIN = 'actions/care/billing/explain-bill.yaml';
/** What only the council may change. */
export const stricter = (version: number) => edited(version, EXPLAIN, 'reasons:', 'eligibility: [\'profile.plan == "gold"\']\nreasons:');
/** What the huddle may. */
export const reworded = (version: number, words = 'Explain it') => edited(version, EXPLAIN, 'do: Do explain-bill', `do: ${words}`);

/** Throws where it is refused. */
export const checked = (files: readonly PolicyFile[]): CheckedRevision => {
  const check = checkRevision(files, { hash: revisionHash(files, sha256) });
  if (!check.ok) throw new Error(JSON.stringify(check.faults));
  return check.revision;
};

export class People {
  readonly #central: () => Central;

  constructor(central: () => Central) {
    this.#central = central;
  }

  async token(who: string): Promise<string> {
    return ((await (await post(this.#central().url, '/dev/token', { person: who })).json()) as { token: string }).token;
  }

  async ask(who: string, path: string, body: unknown): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    const response = await post(this.#central().url, path, body, { authorization: `Bearer ${await this.token(who)}` });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async propose(who: string, files: readonly PolicyFile[], more: object = {}): Promise<ChangeView> {
    const { status, body } = await this.ask(who, '/api/changes', {
      kind: 'revision',
      files,
      title: 'A change',
      reason: 'Because of it',
      ...more,
    });
    if (status !== 201) throw new Error(JSON.stringify(body));
    return ChangeView.parse(body);
  }

  review = (who: string, id: string, verdict = 'approved') =>
    this.ask(who, `/api/changes/${id}/review`, { verdict, reason: 'Looked at it' });
  publish = (who: string, id: string) => this.ask(who, `/api/changes/${id}/publish`, {});

  async status(): Promise<ChangeStatus> {
    const response = await fetch(`${this.#central().url}/api/changes/status`, {
      headers: { authorization: `Bearer ${await this.token('op')}` },
    });
    return (await response.json()) as ChangeStatus;
  }

  /** All three. */
  async through(files: readonly PolicyFile[]): Promise<string> {
    const { requestId, hash } = await this.propose('c1', files);
    await this.review('c2', requestId);
    expect((await this.publish('c3', requestId)).status).toBe(200);
    return hash;
  }
}
