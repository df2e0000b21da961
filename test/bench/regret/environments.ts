/** Real sets as worlds to explore: which actions there are in which situation, and how often each is answered with yes. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readTable } from '#learning';

export interface World {
  readonly name: string;
  /** By situation: how often it comes up, and the rate of each action it has. */
  readonly situations: readonly Situation[];
  /** Names of the actions of all situations. */
  readonly actions: readonly string[];
}

export interface Situation {
  readonly weight: number;
  /** By number of the action; NaN where it is not to be had. */
  readonly rates: readonly number[];
}

interface Answer {
  readonly situation: string;
  readonly action: string;
  readonly isYes: boolean;
}

/** Responses that draw a rate towards the one of its situation: of a few responses nobody knows the rate. */
const DRAWN = 20;
/** An action with fewer responses in a situation is none of it. */
const LEAST = 20;

function worldOf(name: string, answers: readonly Answer[]): World {
  const situations = new Map<string, Map<string, { yes: number; all: number }>>();
  for (const { situation, action, isYes } of answers) {
    let own = situations.get(situation);
    if (own === undefined) situations.set(situation, (own = new Map()));
    const count = own.get(action) ?? { yes: 0, all: 0 };
    own.set(action, { yes: count.yes + (isYes ? 1 : 0), all: count.all + 1 });
  }
  const actions = [...new Set(answers.map(({ action }) => action))].toSorted();
  const found = [...situations.values()].flatMap((counts): readonly Situation[] => {
    const all = [...counts.values()];
    const weight = all.reduce((sum, count) => sum + count.all, 0);
    const mean = all.reduce((sum, count) => sum + count.yes, 0) / weight;
    const rates = actions.map((action) => {
      const count = counts.get(action);
      return count === undefined || count.all < LEAST ? Number.NaN : (count.yes + DRAWN * mean) / (count.all + DRAWN);
    });
    return rates.filter((rate) => !Number.isNaN(rate)).length < 3 ? [] : [{ weight, rates }];
  });
  return { name, situations: found, actions };
}

/** Recommendations of a shop that were drawn evenly: items by the place they were shown in. */
function openBandit(folder: string): World {
  const table = readTable(readFileSync(path.join(folder, 'open-bandit', 'men', 'random.csv'), 'utf8'));
  const at = (name: string): number => table.columns.indexOf(name);
  return worldOf(
    'open-bandit',
    table.rows.map(({ fields }) => ({
      situation: fields[at('position')] ?? '',
      action: `item-${fields[at('item_id')] ?? ''}`,
      isYes: fields[at('click')] === '1',
    })),
  );
}

/** Decisions of a bank that were answered: offers by channel. */
function offers(folder: string): World {
  const lines = gunzipSync(readFileSync(path.join(folder, 'pega-sample', 'decisions-first-half.jsonl.gz')))
    .toString('utf8')
    .trimEnd()
    .split('\n');
  return worldOf(
    'offers',
    lines.map((line) => {
      const row = JSON.parse(line) as Readonly<Record<string, string | null>>;
      return {
        situation: `${row['Context_Channel'] ?? ''} ${row['Context_Direction'] ?? ''}`,
        action: row['Context_Name'] ?? '',
        isYes: row['Decision_Outcome'] === 'Accepted',
      };
    }),
  );
}

/** What agents did next in recorded calls, by what they had done before: an action is right where it is the one they took. */
function nextActions(folder: string): World {
  const lines = gunzipSync(readFileSync(path.join(folder, 'star', 'dialogues.jsonl.gz')))
    .toString('utf8')
    .trimEnd()
    .split('\n');
  const taken: { readonly situation: string; readonly label: string }[] = [];
  for (const line of lines) {
    const { Events = [], Scenario } = JSON.parse(line) as {
      readonly Events?: readonly { readonly Agent?: string; readonly Action?: string; readonly ActionLabel?: string | null }[];
      readonly Scenario?: { readonly Happy?: boolean; readonly WizardCapabilities?: readonly { readonly Task?: string }[] };
    };
    if (Scenario?.Happy !== true) continue;
    let before = 'begin';
    for (const { Agent, ActionLabel } of Events) {
      if (Agent !== 'Wizard' || typeof ActionLabel !== 'string') continue;
      taken.push({ situation: `${Scenario.WizardCapabilities?.[0]?.Task ?? ''} ${before}`, label: ActionLabel });
      before = ActionLabel;
    }
  }
  // An agent took one; the others are known to have been wrong.
  const labels = new Map<string, number>();
  for (const { label } of taken) labels.set(label, (labels.get(label) ?? 0) + 1);
  const usual = [...labels]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 40)
    .map(([label]) => label);
  const situations = new Map<string, number>();
  for (const { situation } of taken) situations.set(situation, (situations.get(situation) ?? 0) + 1);
  const frequent = new Set(
    [...situations]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, 30)
      .map(([situation]) => situation),
  );
  return worldOf(
    'next-actions',
    taken.flatMap(({ situation, label }) =>
      frequent.has(situation) ? usual.map((action) => ({ situation, action, isYes: action === label })) : [],
    ),
  );
}

export const WORLDS: Readonly<Record<string, (folder: string) => World>> = {
  'open-bandit': openBandit,
  offers,
  'next-actions': nextActions,
};
