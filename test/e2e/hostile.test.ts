/* Hostile texts on the real way of each: spoken, in a profile, in an agent's name, in a policy, into the real window. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { PolicyFile } from '#contract/policy.ts';
import { checkRevision } from '#policy';
import { launchChromium } from '../renderer/window-driver.ts';
import { HOSTILE_CORPUS } from '../renderer/hostile-corpus.ts';
import type { LiveCall } from './live-call.ts';
import { Scene, until } from './scene.ts';
import type { SeenDesk } from './seen-desk.ts';

const AGENT = 'agent-marcus';
const ACTION = 'rebook-missed-visit';
const CUSTOMER = 'cust-0023';
const MISSED_VISIT = 'Hi. I took a day off on Tuesday for your engineer, and nobody came.';
const LEAST_TEXTS = 120;
/** With `SOTTO_FULL=1` each text stands in every place of a profile and of a policy; otherwise in one of each. */
const isFull = process.env['SOTTO_FULL'] === '1';
const ON_THE_CARD = ['do', 'say', 'why'] as const;
type Place = (typeof ON_THE_CARD)[number] | 'name';
const ROOM: Readonly<Record<Place, number>> = { name: 60, do: 60, say: 120, why: 80 };
const PLAIN: Readonly<Record<Place, string>> = {
  name: 'A plain name',
  do: 'Do the plain thing',
  say: 'Plainly said',
  why: 'Plainly because',
};

/** Every text, as much of it as lets all of them into one name. */
const HOSTILE_NAME = HOSTILE_CORPUS.map((text) => text.slice(0, 80))
  .join(' · ')
  .toWellFormed();
/** Actions in one policy; the list of them draws a few more. */
const AT_ONCE = 50;
/** Each with three texts on the card. */
const ROUNDS = isFull ? HOSTILE_CORPUS.length : Math.ceil(HOSTILE_CORPUS.length / ON_THE_CARD.length);
/** Where the customer lives whom the action of that round is for; also their number. */
const areaOf = (round: number): string => `round-${round}`;

let scene: Scene;
let desk: SeenDesk;
let call: LiveCall;
beforeAll(async () => {
  scene = await Scene.open('virtual');
  const { organisation } = scene.demonstration;
  await scene.central.loadOrganisation({
    // The agent's name passes sign-in, main, the engine and the view with all of them in it.
    agents: organisation.agents.map((agent) => (agent.id === AGENT ? { ...agent, name: HOSTILE_NAME } : agent)),
    customers: [...organisation.customers, ...hostileCustomers(), ...customersOfRounds()],
    policyFiles: organisation.policyFiles.map((file) => rewritten(file, () => undefined)),
    models: [],
  });
  desk = await scene.desk(AGENT);
  call = await scene.call({ agentId: AGENT, customerId: CUSTOMER });
  await call.customer(MISSED_VISIT);
});
afterAll(() => scene[Symbol.asyncDispose]());

/** Longer than the pause in speech a card waits for. */
const PAUSE_MS = 700;
const pause = (): Promise<void> => scene.demonstration.advance(scene.demonstration.nowMs() + PAUSE_MS);

/** The caller turns out to be somebody else: what is on the screen then speaks of them. */
const turnsOutToBe = (customerId: string) => call.tell('crm', 'sotto.call.identified', { customerId, identity: 'verified' });

const fitting = (text: string, chars: number): string => text.slice(0, chars).toWellFormed();

/** The customer with the missed visit. */
function theCustomer() {
  const customer = scene.demonstration.organisation.customers.find(({ customerId }) => customerId === CUSTOMER);
  if (customer === undefined) throw new Error(`the organisation has no ${CUSTOMER}`);
  return customer;
}

/** The same again and again, each for the action of one round. */
function customersOfRounds() {
  const model = theCustomer();
  return Array.from({ length: ROUNDS }, (_, round) => ({
    ...model,
    customerId: areaOf(round),
    fields: { ...model.fields, area: areaOf(round) },
  }));
}

/** The same again and again: a text in the name, the next in a field that the card shows. */
function hostileCustomers() {
  const model = theCustomer();
  const step = isFull ? 1 : 2;
  return HOSTILE_CORPUS.filter((_, index) => index % step === 0).map((text, index) => ({
    ...model,
    customerId: `hostile-${index}`,
    displayName: fitting(text, 80),
    fields: { ...model.fields, area: fitting(HOSTILE_CORPUS[(index * step + 1) % HOSTILE_CORPUS.length] ?? '', 250) },
  }));
}

interface Action {
  id: string;
  name: string;
  mandatory?: boolean;
  urgency: string;
  eligibility: string[];
  reasons: { when: string; text: string; speak?: string }[];
  treatments: { do: string; say?: string }[];
}

/** The action that every test here is shown by: always shown, and its first reason names the customer's area. */
function rewritten(file: PolicyFile, change: (action: Action) => void): PolicyFile {
  if (!file.path.endsWith(`/${ACTION}.yaml`)) return file;
  const action = parse(file.text) as Action;
  action.mandatory = true;
  action.urgency = 'must';
  action.reasons = [{ when: 'profile.engineerVisit == "missed"', text: 'In {profile.area}', speak: 'We missed it in {profile.area}.' }];
  change(action);
  return { ...file, text: stringify(action) };
}

