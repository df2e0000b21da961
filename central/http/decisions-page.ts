/** The one page central serves: the last decisions, as a plain table. No scripts; everything in it is escaped. */
import { type Scope, withinScope } from '../access/scope.ts';
import type { Query } from '../store/open-store.ts';

const ROWS = 100;
const ANSWERS: readonly string[] = ['accepted', 'rejected', 'snoozed', 'overridden', 'expired', 'withdrawn', 'superseded'];

export const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

interface DecisionLine {
  readonly atMs: number;
  readonly callId: string;
  readonly agentId: string;
  readonly result: string;
  readonly reason: string;
  readonly rung: string;
  readonly answer: string;
  readonly request: string;
}

export async function decisionsPage(db: Query, counts: Readonly<Record<string, number>>, scope: Scope): Promise<string> {
  const lines = await readLines(db, scope);
  const rows = lines.map(
    ({ atMs, callId, agentId, result, reason, rung, answer, request }) =>
      `<tr>${[new Date(atMs).toISOString(), callId, agentId, result, reason, rung, answer, request].map((cell) => `<td><bdi>${escaped(cell)}</bdi></td>`).join('')}</tr>`,
  );
  const counted = Object.entries(counts).map(([name, n]) => `<tr><td>${escaped(name)}</td><td>${n}</td></tr>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sotto: the last decisions</title>
<style>
:root { color-scheme: light dark; font: 14px/1.45 system-ui, sans-serif; }
body { margin: 2rem; }
table { border-collapse: collapse; }
th, td { text-align: start; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); vertical-align: top; }
td { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
</style>
</head>
<body>
<main>
<h1>The last decisions</h1>
<div class="wide" tabindex="0" role="region" aria-label="Decisions">
<table>
<thead><tr>${['Time (UTC)', 'Call', 'Agent', 'Decision', 'Reason', 'Rung', 'Answer', 'Request'].map((name) => `<th scope="col">${name}</th>`).join('')}</tr></thead>
<tbody>${rows.length > 0 ? rows.join('\n') : '<tr><td colspan="8">No decision has arrived yet.</td></tr>'}</tbody>
</table>
</div>
<h2>Taken and refused</h2>
<table>
<thead><tr><th scope="col">What</th><th scope="col">Count</th></tr></thead>
<tbody>${counted.length > 0 ? counted.join('\n') : '<tr><td colspan="2">Nothing has arrived yet.</td></tr>'}</tbody>
</table>
</main>
</body>
</html>
`;
}

/** What of a stored record the page shows. Records were checked when they came. */
interface Shown {
  readonly rung: string;
  readonly result:
    | {
        readonly kind: 'show';
        readonly prompts: readonly { readonly actionId: string; readonly role: string }[];
      }
    | { readonly kind: 'refrain'; readonly reason: string; readonly best: string | null };
  readonly trigger: Readonly<Record<string, string | number>>;
}

async function readLines(db: Query, scope: Scope): Promise<readonly DecisionLine[]> {
  const decisions = await db
    .selectFrom('decisions')
    .select(['id', 'at_ms', 'call_id', 'agent_id', 'body'])
    .where(withinScope(scope, 'decisions.agent_id'))
    .orderBy('at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(ROWS)
    .execute();
  if (decisions.length === 0) return [];
  const ids = decisions.map(({ id }) => id);
  const outcomes = await db
    .selectFrom('outcomes')
    .select(['id', 'decision_id', 'kind', 'action_id', 'retracts', 'body'])
    .where('decision_id', 'in', ids)
    .orderBy('clock')
    .orderBy('id')
    .execute();
  const requests = await db
    .selectFrom('action_requests')
    .select(['decision_id', 'action_id', 'state', 'detail'])
    .where('decision_id', 'in', ids)
    .execute();
  const takenBack = new Set(outcomes.map(({ retracts }) => retracts).filter((id) => id !== null));
  return decisions.map(({ id, at_ms, call_id, agent_id, body }) => {
    const { rung, result, trigger } = JSON.parse(body) as Shown;
    const answers = outcomes
      .filter((outcome) => outcome.decision_id === id && ANSWERS.includes(outcome.kind))
      .map(
        ({ id: outcomeId, kind, action_id, body: { reason } }) =>
          `${kind} ${action_id}${reason === undefined ? '' : ` (${reason})`}${takenBack.has(outcomeId) ? ', taken back' : ''}`,
      );
    return {
      atMs: at_ms,
      callId: call_id,
      agentId: agent_id,
      result:
        result.kind === 'show'
          ? result.prompts.map(({ actionId, role }) => (role === 'primary' ? actionId : `${actionId} (chip)`)).join(', ')
          : 'refrain',
      reason:
        result.kind === 'show'
          ? `after ${Object.values(trigger).join(' ')}`
          : `${result.reason}${result.best === null ? '' : `: ${result.best}`}`,
      rung,
      answer: answers.join('; '),
      request: requests
        .filter(({ decision_id }) => decision_id === id)
        .map(({ action_id, state, detail }) => `${action_id} ${state}${detail === null ? '' : `: ${detail}`}`)
        .join('; '),
    };
  });
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
