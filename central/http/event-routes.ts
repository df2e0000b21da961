/** Call events and what became of them. */
import type { FastifyInstance } from 'fastify';
import { ACTION_ACTED, ACTION_FAILED } from '#contract/system-of-record.ts';
import { Id } from '#contract/text.ts';
import type { AnswerResult } from '../actions/take-answer.ts';
import { readCloudEvents } from '../intake/cloud-event-http.ts';
import type { Intake } from '../intake/intake.ts';
import type { Counters } from '../store/counters.ts';
import type { Query } from '../store/open-store.ts';
import { readCall } from './read-call.ts';
import { scopeOf } from './server.ts';

interface Settings {
  readonly db: Query;
  readonly intake: Intake;
  readonly counters: Counters;
  readonly takeAnswer: (input: unknown) => Promise<AnswerResult>;
  readonly batchBytes: number;
  readonly batchItems: number;
}

export function eventRoutes(server: FastifyInstance, { db, intake, counters, takeAnswer, batchBytes, batchItems }: Settings): void {
  server.post('/api/events', { bodyLimit: batchBytes }, async (request, reply) => {
    const read = readCloudEvents(request.headers, request.body as Buffer);
    if (!read.ok) return reply.code(400).send(intake.refuse('', read.reason, read.detail));
    if (read.kind === 'one') {
      const receipt = await intake.take(read.events[0]);
      return reply.code(receipt.result === 'refused' ? 400 : 200).send(receipt);
    }
    if (read.events.length > batchItems)
      return reply.code(413).send(intake.refuse('', 'too-large', `a batch has at most ${batchItems} events`));
    return reply.send(await intake.takeBatch(read.events));
  });

  server.post('/api/actions/answers', async (request, reply) => {
    const read = readCloudEvents(request.headers, request.body as Buffer);
    if (!read.ok || read.kind === 'batch') {
      counters.add('answers: refused bad-answer');
      const detail = read.ok ? `one ${ACTION_ACTED} or ${ACTION_FAILED} at a time` : read.detail;
      return reply.code(400).send({ result: 'refused', reason: 'bad-answer', detail });
    }
    const answer = await takeAnswer(read.events[0]);
    if (answer.result === 'refused') return reply.code(answer.reason === 'bad-answer' ? 400 : 409).send(answer);
    return reply.send({ result: answer.result });
  });

  server.get('/api/intake', async () => ({ counts: await counters.totals() }));

  server.get<{ Params: { callId: string } }>('/api/calls/:callId', async (request, reply) => {
    const callId = Id.safeParse(request.params.callId);
    // Out of whose reach it is, for that one it is not there.
    const call = callId.success ? await readCall(db, callId.data, scopeOf(request)) : null;
    return call === null ? reply.code(404).send({ error: 'not-found' }) : reply.send(call);
  });
}
