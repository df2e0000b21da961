/** A bundled core as central keeps it for records that name it. */
import { z } from 'zod';
import { Sha256 } from './text.ts';

export const CORE_PATH = '/api/cores';

/** `hash` is the SHA-256 of the source in UTF-8. */
export const CoreSource = z.strictObject({ hash: Sha256, source: z.string().min(1) });
export type CoreSource = z.infer<typeof CoreSource>;