/** Elements no view of ours has. */
const foreignElements = (): Promise<readonly string[]> =>
  desk.page.evaluate(() =>
    [
      ...document.querySelectorAll(
        'a, iframe, object, embed, form, base, video, audio, math, marquee, img, script:not([src]), style, meta[http-equiv]',
      ),
    ].map(({ outerHTML }) => outerHTML.slice(0, 100)),
  );
const textsOf = (...selectors: readonly string[]): Promise<readonly (string | undefined)[]> =>
  desk.page.evaluate((all) => all.map((selector) => document.querySelector(selector)?.textContent ?? undefined), selectors);

test('hostile words, names and fields are text: each as it was given, nothing runs, nothing is asked for', async () => {
  expect(HOSTILE_CORPUS.length).toBeGreaterThanOrEqual(LEAST_TEXTS);
  expect(new Set(HOSTILE_CORPUS).size).toBe(HOSTILE_CORPUS.length);
  const drawn = new Set<string>();
  for (const { customerId, displayName, fields } of hostileCustomers()) {
    await turnsOutToBe(customerId);
    const because = `In ${fields.area}`;
    await until(`the name and the field of ${customerId} are drawn`, async () => {
      const [name, why] = await textsOf('.call-name', '.card-because');
      return name === displayName && why?.endsWith(because) === true;
    });
    drawn.add(displayName).add(fields.area);
  }
  expect(drawn.size).toBeGreaterThanOrEqual(LEAST_TEXTS);
  for (const [index, text] of HOSTILE_CORPUS.entries()) {
    const said = { utteranceId: `h-${index}`, speaker: 'customer', text, startMs: index, endMs: index + 1 };
    if (index % 4 === 0) await call.tell('speech', 'sotto.utterance.partial', said);
    await call.tell('speech', 'sotto.utterance.final', said);
  }
  await call.processed();
  await pause();
  await until('every line is there', async () => (await desk.transcript()).length > HOSTILE_CORPUS.length);
  expect(await desk.transcript()).toEqual([MISSED_VISIT, ...HOSTILE_CORPUS]);
  expect(await foreignElements()).toEqual([]);
  expect(await desk.wrongs()).toEqual([]);
});

test('hostile texts of a policy are refused when it is published, or are text on the card: in do, say and why', async () => {
  const shown = new Map<string, number>();
  let refused = 0;
  const rounds = Array.from({ length: ROUNDS }, (_, round) => {
    const wantedFor = (place: (typeof ON_THE_CARD)[number]): string => {
      const text = HOSTILE_CORPUS[(round * (isFull ? 1 : ON_THE_CARD.length) + ON_THE_CARD.indexOf(place)) % HOSTILE_CORPUS.length] ?? '';
      return fitting(text, ROOM[place]);
    };
    const kept: Record<Place, string> = { ...PLAIN };
    const together = { ...PLAIN, ...Object.fromEntries(ON_THE_CARD.map((place) => [place, wantedFor(place)])) };
    const areAllTaken = isTaken(together);
    for (const place of ON_THE_CARD) {
      const wanted = together[place];
      const hasPlaces = (place === 'say' || place === 'why') && wanted.includes('{');
      // What the rules refuse, such as nine words, and what is filled in, is left out: the rest is published and shown.
      const taken = !hasPlaces && (areAllTaken || isTaken({ ...PLAIN, [place]: wanted }));
      if (taken) shown.set(place, (shown.get(place) ?? 0) + 1);
      else refused += 1;
      kept[place] = taken ? wanted : `${PLAIN[place]} ${round}`;
    }
    return { round, kept };
  });
  for (let from = 0; from < ROUNDS; from += AT_ONCE) {
    const published = rounds.slice(from, from + AT_ONCE);
    await publish(published.map(({ round, kept }) => withTexts(round, kept, [`profile.area == "${areaOf(round)}"`])));
    for (const { round, kept } of published) {
      await turnsOutToBe(areaOf(round));
      await until(`round ${round}: ${JSON.stringify(kept)} is drawn`, async () => {
        const [what, say, why] = await textsOf('.card-do', '.card-say', '.card-because');
        return what === kept.do && say?.endsWith(kept.say) === true && why?.endsWith(kept.why) === true;
      });
    }
  }
  console.log(`policy texts shown ${JSON.stringify(Object.fromEntries(shown))}, refused ${refused}`);
  expect(refused + [...shown.values()].reduce((sum, one) => sum + one, 0)).toBe(ROUNDS * ON_THE_CARD.length);
  for (const place of ON_THE_CARD) expect(shown.get(place) ?? 0, place).toBeGreaterThanOrEqual(ROUNDS / 2);
  expect(await foreignElements()).toEqual([]);
  expect(await desk.wrongs()).toEqual([]);
});

