/** Which file of a revision is what; the layout stands at the top of contract/policy.ts. */
import type { PolicyFile } from '#contract/policy.ts';
import { compareText } from './compare-text.ts';
import type { FaultList } from './fault-list.ts';
import { suggestion } from './nearest-name.ts';
import type { PolicySource } from './policy-source.ts';
import { readPolicyFile } from './read-policy-file.ts';

/** By name, what to write when the file is missing; null = it may be left out. Every file may end in .yaml or in .json. */
const CATALOGUE_FILES = {
  revision: 'write its name, version, currency, language and usableOfflineHours',
  fields: 'write the list of fields',
  purposes: 'write the list of purposes',
  phrases: 'write the topics, or {} if there are none',
  care: 'write the care rules, or [] if there are none',
  contact: 'write the contact policies, or [] if there are none',
  attention: 'write pauseMs, holdAtMostMs and levels',
  constraints: null,
  exclusions: null,
  significance: null,
} as const;
export type CatalogueFile = keyof typeof CATALOGUE_FILES;

/** The same as RevisionBundle in contract/policy.ts. */
const MAX_REVISION_FILES = 5_000;
/** All files together, in UTF-16 code units: five thousand actions of a kilobyte take a third of it. */
const MAX_REVISION_LENGTH = 16 * 1024 * 1024;

const NOTATION = /\.(?:yaml|json)$/;
const SLUG = '[a-z0-9]+(?:-[a-z0-9]+)*';
const LEVEL_OR_ACTION = new RegExp(`^actions/(${SLUG})/(?:issue|(${SLUG})/(${SLUG}))$`);

export interface IssueFolder {
  readonly issue: string;
  readonly level: PolicyFile | undefined;
  readonly groups: readonly GroupFolder[];
}
export interface GroupFolder {
  readonly group: string;
  readonly level: PolicyFile | undefined;
  readonly actions: readonly (PolicyFile & { readonly id: string })[];
}
export interface RevisionFolder {
  readonly catalogue: ReadonlyMap<CatalogueFile, PolicySource>;
  /** Sorted, as are their groups and actions. */
  readonly issues: readonly IssueFolder[];
}

/**
 * Puts every file in its place and reads the catalogue. Levels and actions are left unread: there are thousands, and what is
 * read and let go of one by one is cheap. Faults go to `faults`; null when there is too much to be read at all.
 */
export const readFolder = (files: readonly PolicyFile[], faults: FaultList): RevisionFolder | null => {
  if (files.length > MAX_REVISION_FILES) {
    faults.add('', 1, `the revision has ${files.length} files; at most ${MAX_REVISION_FILES} are allowed`);
    return null;
  }
  const length = files.reduce((sum, { text }) => sum + text.length, 0);
  if (length > MAX_REVISION_LENGTH) {
    faults.add('', 1, `the revision has ${length} characters; at most ${MAX_REVISION_LENGTH} are allowed`);
    return null;
  }
  const names = Object.keys(CATALOGUE_FILES).map((name) => `${name}.yaml`);
  const catalogue = new Map<CatalogueFile, PolicySource>();
  const issueLevels = new Map<string, PolicyFile>();
  const groupLevels = new Map<string, PolicyFile>();
  const seen = new Map<string, string>();
  const groups = new Map<string, Map<string, (PolicyFile & { readonly id: string })[]>>();

  for (const { path: file, text } of files.toSorted((a, b) => compareText(a.path, b.path))) {
    const name = file.replace(NOTATION, '');
    const twin = seen.get(name);
    if (twin !== undefined) {
      faults.add(file, 1, twin === file ? 'the file is there twice: keep one' : `${twin} is there too: keep one of the two`);
      continue;
    }
    const place = LEVEL_OR_ACTION.exec(name);
    const issue = place?.[1];
    if (name === file || (issue === undefined && !isCatalogueFile(name))) {
      faults.add(
        file,
        1,
        `no file of a revision is named so${suggestion(file, names)}; actions are actions/<issue>/<group>/<id>.yaml or .json in lower-case words joined by hyphens`,
      );
      continue;
    }
    seen.set(name, file);
    if (isCatalogueFile(name)) {
      const source = readPolicyFile({ path: file, text }, faults);
      if (source !== null) catalogue.set(name, source);
      continue;
    }
    if (place === null || issue === undefined) continue;
    const entry: PolicyFile = { path: file, text };
    const [, , group, id] = place;
    const groupsOfIssue = groups.get(issue) ?? new Map();
    groups.set(issue, groupsOfIssue);
    if (group === undefined || id === undefined) issueLevels.set(issue, entry);
    else {
      const actions = groupsOfIssue.get(group) ?? [];
      groupsOfIssue.set(group, actions);
      if (id === 'group') groupLevels.set(`${issue}/${group}`, entry);
      else actions.push({ path: file, text, id });
    }
  }

  for (const [name, content] of Object.entries(CATALOGUE_FILES)) {
    if (content !== null && !seen.has(name)) faults.add(`${name}.yaml`, 1, `the file is missing: ${content}`);
  }
  return {
    catalogue,
    issues: sortedByName(groups).map(([issue, groupsOfIssue]) => ({
      issue,
      level: issueLevels.get(issue),
      groups: sortedByName(groupsOfIssue).map(([group, actions]) => ({
        group,
        level: groupLevels.get(`${issue}/${group}`),
        actions: actions.toSorted((a, b) => compareText(a.id, b.id)),
      })),
    })),
  };
};

const sortedByName = <T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] =>
  [...map].toSorted(([a], [b]) => compareText(a, b));

const isCatalogueFile = (path: string): path is CatalogueFile => Object.hasOwn(CATALOGUE_FILES, path);
