/** Significant requests by HTTP, for whoever decides them and for the agents who asked. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import {
  ApprovalChange,
  ApprovalMessage,
  type ApprovalRefusal,
  APPROVALS_PATH,
  Assignment,
  BreakGlass,
  BreakReview,
  BREAKS_PATH,
  Judgement,
  METER_PATH,
  Nothing,
  Opened,
  SEEDED_PATH,
  SeededCase,
  Verdict,
} from '#contract/approval.ts';
import { Id } from '#contract/text.ts';
import type { PersonPrincipal } from '../access/directory.ts';
import type { ApprovalViews } from '../approvals/approval-views.ts';
import type { ApprovalDone, Approvals } from '../approvals/approvals.ts';
import { meterReadings } from '../approvals/meter-readings.ts';
import { seedCase } from '../approvals/seed-case.ts';
import { readJson } from '../intake/read-json.ts';
import type { Counters } from '../store/counters.ts';
import type { Store } from '../store/open-store.ts';
import { personOf, scopeOf } from './server.ts';

interface Settings {
  readonly store: Store;
  readonly approvals: Approvals;
  readonly views: ApprovalViews;
  readonly counters: Counters;
  readonly nowMs: () => number;
  readonly changed: (approvalId: string) => void;
  /** A glass was broken, or looked at afterwards. */
  readonly broken: () => void;
}

type Params = { Params: { approvalId: string } };

export function approvalRoutes(server: FastifyInstance, { store, approvals, views, counters, nowMs, changed, broken }: Settings): void {
  const refuse = (reply: FastifyReply, status: number, error: string, detail: string): FastifyReply => {
    counters.add(`approvals: refused ${error}`);
    return reply.code(status).send({ error, detail });
  };
  /** What became of it, as whoever asks may see it. */
  const answer = async (request: FastifyRequest, reply: FastifyReply, done: ApprovalDone): Promise<FastifyReply> => {
    if (!done.ok) return refuse(reply, STATUS[done.reason] ?? 409, done.reason, WHY[done.reason]);
    const view = await views.view(done.approvalId, personOf(request), scopeOf(request));
    return view === null ? reply.send({ approvalId: done.approvalId }) : reply.send(view);
  };
  /** Within reach only: what is not is as if it were not there. */
  const word = <T>(
    name: string,
    schema: z.ZodType<T>,
    work: (approvalId: string, person: PersonPrincipal, body: T) => Promise<ApprovalDone>,
  ): void => {
    server.post<Params>(`${APPROVALS_PATH}/:approvalId/${name}`, async (request, reply) => {
      const read = readJson(request.body as Buffer);
      const parsed = schema.safeParse(read.ok ? read.value : null);
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        return refuse(reply, 400, 'bad-request', read.ok ? `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim() : read.detail);
      }
      const id = Id.safeParse(request.params.approvalId);
      const person = personOf(request);
      const isThere = id.success && (await views.sees(id.data, person, scopeOf(request)));
      return answer(request, reply, isThere ? await work(id.data, person, parsed.data) : { ok: false, reason: 'not-found' });
    });
  };

  server.get(APPROVALS_PATH, (request) => views.queue(personOf(request)));

  server.get(BREAKS_PATH, (request) => views.breaks(personOf(request), scopeOf(request)));

  server.get<Params>(`${APPROVALS_PATH}/:approvalId`, async (request, reply) => {
    const id = Id.safeParse(request.params.approvalId);
    const person = personOf(request);
    if (!id.success || !(await views.sees(id.data, person, scopeOf(request)))) return answer(request, reply, NOT_FOUND);
    // Looked at, by whoever may decide it; anybody else just reads.
    await approvals.look(id.data, person.personId);
    return answer(request, reply, { ok: true, approvalId: id.data });
  });

  word('opened', Opened, (id, { personId }, { evidence }) => approvals.look(id, personId, evidence));
  word('judge', Judgement, (id, { personId }, judgement) => approvals.judge(id, personId, judgement));
  word('verdict', Verdict, (id, { personId }, verdict) => approvals.decide(id, personId, verdict));
  word('assign', Assignment, (id, { personId }, body) => approvals.assign(id, personId, body.personId ?? personId));
  word('message', ApprovalMessage, (id, { personId }, { text }) => approvals.say(id, personId, text));
  word('change', ApprovalChange, (id, { personId }, change) => approvals.change(id, personId, change));
  word('withdraw', Nothing, (id, { personId }) => approvals.withdraw(id, personId));
  const afterBreak = async (work: Promise<ApprovalDone>): Promise<ApprovalDone> => {
    const done = await work;
    if (done.ok) broken();
    return done;
  };
  word('break-glass', BreakGlass, (id, { personId }, reason) => afterBreak(approvals.breakGlass(id, personId, reason)));
  word('break-glass/review', BreakReview, (id, { personId }, review) => afterBreak(approvals.reviewBreak(id, personId, review)));

  server.post(SEEDED_PATH, async (request, reply) => {
    const read = readJson(request.body as Buffer);
    const parsed = SeededCase.safeParse(read.ok ? read.value : null);
    if (!parsed.success)
      return refuse(reply, 400, 'bad-request', 'name the outcome of a significant request, and what to make wrong of it');
    const approvalId = await seedCase(store, parsed.data, scopeOf(request), nowMs());
    if (approvalId === null) return refuse(reply, 404, 'not-found', 'there is no significant request of this outcome');
    changed(approvalId);
    return reply.code(201).send({ approvalId });
  });

  server.get<{ Querystring: { days?: string } }>(METER_PATH, async (request, reply) => {
    const days = Number(request.query.days ?? 30);
    if (!Number.isInteger(days) || days < 1 || days > 400) return refuse(reply, 400, 'bad-request', 'days is a whole number from 1 to 400');
    return reply.send(await meterReadings(store.db, nowMs() - days * 86_400_000, personOf(request), scopeOf(request)));
  });
}

const NOT_FOUND: ApprovalDone = { ok: false, reason: 'not-found' };

const STATUS: Readonly<Partial<Record<ApprovalRefusal, number>>> = {
  'not-found': 404,
  'own-request': 403,
  'not-your-request': 403,
  'not-your-role': 403,
  'own-break': 403,
};

const WHY: Readonly<Record<ApprovalRefusal, string>> = {
  'not-found': 'there is no such request',
  over: 'it is over',
  expired: 'its time is over: what ran out was never approved',
  'own-request': 'another person decides than who asks',
  'not-your-request': 'only who asked may',
  'not-your-role': 'this is for others to decide',
  'not-judged-yet': 'say first what you think of it: the verdict comes after',
  'judged-already': 'the first judgement stays',
  'given-already': 'it was decided already',
  'asked-changed': 'something else is asked by now: look at it again',
  'not-approved': 'it is not approved',
  'approver-may-not-any-more': 'who approved it may not any more',
  'consent-withdrawn': 'the customer withdrew their consent',
  'known-wrong': 'it is known to be wrong',
  'nothing-changes': 'it is what is asked',
  'above-the-offer': 'the policy offers no more than what was asked first',
  'nobody-to-assign': 'that person may not decide it',
  'nothing-to-review': 'the glass was not broken, or it was looked at already',
  'own-break': 'another person looks at it than who broke the glass or asked',
};
