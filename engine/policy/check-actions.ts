/** Issues, groups and actions: conditions and weights are inherited downwards, and whatever can never be reached is refused. */
import { z } from 'zod';
import type { CheckedAction, CheckedRevision } from '#contract/checked-policy.ts';
import type { StatedCondition } from '#contract/condition.ts';
import { ActionDefinition, IssuePolicy, LevelPolicy } from '#contract/policy.ts';
import { checkRoute } from './check-significance.ts';
import { plainTextFault } from './check-template.ts';
import { type CheckedCatalogue } from './check-catalogue.ts';
import { checkedAction, validity } from './checked-action.ts';
import { type ConditionChecker, joined } from './condition-checker.ts';
import type { FaultList } from './fault-list.ts';
import { findContradiction, type Narrowed, UNCONDITIONAL } from './find-contradiction.ts';
import { isPossible } from './narrow.ts';
import { suggestion } from './nearest-name.ts';
import { durationMs } from './read-duration.ts';
import type { SourcePath, PolicySource } from './policy-source.ts';
import { LONGEST_HISTORY_MS } from './read-operand.ts';
import { readPolicyFile } from './read-policy-file.ts';
import { type ActionPlace, resolveAll } from './resolve-scope.ts';
import type { GroupFolder, IssueFolder, RevisionFolder } from './revision-folder.ts';
import { parsePart } from './schema-fault.ts';

/** There are thousands of actions, and dozens of levels: a compiled schema takes a third of the time. */
const ACTION = z.compile(ActionDefinition);
const LEVEL = z.compile(LevelPolicy);
const NINE_WORDS = /^\s*(?:\S+\s+){8}\S/;
const KINDS = ['eligibility', 'applicability', 'suitability'] as const;

type Level = LevelPolicy & Partial<Pick<IssuePolicy, 'minTransparency'>>;

/** What a level hands down. */
interface Inherited {
  readonly weight: number;
  readonly conditions: Readonly<Record<(typeof KINDS)[number], readonly StatedCondition[]>>;
  /** All conditions from the issue down, each file's in the order of its lines. Null: they exclude each other already, which is reported where they stand. */
  readonly narrowed: Narrowed | null;
  /** The issue's. */
  readonly minTransparency: number;
}

const NOTHING: Inherited = {
  weight: 0,
  conditions: { eligibility: [], applicability: [], suitability: [] },
  narrowed: UNCONDITIONAL,
  minTransparency: 1,
};

const below = (above: readonly StatedCondition[], own: readonly StatedCondition[]): readonly StatedCondition[] =>
  above.length === 0 ? own : [...above, ...own];

/** By their lines, which they nearly always are already. */
const inOrder = (stated: readonly StatedCondition[]): readonly StatedCondition[] =>
  stated.every(({ line }, i) => i === 0 || (stated[i - 1]?.line ?? 0) <= line) ? stated : stated.toSorted((a, b) => a.line - b.line);

export class ActionsCheck {
  readonly #catalogue: CheckedCatalogue;
  readonly #conditions: ConditionChecker;
  readonly #care: CheckedRevision['care'];
  readonly #cheapestInterruption: number;
  readonly #faults: FaultList;

  /** `cheapestInterruption` is the least an interruption costs any agent, in the currency of value. */
  constructor(
    catalogue: CheckedCatalogue,
    conditions: ConditionChecker,
    care: CheckedRevision['care'],
    cheapestInterruption: number,
    faults: FaultList,
  ) {
    this.#catalogue = catalogue;
    this.#conditions = conditions;
    this.#care = care;
    this.#cheapestInterruption = cheapestInterruption;
    this.#faults = faults;
  }

  /** Every action without a fault, sorted by issue, group, id. */
  check(folder: RevisionFolder): readonly CheckedAction[] {
    const actions: CheckedAction[] = [];
    const groupFiles = new Map<string, string>();
    const idFiles = new Map<string, string>();
    for (const issue of folder.issues) {
      const ofIssue = this.#level(IssuePolicy, issue, `actions/${issue.issue}/issue.yaml`, NOTHING);
      for (const group of issue.groups) {
        const groupFile = group.level?.path ?? `actions/${issue.issue}/${group.group}/group.yaml`;
        const other = groupFiles.get(group.group);
        if (other !== undefined)
          this.#faults.add(
            groupFile,
            1,
            `group "${group.group}" is also in ${other}: rename one, because limits and counts name a group without its issue`,
          );
        groupFiles.set(group.group, groupFile);
        const ofGroup = this.#level(LEVEL, group, groupFile, ofIssue);
        for (const { id, path: file, text } of group.actions) {
          const source = readPolicyFile({ path: file, text }, this.#faults);
          const twin = idFiles.get(id);
          if (twin !== undefined) this.#faults.add(file, source?.lineAt(['id']) ?? 1, `action "${id}" is also in ${twin}: rename one`);
          idFiles.set(id, file);
          if (source === null) continue;
          const action = this.#action(source, { id, group: group.group, issue: issue.issue }, ofGroup);
          if (action !== null) actions.push(action);
        }
      }
    }
    return actions;
  }