test('hostile names of actions are text in the list of all of them', async () => {
  const names = HOSTILE_CORPUS.map((text) => fitting(text, ROOM.name)).filter((name) => isTaken({ ...PLAIN, name }));
  expect(names.length).toBeGreaterThanOrEqual(LEAST_TEXTS);
  await turnsOutToBe(CUSTOMER);
  for (let from = 0; from < names.length; from += AT_ONCE) {
    const listed = names.slice(from, from + AT_ONCE);
    await publish(listed.map((name, index) => withTexts(from + index, { ...PLAIN, name })));
    await until('the card of the last revision is drawn', async () => (await textsOf('.card-do'))[0] === PLAIN.do);
    await desk.page.keyboard.press('Alt+Digit4');
    const drawn = (): Promise<readonly string[]> =>
      desk.page.evaluate(() => [...document.querySelectorAll('.search-list bdi')].map(({ textContent }) => textContent ?? ''));
    await until(`names from ${from} on are drawn`, async () => {
      const now = new Set(await drawn());
      return listed.every((name) => now.has(name));
    });
    expect(await foreignElements()).toEqual([]);
    await desk.page.keyboard.press('Escape');
    await desk.page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  expect(await desk.wrongs()).toEqual([]);
});

const isTheAction = ({ path }: PolicyFile): boolean => path.includes(`/${ACTION}`);

/** A policy of one action, with these texts. Each number's is another action: the card of the one before leaves. */
const withTexts = (
  number: number,
  { name, do: what, say, why }: Readonly<Record<Place, string>>,
  eligibility: readonly string[] = [],
): readonly PolicyFile[] =>
  scene.demonstration.organisation.policyFiles
    .filter((file) => isTheAction(file) || !/^(?:actions\/.*\/(?!group|issue)[^/]*|constraints|exclusions)\.yaml$/.test(file.path))
    .map((file) => {
      const changed = rewritten(file, (action) => {
        action.id = `${ACTION}-${number}`;
        action.name = name;
        action.eligibility = [...action.eligibility, ...eligibility];
        action.reasons = [{ when: 'profile.engineerVisit == "missed"', text: why, speak: why }];
        action.treatments = action.treatments.map((treatment) => ({ ...treatment, do: what, say }));
      });
      return changed === file ? file : { ...changed, path: file.path.replace(`${ACTION}.yaml`, `${ACTION}-${number}.yaml`) };
    });

/** One policy of what is in all of these. */
async function publish(policies: readonly (readonly PolicyFile[])[]): Promise<void> {
  const files = new Map(policies.flat().map((file) => [file.path, file]));
  expect(await scene.central.publishRevision([...files.values()])).toMatchObject({ ok: true });
}

const isTaken = (texts: Readonly<Record<Place, string>>): boolean => checkRevision(withTexts(0, texts), { hash: '0'.repeat(64) }).ok;

test('the agent’s name went the whole way with something of every hostile text in it', async () => {
  const name = await desk.page.evaluate(async () => {
    const { call: ask } = (
      globalThis as unknown as { sotto: { call(channel: string, request: object): Promise<{ session: { agentName: string } }> } }
    ).sotto;
    return (await ask('desk:open', {})).session.agentName;
  });
  expect(name).toBe(HOSTILE_NAME);
  expect(await desk.wrongs()).toEqual([]);
});

/** Texts that do something at once where they are taken for HTML. */
const LIVELY = HOSTILE_CORPUS.filter((text) =>
  /<(?:img|svg|video|iframe|link|style|object).*(?:onerror|onload|hostile\.example|ran=)/i.test(text),
).slice(0, 30);

test('canary: texts drawn as HTML are noticed here, and run and call out where no policy holds them', async () => {
  const before = (await desk.wrongs()).length;
  await desk.page.evaluate(
    (texts) => {
      for (const text of texts) {
        const box = document.createElement('div');
        try {
          box.insertAdjacentHTML('beforeend', text);
        } catch {
          // Refused and reported: what the canary looks for.
        }
      }
    },
    HOSTILE_CORPUS.slice(0, 5),
  );
  expect((await desk.wrongs()).length).toBeGreaterThan(before);
  expect(LIVELY).toHaveLength(30);
  const browser = await launchChromium();
  const page = await browser.newPage();
  const asked: string[] = [];
  let ran = 0;
  try {
    await page.route('**', (route) => {
      if (route.request().url().includes('hostile.example')) asked.push(route.request().url());
      return route.fulfill({ body: '<!doctype html><body>', contentType: 'text/html' });
    });
    for (const text of LIVELY) {
      await page.goto('https://open.example/');
      await page.evaluate((html) => {
        Object.assign(globalThis, { twin: { ran: false } });
        document.body.innerHTML = html;
        return new Promise((resolve) => setTimeout(resolve, 30));
      }, text);
      if (await page.evaluate(() => (globalThis as unknown as { twin?: { ran: boolean } }).twin?.ran === true).catch(() => true)) ran += 1;
    }
  } finally {
    await browser.close();
  }
  console.log(`canary: of ${LIVELY.length} texts taken for HTML ${ran} ran, ${asked.length} requests left`);
  expect(ran).toBeGreaterThanOrEqual(8);
  expect(asked.length).toBeGreaterThanOrEqual(4);
});
