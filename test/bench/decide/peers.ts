/** The rule engines a user would pick instead. Each only filters; scoring and ranking are the floor's own. */
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Contestant } from './contestant.ts';
import { Scorer } from './scorer.ts';
import type { Asked, Profile, Workload } from './workload.ts';
import { zenEngine } from './zen-engine.ts';

/** Writes the actions that pass into `eligible`, ascending, and says how many. */
export type Filter = (profile: Profile, eligible: Int32Array) => number | Promise<number>;

export interface Peer {
  readonly name: string;
  readonly prepare: (workload: Workload, load: PeerLoader) => Filter;
}

/** Loads an installed package. What it looks like is said where it is used: its types are not there before it is installed. */
export type PeerLoader = (name: string) => unknown;

export const PEERS_FOLDER = path.join(import.meta.dirname, '..', 'peers');
const loadPeer: PeerLoader = createRequire(path.join(PEERS_FOLDER, 'package.json'));

/** Action numbers in no order → ascending in `eligible`. */
function sortInto(eligible: Int32Array, found: readonly number[]): number {
  eligible.set(found);
  eligible.subarray(0, found.length).sort();
  return found.length;
}

/** One compiled test per action, asked one after the other. */
function oneByOne(tests: readonly ((profile: Profile) => unknown)[]): Filter {
  return (profile, eligible) => {
    let count = 0;
    for (let action = 0; action < tests.length; action++) if (tests[action]!(profile) === true) eligible[count++] = action;
    return count;
  };
}

const jsonRulesEngine: Peer = {
  name: 'json-rules-engine',
  prepare({ actions }, load) {
    interface Engine {
      addRule(rule: object): void;
      run(facts: Profile): Promise<{ readonly events: readonly { readonly params: { readonly action: number } }[] }>;
    }
    const { Engine } = load('json-rules-engine') as { readonly Engine: new () => Engine };
    const operators = { '>=': 'greaterThanInclusive', '<=': 'lessThanInclusive', in: 'in', '!=': 'notEqual' } as const;
    const engine = new Engine();
    for (const [action, { id, conditions }] of actions.entries()) {
      const all = conditions.map((asked) => ({
        fact: asked.field,
        operator: operators[asked.op],
        value: asked.op === 'in' ? asked.values : asked.value,
      }));
      engine.addRule({ conditions: { all }, event: { type: id, params: { action } } });
    }
    return async (profile, eligible) => {
      const { events } = await engine.run(profile);
      return sortInto(
        eligible,
        events.map(({ params }) => params.action),
      );
    };
  },
};

const jsonLogic = (asked: Asked): object => {
  const field = { var: asked.field };
  if (asked.op === 'in') return { in: [field, asked.values] };
  return { [asked.op === '!=' ? '!==' : asked.op]: [field, asked.value] };
};

const jsonLogicEngine: Peer = {
  name: 'json-logic-engine',
  prepare({ actions }, load) {
    interface Engine {
      build(logic: object): (profile: Profile) => unknown;
    }
    const { LogicEngine } = load('json-logic-engine') as { readonly LogicEngine: new () => Engine };
    const engine = new LogicEngine();
    return oneByOne(actions.map(({ conditions }) => engine.build({ and: conditions.map(jsonLogic) })));
  },
};

const celText = (asked: Asked): string => {
  if (asked.op === 'in') return `${asked.field} in ${JSON.stringify(asked.values)}`;
  // A JavaScript number is a CEL double.
  return `${asked.field} ${asked.op} ${typeof asked.value === 'number' ? asked.value.toFixed(1) : JSON.stringify(asked.value)}`;
};

const celJs: Peer = {
  name: 'cel-js',
  prepare({ actions }, load) {
    const { parse } = load('@marcbachmann/cel-js') as { readonly parse: (text: string) => (profile: Profile) => unknown };
    return oneByOne(actions.map(({ conditions }) => parse(conditions.map(celText).join(' && '))));
  },
};

const holds = (profile: Profile, asked: Asked): boolean => {
  const value = profile[asked.field]!;
  switch (asked.op) {
    case '>=':
      return (value as number) >= asked.value;
    case '<=':
      return (value as number) <= asked.value;
    case 'in':
      return asked.values.includes(value as string);
    case '!=':
      return value !== asked.value;
  }
};

const nodeRules: Peer = {
  name: 'node-rules',
  prepare({ actions }, load) {
    interface Flow {
      when(condition: boolean): void;
      next(): void;
    }
    interface Fact {
      readonly profile: Profile;
      readonly found: number[];
    }
    interface Engine {
      register(rules: readonly object[]): void;
      execute(fact: Fact, done: (result: Fact) => void): void;
    }
    const { RuleEngine } = load('node-rules') as { readonly RuleEngine: new (rules: readonly object[], options: object) => Engine };
    const engine = new RuleEngine([], { ignoreFactChanges: true });
    engine.register(
      actions.map(({ id, conditions }, action) => ({
        name: id,
        priority: 1,
        condition(flow: Flow, { profile }: Fact) {
          flow.when(conditions.every((asked) => holds(profile, asked)));
        },
        consequence(flow: Flow, { found }: Fact) {
          found.push(action);
          flow.next();
        },
      })),
    );
    return (profile, eligible) =>
      new Promise((resolve) => {
        engine.execute({ profile, found: [] }, ({ found }) => resolve(sortInto(eligible, found)));
      });
  },
};

export const PEERS: readonly Peer[] = [
  jsonRulesEngine,
  zenEngine({ trace: false }),
  zenEngine({ trace: true }),
  jsonLogicEngine,
  celJs,
  nodeRules,
];

/** A peer made ready for a workload; its packages must be installed. */
export function contestantOf(peer: Peer, workload: Workload): Contestant {
  const filter = peer.prepare(workload, loadPeer);
  const scorer = new Scorer(workload);
  const eligible = new Int32Array(workload.actions.length);
  const decide = (profile: number): number | Promise<number> => {
    const count = filter(workload.profiles[profile]!, eligible);
    if (typeof count !== 'number') return count.then((found) => ranked(found, profile));
    return ranked(count, profile);
  };
  const ranked = (count: number, profile: number): number => {
    scorer.rank(eligible, count, profile);
    return count;
  };
  return {
    name: peer.name,
    profiles: workload.profiles.length,
    decide: (profile) => {
      const count = decide(profile);
      return typeof count === 'number' ? undefined : count.then(() => undefined);
    },
    answer: async (profile) => scorer.answer(eligible, await decide(profile)),
  };
}
