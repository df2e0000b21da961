/** Whatever model a desk installs, on the wire: one form, one signature and one way in for all kinds. */
import { z } from 'zod';
import { ModelBundle } from './model.ts';
import { IntentManifest } from './text-model.ts';

/** Tells what an utterance is about. */
export const IntentBundle = ModelBundle.extend({ manifest: IntentManifest });
export type IntentBundle = z.infer<typeof IntentBundle>;

export const ServedBundle = z.union([ModelBundle, IntentBundle]);
export type ServedBundle = z.infer<typeof ServedBundle>;

export const isIntent = (bundle: ServedBundle): bundle is IntentBundle => bundle.manifest.kind === 'intent';

/** What records name under `models`, and whatever scores actions. */
export const asPropensity = (bundle: ServedBundle | null): ModelBundle | null => (bundle === null || isIntent(bundle) ? null : bundle);

/** The schema of the kind that something says it is: what does not fit it is told better than by the union. */
export const schemaOfServed = (input: unknown): typeof ModelBundle | typeof IntentBundle =>
  z.object({ manifest: z.object({ kind: z.literal('intent') }) }).safeParse(input).success ? IntentBundle : ModelBundle;
