/**
 * MultiDoGO (github.com/awslabs/multi-domain-goal-oriented-dialogues-dataset, CDLA-Permissive): one turn a
 * row, tab-separated, texts with line ends quoted. Only the customer's turns are published with labels;
 * where a file has a column `authorRole`, the agent's are taken too.
 *
 * Nothing says when a turn was said, so a pace is made up: turn n begins about 6 s times n into the
 * call, and each call begins ten minutes after the one before.
 */
import { SeparatedRows } from '#learning';
import { idOf, LEAD_MS, type RecordedCall, speechMs } from './recorded-call.ts';
import { nameWithin, readPieces } from './read-text.ts';
import type { Recording } from './recording.ts';

const FIRST_CALL_AT_MS = Date.UTC(2019, 0, 7, 9);
const CALL_EVERY_MS = 600_000;
const TURN_EVERY_MS = 6_000;
const PAUSE_MS = 300;

const COLUMNS = ['conversationId', 'turnNumber', 'utterance'] as const;

interface Turn {
  readonly turn: number;
  readonly agent: boolean;
  readonly text: string;
}

const callOf = (file: string, domain: string, conversation: string, turns: readonly Turn[], ordinal: number): RecordedCall => {
  const offeredAtMs = FIRST_CALL_AT_MS + ordinal * CALL_EVERY_MS;
  const connectedAtMs = offeredAtMs + LEAD_MS;
  let lastAtMs = connectedAtMs;
  const items = turns
    .toSorted((a, b) => a.turn - b.turn)
    .map(({ turn, agent, text }) => {
      const startAtMs = Math.max(lastAtMs + PAUSE_MS, connectedAtMs + Math.round(turn * TURN_EVERY_MS));
      lastAtMs = startAtMs + speechMs(text);
      return { kind: 'utterance' as const, speaker: agent ? ('agent' as const) : ('customer' as const), text, endAtMs: lastAtMs };
    });
  return {
    callId: idOf(`multidogo-${file}-${conversation}`),
    origin: 'multidogo',
    agentId: idOf(`multidogo-agent-${domain}`),
    queue: domain.slice(0, 64),
    offeredAtMs,
    items,
    endReason: 'customer-hung-up',
    disposition: 'recorded',
  };
};

/** The calls of one file: rows of one conversation stand together. */
export const multidogoCalls = (): Recording => {
  let ordinal = 0;
  return async function* (file, place) {
    const name = nameWithin(file, place);
    // train.tsv lies in a folder named after its domain, whichever of the two was asked for.
    const domain = file.split(/[/\\]/).at(-2) ?? name;
    const reader = new SeparatedRows('\t');
    let places: { conversation: number; turn: number; text: number; role: number } | undefined;
    let conversation: string | undefined;
    let turns: Turn[] = [];
    const finished = () => callOf(name.includes('-') ? name : `${idOf(domain)}-${name}`, domain, conversation ?? '', turns, ordinal++);
    const rows = async function* () {
      for await (const piece of readPieces(file)) yield* reader.push(piece);
      yield* reader.end();
    };
    for await (const { line, fields } of rows()) {
      if (places === undefined) {
        const at = (column: string) => fields.indexOf(column);
        const missing = COLUMNS.find((column) => at(column) < 0);
        if (missing !== undefined) {
          yield { ok: false, line, reason: `has no column "${missing}"; the columns are ${fields.join(', ').slice(0, 200)}` };
          return;
        }
        places = { conversation: at('conversationId'), turn: at('turnNumber'), text: at('utterance'), role: at('authorRole') };
        continue;
      }
      const id = fields[places.conversation];
      const text = fields[places.text];
      const turn = Number(fields[places.turn]);
      if (id === undefined || id === '' || text === undefined || !Number.isFinite(turn) || turn < 0) {
        yield { ok: false, line, reason: 'is no turn: it needs a conversationId, a turnNumber and an utterance' };
        continue;
      }
      if (id !== conversation && conversation !== undefined) {
        yield { ok: true, call: finished() };
        turns = [];
      }
      conversation = id;
      turns.push({ turn, agent: fields[places.role]?.toLowerCase() === 'agent', text });
    }
    if (turns.length > 0) yield { ok: true, call: finished() };
  };
};
