/** The field catalogue alone (fields.yaml), for training from a table without the rest of its revision. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { FieldDefinition } from '#contract/policy.ts';

export type FieldCatalogue =
  | { readonly ok: true; readonly fields: readonly FieldDefinition[] }
  | { readonly ok: false; readonly reason: string };

export const readFieldCatalogue = async (file: string): Promise<FieldCatalogue> => {
  const text = await readFile(file, 'utf8');
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    return { ok: false, reason: `${file} is no YAML: ${error instanceof Error ? error.message : String(error)}` };
  }
  const parsed = z.array(FieldDefinition).safeParse(value);
  if (parsed.success) return { ok: true, fields: parsed.data };
  const issue = parsed.error.issues[0];
  return { ok: false, reason: `${file} is no list of fields: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}` };
};
