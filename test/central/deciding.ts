/** The people around significant requests, the policy they decide by, and central as they speak to it. */
import { io, type Socket } from 'socket.io-client';
import { APPROVER_NAMESPACE, type ApprovalItem, type ApprovalQueue, ApprovalView, BrokenGlasses } from '#contract/approval.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { PolicyFile } from '#contract/policy.ts';
import type { PersonRole } from '#contract/roles.ts';
import { RaisedAlert } from '#contract/supervision.ts';
import type { Central } from '#central/central.ts';
import { post } from './device.ts';
import { batch, connected, item, outcome, type TestDesk, until } from './fixture.ts';
import { smallPolicy } from './small-policy.ts';

const person = (id: string, team: string, ...roles: readonly PersonRole[]) => ({
  id,
  name: `Name of ${id}`,
  roles: [...roles],
  teams: [team],
});

export const DECIDERS = [
  person('ann', 'north', 'agent'),
  person('bob', 'north', 'agent', 'approver'),
  person('one', 'north', 'approver'),
  person('two', 'north', 'approver'),
  person('sup', 'north', 'supervisor'),
  person('far', 'south', 'approver'),
  person('glass', 'north', 'break-glass'),
  person('coun', 'north', 'council'),
];

const ROUTE = 'route: { role: approver, within: 10m }';

/** The small policy with another route of its significant action, and with rules. */
export const decidedBy = (route: string, more: readonly PolicyFile[] = []): readonly PolicyFile[] => [
  ...smallPolicy().map((file) => {
    if (!file.path.endsWith('big-credit.yaml')) return file;
    if (!file.text.includes(ROUTE)) throw new Error('the small policy has another route');
    return { ...file, text: file.text.replace(ROUTE, `route: ${route}`) };
  }),
  ...more,
];

export class Deciders {
  readonly #central: () => Central;
  #seq = 0;

  constructor(central: () => Central) {
    this.#central = central;
  }

  async token(who: string): Promise<string> {
    return ((await (await post(this.#central().url, '/dev/token', { person: who })).json()) as { token: string }).token;
  }

  async get(who: string, path: string): Promise<{ readonly status: number; readonly body: unknown }> {
    const response = await fetch(new URL(path, this.#central().url), { headers: { authorization: `Bearer ${await this.token(who)}` } });
    return { status: response.status, body: await response.json() };
  }

  async post(who: string, path: string, body: unknown = {}): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    const response = await post(this.#central().url, path, body, { authorization: `Bearer ${await this.token(who)}` });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  word = (who: string, approvalId: string, word: string, body: unknown = {}) =>
    this.post(who, `/api/approvals/${approvalId}/${word}`, body);

  async view(who: string, approvalId: string): Promise<ApprovalView> {
    const { status, body } = await this.get(who, `/api/approvals/${approvalId}`);
    if (status !== 200) throw new Error(`${who} sees ${status} ${JSON.stringify(body)}`);
    return ApprovalView.parse(body);
  }

  async queue(who: string): Promise<readonly ApprovalItem[]> {
    return ((await this.get(who, '/api/approvals')).body as ApprovalQueue).items;
  }

  /** Looks, says what they think, and says yes or no: what came of it, or why not. */
  async say(who: string, approvalId: string, verdict: 'approved' | 'declined', more: object = {}): Promise<string> {
    const view = await this.view(who, approvalId);
    await this.word(who, approvalId, 'judge', { judgement: verdict === 'approved' ? 'for' : 'against' });
    const { body } = await this.word(who, approvalId, 'verdict', {
      verdict,
      askedHash: view.askedHash,
      ...(verdict === 'declined' ? { reason: 'It is too much' } : {}),
      ...more,
    });
    return String(body['state'] ?? body['error']);
  }

  /** The agent accepts the significant action; its approval. */
  async ask(
    desk: TestDesk,
    callId: string,
    more: Partial<Outcome> = {},
  ): Promise<{ readonly outcomeId: string; readonly approvalId: string }> {
    const accepted = outcome({ callId, kind: 'accepted', actionId: 'big-credit', ...more });
    const { items } = await desk.send(batch('dev-ann', [item(++this.#seq, 'outcome', accepted)], 'deciding'));
    if (items[0]?.result !== 'stored') throw new Error(`not stored: ${JSON.stringify(items)}`);
    return { outcomeId: accepted.id, approvalId: await this.approvalOf(accepted.id) };
  }

  async approvalOf(outcomeId: string): Promise<string> {
    const { db } = this.#central().store;
    const row = await db
      .selectFrom('approval_requests')
      .select('approval_id')
      .where('outcome_id', '=', outcomeId)
      .where('state', '<>', 'changed')
      .executeTakeFirst();
    return row?.approval_id ?? 'none';
  }

  async stateOf(approvalId: string): Promise<string | undefined> {
    const { db } = this.#central().store;
    return (await db.selectFrom('approval_requests').select('state').where('approval_id', '=', approvalId).executeTakeFirst())?.state;
  }

  becomes = (approvalId: string, state: string, withinMs = 20_000) =>
    until(`${approvalId} is ${state}`, async () => (await this.stateOf(approvalId)) === state, withinMs);
}

/** An approver's live lane. */
export class TestApprover {
  readonly queues: ApprovalQueue[] = [];
  readonly items: { readonly item: ApprovalItem; readonly atMs: number }[] = [];
  /** Rooms of what is looked at afterwards in which something changed. */
  readonly changedRooms: string[] = [];
  /** Broken glasses that wait for them, as told last. */
  waiting: readonly string[] = [];
  readonly alerts: RaisedAlert[] = [];
  readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('queue', (queue: ApprovalQueue) => this.queues.push(queue));
    socket.on('reviews', ({ rooms }: { readonly rooms: readonly string[] }) => this.changedRooms.push(...rooms));
    socket.on('breaks', (breaks: unknown) => (this.waiting = BrokenGlasses.parse(breaks).items.map(({ approvalId }) => approvalId)));
    socket.on('alert', (alert: unknown) => this.alerts.push(RaisedAlert.parse(alert)));
    socket.on('item', (one: ApprovalItem) => this.items.push({ item: one, atMs: performance.now() }));
  }

  static async connect(url: string, token: string): Promise<TestApprover> {
    const socket = io(url + APPROVER_NAMESPACE, { transports: ['websocket'], auth: { token }, reconnection: false, forceNew: true });
    const approver = new TestApprover(socket);
    await connected(socket);
    return approver;
  }

  last = (approvalId: string): ApprovalItem | undefined => this.items.findLast(({ item: one }) => one.approvalId === approvalId)?.item;
  close(): void {
    this.socket.disconnect();
  }
}