  #level(schema: z.ZodType<Level>, folder: IssueFolder | GroupFolder, file: string, above: Inherited): Inherited {
    if (folder.level === undefined) this.#faults.add(file, 1, 'the file is missing: write at least its name');
    const source = folder.level && readPolicyFile(folder.level, this.#faults);
    const level = source ? parsePart(schema, source, [], this.#faults) : null;
    if (!source || !level) return above;
    const { minTransparency = above.minTransparency } = level;
    return { ...this.#inherit(above, source, level, 'nothing below this level can ever be shown'), minTransparency };
  }

  #inherit(above: Inherited, source: PolicySource, own: LevelPolicy, consequence: string, place?: ActionPlace): Inherited {
    const eligibility = this.#stated(source, own, 'eligibility', place);
    const applicability = this.#stated(source, own, 'applicability', place);
    const suitability = this.#stated(source, own, 'suitability', place);
    const mine = inOrder([...eligibility, ...applicability, ...suitability]);
    return {
      weight: above.weight + own.weight,
      conditions: {
        eligibility: below(resolveAll(above.conditions.eligibility, place), eligibility),
        applicability: below(resolveAll(above.conditions.applicability, place), applicability),
        suitability: below(resolveAll(above.conditions.suitability, place), suitability),
      },
      narrowed: above.narrowed && this.#narrow(above.narrowed, mine, consequence, place),
      minTransparency: above.minTransparency,
    };
  }

  #stated(source: PolicySource, own: LevelPolicy, kind: (typeof KINDS)[number], place?: ActionPlace): readonly StatedCondition[] {
    const use = kind === 'eligibility' ? 'eligibility' : 'other';
    const stated = own[kind].flatMap((text, i) => this.#conditions.state(source, [kind, i], text, use).conjuncts);
    return resolveAll(stated, place);
  }

  /** What is left of what is handed down; null with a fault when nothing is. */
  #narrow(above: Narrowed, mine: readonly StatedCondition[], consequence: string, place?: ActionPlace): Narrowed | null {
    const { fields } = this.#catalogue.names;
    const handedDown = resolveAll(above.conditions, place);
    const reach =
      handedDown === above.conditions ? findContradiction(mine, fields, above) : findContradiction([...handedDown, ...mine], fields);
    if (!('at' in reach)) return reach;
    this.#faults.add(reach.at.file, reach.at.line, `${consequence}: ${reach.why}`);
    return null;
  }

  #action(source: PolicySource, place: ActionPlace, above: Inherited): CheckedAction | null {
    const before = this.#faults.count;
    const own = parsePart(ACTION, source, [], this.#faults);
    if (own === null) return null;
    const add = (path: SourcePath, reason: string): void => this.#faults.add(source.file, source.lineAt(path), reason);

    if (own.id !== place.id)
      add(['id'], `"id" is "${own.id}" but the file is named ${source.file.slice(source.file.lastIndexOf('/') + 1)}: make them the same`);
    const purpose = this.#purpose(own, add);
    this.#secondPerson(own, source, add);
    this.#influence(own, source, add);
    const { validFromMs, validToMs } = validity(own);
    if (validFromMs !== undefined && validToMs !== undefined && validToMs <= validFromMs) {
      add(['validTo'], `"validTo" ${own.validTo} is before "validFrom" ${own.validFrom}: the action would never be valid`);
    }
    const inherited = this.#inherit(above, source, own, 'this action can never be shown', place);
    const parts = this.#parts(source, own, inherited, place);
    const lever = Math.max(0, 1 + inherited.weight / 100);
    this.#worth(own, lever, add);
    this.#treatments(source, own, add);
    if (this.#faults.count > before || purpose === null) return null;

    const { conditions, minTransparency } = inherited;
    return checkedAction(own, place, { purpose, lever, minTransparency, ...parts, ...conditions, file: source.file });
  }

  /** Index of the action's purpose, or null. */
  #purpose(own: ActionDefinition, add: (path: SourcePath, reason: string) => void): number | null {
    const { purposes, purposesComplete } = this.#catalogue;
    const index = purposes.findIndex(({ id }) => id === own.purpose);
    if (index < 0) {
      if (purposesComplete)
        add(
          ['purpose'],
          `there is no purpose "${own.purpose}"${suggestion(
            own.purpose,
            purposes.map(({ id }) => id),
          )}`,
        );
      return null;
    }
    if (own.sales && purposes[index]?.basis === 'legal-obligation') {
      add(
        ['purpose'],
        `purpose "${own.purpose}" rests on a legal obligation, which never covers selling: name another purpose or set sales to false`,
      );
    }
    return index;
  }

