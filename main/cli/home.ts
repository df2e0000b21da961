import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** Where the demonstration keeps its store between starts. */
export const home = (): string => process.env['SOTTO_HOME'] ?? path.join(import.meta.dirname, '..', '..', '.sotto');

/** The desks' folders of the demonstration on this computer. */
export const deskFolders = (): readonly string[] => foldersIn(home()).filter((folder) => path.basename(folder).startsWith('desk-'));

/** The stores of one desk, one a person. */
export const storeFolders = (desk: string): readonly string[] =>
  foldersIn(path.join(desk, 'stores')).filter((folder) => /^[0-9a-f]{16}$/.test(path.basename(folder)));

function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => path.join(folder, name))
    .toSorted();
}
