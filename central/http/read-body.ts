import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { readJson } from '../intake/read-json.ts';

/** What was sent, as the schema has it; or in words what is wrong with it. */
export function readBody<T>(
  request: FastifyRequest,
  schema: z.ZodType<T>,
): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly detail: string } {
  const read = readJson(request.body as Buffer);
  if (!read.ok) return read;
  const parsed = schema.safeParse(read.value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  return { ok: false, detail: `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim() };
}
