/** A policy file that could be read: its data, and where each part of it stands. */
export interface PolicySource {
  readonly file: string;
  readonly value: unknown;
  /** Line of the value at `path`, or of the nearest parent there is; `offset` counts characters into a text. */
  lineAt(path: SourcePath, offset?: number): number;
  /** Line of the key itself, for keys that should not be there. */
  lineOfKey(path: SourcePath, key: string): number;
}

export type SourcePath = readonly (string | number)[];

/** Lines of a value and of what is in it, shaped like the value itself; a scalar has its line alone. */
export type Place = number | { readonly line: number; readonly of: Readonly<Record<string, Place>> | readonly Place[] };

/** How deep maps and lists may stand in each other. An action is five levels deep. */
export const MAX_DEPTH = 10;

/** The part of a value, or of its places' `of`, at one step; undefined where there is none of its own. */
export const partAt = (whole: unknown, step: string | number): unknown =>
  typeof whole === 'object' && whole !== null && Object.hasOwn(whole, step)
    ? (whole as Readonly<Record<string | number, unknown>>)[step]
    : undefined;

export const valueAt = (value: unknown, path: SourcePath): unknown => path.reduce(partAt, value);
