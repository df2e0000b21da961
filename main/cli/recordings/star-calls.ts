/**
 * STAR (github.com/RasaHQ/STAR, MIT): one dialogue per line, every event with its second.
 *
 * Speech is what reached the other side: the customer's and the wizard's `utter`, and the suggestion
 * the wizard picked. What the wizard typed to ask for suggestions was never said, and the guide's
 * instructions are no part of the call. A query is a step of the customer's journey.
 */
import { z } from 'zod';
import { idOf, LEAD_MS, type RecordedCall } from './recorded-call.ts';
import { nameWithin, readLines } from './read-text.ts';
import type { Recording } from './recording.ts';

const StarEvent = z.object({
  Agent: z.string(),
  Action: z.string(),
  /** Whole seconds; answers of the knowledge base have none. */
  UnixTime: z.number().nonnegative().optional(),
  Text: z.string().nullish(),
  APIName: z.string().nullish(),
  Constraints: z.array(z.record(z.string(), z.unknown())).nullish(),
});

const StarDialogue = z.object({
  DialogueID: z.union([z.int(), z.string()]),
  BatchID: z.string().nullish(),
  CompletionLevel: z.string().nullish(),
  AnonymizedUserWorkerID: z.string().nullish(),
  AnonymizedWizardWorkerID: z.string().nullish(),
  Scenario: z.object({ Domains: z.array(z.string().nullable()).nullish() }).nullish(),
  Events: z.array(StarEvent),
});

/** Where a dialogue without a single time is put: its batch's second, which the batch's name ends with. */
const batchAtMs = (batch: string | null | undefined): number => {
  const seconds = Number(/(\d{9,10})$/.exec(batch ?? '')?.[1] ?? Number.NaN);
  return Number.isNaN(seconds) ? Date.UTC(2020, 0, 1) : seconds * 1_000;
};

const isSpeech = ({ Agent, Action }: z.infer<typeof StarEvent>): boolean =>
  (Action === 'utter' && (Agent === 'User' || Agent === 'Wizard')) || (Action === 'pick_suggestion' && Agent === 'Wizard');

/** A query's `RequestType` constraint says whether it checks or books. */
const stepOf = (constraints: readonly Record<string, unknown>[]): string => {
  const request = constraints.map((constraint) => constraint['RequestType']).find((value) => typeof value === 'string');
  return request === undefined ? 'query' : `query-${request.replaceAll(/[^A-Za-z]+/g, '').toLowerCase()}`;
};

const callOf = (dialogue: z.infer<typeof StarDialogue>, file: string): RecordedCall => {
  const domains = (dialogue.Scenario?.Domains ?? []).filter((domain) => domain !== null);
  const first = dialogue.Events.find(({ UnixTime }) => UnixTime !== undefined)?.UnixTime;
  const firstAtMs = first === undefined ? batchAtMs(dialogue.BatchID) : first * 1_000;
  const items: RecordedCall['items'][number][] = [];
  let atMs = firstAtMs;
  for (const event of dialogue.Events) {
    if (event.UnixTime !== undefined) atMs = event.UnixTime * 1_000;
    if (isSpeech(event) && typeof event.Text === 'string')
      items.push({ kind: 'utterance', speaker: event.Agent === 'User' ? 'customer' : 'agent', text: event.Text, endAtMs: atMs });
    else if (event.Action === 'query')
      items.push({ kind: 'step', journey: event.APIName ?? 'query', step: stepOf(event.Constraints ?? []), atMs });
  }
  const complete = dialogue.CompletionLevel === 'Complete';
  return {
    callId: idOf(`star-${file}-${dialogue.DialogueID}`),
    origin: 'star',
    agentId: idOf(`star-wizard-${dialogue.AnonymizedWizardWorkerID ?? 'unknown'}`),
    ...(typeof dialogue.AnonymizedUserWorkerID !== 'string' ? {} : { customerId: idOf(`star-user-${dialogue.AnonymizedUserWorkerID}`) }),
    queue: (domains.join('+') || 'star').slice(0, 64),
    offeredAtMs: firstAtMs - LEAD_MS,
    items,
    endReason: complete ? 'customer-hung-up' : 'dropped',
    disposition: dialogue.CompletionLevel ?? 'unknown',
  };
};

/** The calls of one file; a line that is no dialogue comes as what is wrong with it. */
export const starCalls: Recording = async function* (file, place) {
  const name = nameWithin(file, place);
  for await (const { line, text } of readLines(file)) {
    let dialogue: unknown;
    try {
      dialogue = JSON.parse(text);
    } catch {
      yield { ok: false, line, reason: 'is no JSON' };
      continue;
    }
    const parsed = StarDialogue.safeParse(dialogue);
    if (parsed.success) yield { ok: true, call: callOf(parsed.data, name) };
    else {
      const issue = parsed.error.issues[0];
      yield { ok: false, line, reason: `is no STAR dialogue: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}` };
    }
  }
};
