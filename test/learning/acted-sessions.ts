/** Made-up sessions of agents who follow flow charts, in the form of recorded ones. */
import type { FlowChartFile } from '#contract/text-model.ts';
import { readSession, type Session, seededRandom } from '#learning';

const chart = (task: string, asks: readonly string[], inform: string): FlowChartFile => ({
  task,
  replies: {
    hello: 'Hello, how can I help?',
    ...Object.fromEntries(asks.map((ask) => [`${task}_ask_${ask}`, `What is the ${ask}, please?`])),
    [`${task}_${inform}`]: `Done: your {${inform}:s} is ready.`,
    [`${task}_failed`]: 'I am sorry, that did not work.',
    goodbye_1: 'Thank you and goodbye.',
    query: 'Query',
    query_success: 'Succeeded',
    query_failure: 'Failed',
  },
  graph: {
    hello: `${task}_ask_${asks[0]}`,
    ...Object.fromEntries(asks.map((ask, at) => [`${task}_ask_${ask}`, at + 1 < asks.length ? `${task}_ask_${asks[at + 1]}` : 'query'])),
    query_success: `${task}_${inform}`,
    query_failure: `${task}_failed`,
    [`${task}_${inform}`]: 'goodbye_1',
    [`${task}_failed`]: 'goodbye_1',
  },
});

export const CHARTS: Readonly<Record<string, FlowChartFile>> = {
  taxi: chart('taxi', ['street', 'hour'], 'ride'),
  table: chart('table', ['restaurant', 'guests', 'evening'], 'reservation'),
  parcel: chart('parcel', ['number'], 'delivery'),
  loan: chart('loan', ['amount', 'years'], 'offer'),
};

/** What an agent types to find a suggestion: not quite what it then says. */
const inOwnWords = (text: string): string => `so then ${text.toLowerCase().replace(', please', '').replace('what is', 'which')}`;

/** One recorded session as a line of the file; `isHappy` as the recording says. */
export const actedLine = (task: string, random: () => number, isHappy = true): object => {
  const { replies, graph } = CHARTS[task] as FlowChartFile;
  const events: object[] = [{ Agent: 'User', Action: 'utter', Text: `hi i need a ${task} today` }];
  let node = 'hello';
  while (node !== 'query') {
    if (node !== 'hello' || random() < 0.5) {
      events.push({ Agent: 'Wizard', Action: 'request_suggestions', Text: inOwnWords(replies[node] ?? '') });
      events.push({
        Agent: 'Wizard',
        Action: 'pick_suggestion',
        ActionLabel: node,
        ActionLabelOptions: [node, 'zzz'],
        Text: `zzz ${replies[node]}`,
      });
      events.push({ Agent: 'User', Action: 'utter', Text: random() < 0.5 ? 'it is seven' : 'ok that one then' });
    }
    node = graph[node] as string;
  }
  const works = random() < 0.6;
  const [done = '', failed = ''] = [graph['query_success'], graph['query_failure']];
  events.push({ Agent: 'Wizard', Action: 'query', Constraints: [{ What: '"seven"' }] });
  events.push({ Agent: 'KnowledgeBase', Action: 'return_item', Item: { APIName: task, Message: works ? 'Succeeded' : 'Failed' } });
  events.push({ Agent: 'Wizard', Action: 'request_suggestions', Text: inOwnWords(replies[works ? done : failed] ?? '') });
  events.push({ Agent: 'Wizard', Action: 'pick_suggestion', ActionLabel: works ? done : failed, Text: 'so' });
  events.push({ Agent: 'User', Action: 'utter', Text: 'thank you bye' });
  events.push({ Agent: 'Wizard', Action: 'request_suggestions', Text: 'ok, bye' });
  events.push({ Agent: 'Wizard', Action: 'pick_suggestion', ActionLabel: 'goodbye_1', Text: 'goodbye' });
  return { Scenario: { Happy: isHappy, MultiTask: false, WizardCapabilities: [{ Task: task }] }, Events: events };
};

export const actedLines = (count: number, seed: number, tasks: readonly string[]): readonly object[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, at) => actedLine(tasks[at % tasks.length] as string, random, at % 3 !== 0));
};

export const actedSessions = (count: number, seed: number, tasks: readonly string[] = Object.keys(CHARTS)): readonly Session[] =>
  actedLines(count, seed, tasks).map((line) => readSession(line as Parameters<typeof readSession>[0]));