  #secondPerson(own: ActionDefinition, source: PolicySource, add: (path: SourcePath, reason: string) => void): void {
    if (own.significant && own.mandatory)
      add(['mandatory'], 'a significant action waits for a second person and cannot be mandatory: take one of the two out');
    if (own.significant && own.route === undefined)
      add(
        ['significant'],
        'a significant action waits for a second person: say who decides and how soon, as in route: { role: approver, within: 10m }',
      );
    if (!own.significant && own.route !== undefined)
      add(['route'], '"route" says who decides a significant action, and this one is not: set significant to true or take "route" out');
    if (own.route !== undefined) checkRoute(own.route, source.file, (path, reason) => add(['route', ...path], reason));
  }

  #influence(own: ActionDefinition, source: PolicySource, add: (path: SourcePath, reason: string) => void): void {
    for (const [i, { after, over }] of own.influence.entries()) {
      if (own.influence.findIndex((other) => other.after === after) < i)
        add(['influence', i, 'after'], `influence after "${after}" is there twice: keep one`);
      if (durationMs(over, source.file) > LONGEST_HISTORY_MS)
        add(['influence', i, 'over'], 'history is kept for 400 days: let the influence fade over at most 400d');
    }
  }

  /** What never can be worth showing, whatever is learnt about it. */
  #worth(own: ActionDefinition, lever: number, add: (path: SourcePath, reason: string) => void): void {
    if (own.mandatory) return;
    if (own.value <= this.#cheapestInterruption) {
      add(
        ['value'],
        `this action can never be shown: its value ${own.value} is not above what the cheapest interruption costs (${this.#cheapestInterruption} in attention.yaml)`,
      );
    }
    if (lever === 0 && own.minPriority > 0)
      add(
        ['minPriority'],
        `this action can never be shown: the weights of issue, group and action make its priority 0, below "minPriority"`,
      );
  }

  /** Context weights and reasons, which must be reachable together with the action's own conditions. */
  #parts(
    source: PolicySource,
    own: ActionDefinition,
    inherited: Inherited,
    place: ActionPlace,
  ): Pick<CheckedAction, 'context' | 'reasons' | 'treatments'> {
    const { fields } = this.#catalogue.names;
    const { narrowed } = inherited;
    const when = (path: SourcePath, text: string, consequence: string) => {
      const conjuncts = resolveAll(this.#conditions.state(source, path, text, 'other').conjuncts, place);
      const condition = joined(conjuncts);
      if (narrowed !== null && !isPossible(narrowed.domains, condition, fields)) {
        const found = findContradiction(conjuncts, fields, narrowed);
        if ('at' in found) this.#faults.add(source.file, found.at.line, `${consequence}: ${found.why}`);
      }
      return condition;
    };
    if (narrowed !== null && own.sales) {
      for (const rule of this.#care) {
        if (isPossible(narrowed.domains, rule.condition, fields, true)) continue;
        this.#faults.add(
          source.file,
          source.lineAt(['sales']),
          `care rule "${rule.id}" withholds this sales action whenever its conditions hold (${rule.text}): change the conditions or set sales to false`,
        );
      }
    }
    return {
      context: own.context.map((one, i) => ({
        when: when(['context', i, 'when'], one.when, 'this context weight can never apply'),
        weight: one.weight,
      })),
      reasons: own.reasons.map(({ when: asked, text, speak }, i) => {
        this.#conditions.template(source, ['reasons', i, 'text'], text);
        if (speak !== undefined) this.#conditions.template(source, ['reasons', i, 'speak'], speak);
        return {
          when: when(['reasons', i, 'when'], asked, 'this reason can never be given'),
          text,
          ...(speak === undefined ? {} : { speak }),
        };
      }),
      treatments: own.treatments.map(({ id, channel, language, when: asked, do: what, say }, i) => ({
        id,
        channel,
        language,
        ...(asked === undefined ? {} : { when: when(['treatments', i, 'when'], asked, 'this treatment can never be used') }),
        do: what,
        ...(say === undefined ? {} : { say }),
      })),
    };
  }

  #treatments(source: PolicySource, own: ActionDefinition, add: (path: SourcePath, reason: string) => void): void {
    const ids = new Set<string>();
    for (const [i, treatment] of own.treatments.entries()) {
      if (ids.has(treatment.id)) add(['treatments', i, 'id'], `treatment "${treatment.id}" is there twice: keep one`);
      ids.add(treatment.id);
      const always = own.treatments
        .slice(0, i)
        .find(({ when, channel, language }) => when === undefined && channel === treatment.channel && language === treatment.language);
      if (always !== undefined)
        add(['treatments', i, 'id'], `this treatment can never be used: "${always.id}" before it fits whenever it would; put it first`);
      const plain = plainTextFault(treatment.do);
      if (plain !== null) add(['treatments', i, 'do'], plain);
      if (NINE_WORDS.test(treatment.do)) {
        const words = treatment.do.trim().split(/\s+/).length;
        add(['treatments', i, 'do'], `"do" has ${words} words; an agent can glance at 8: shorten it`);
      }
      if (treatment.say !== undefined) this.#conditions.template(source, ['treatments', i, 'say'], treatment.say);
    }
  }
}
