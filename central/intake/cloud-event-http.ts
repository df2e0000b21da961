/** The CloudEvents 1.0 HTTP binding: structured, batched and binary content modes → events as sent, not yet checked. */
import { readJson } from './read-json.ts';

export type HttpEvents =
  | { readonly ok: true; readonly kind: 'one' | 'batch'; readonly events: readonly unknown[] }
  | { readonly ok: false; readonly reason: 'not-json' | 'not-a-cloud-event'; readonly detail: string };

export const STRUCTURED = 'application/cloudevents+json';
export const BATCH = 'application/cloudevents-batch+json';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export function readCloudEvents(headers: Headers, body: Uint8Array): HttpEvents {
  const contentType = String(headers['content-type'] ?? '');
  const mediaType = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const json = readJson(body);
  if (!json.ok) return { ok: false, reason: 'not-json', detail: json.detail };
  switch (mediaType) {
    case STRUCTURED:
      return { ok: true, kind: 'one', events: [json.value] };
    case BATCH:
      if (!Array.isArray(json.value)) return { ok: false, reason: 'not-a-cloud-event', detail: 'a batch must be an array' };
      return { ok: true, kind: 'batch', events: json.value };
    default:
      // Binary mode: the attributes are headers, the body is the data in the content type it names.
      if (headers['ce-specversion'] === undefined)
        return { ok: false, reason: 'not-a-cloud-event', detail: `needs ce-* headers, or the content type ${STRUCTURED} or ${BATCH}` };
      return { ok: true, kind: 'one', events: [{ ...attributesOf(headers), datacontenttype: mediaType, data: json.value }] };
  }
}

function attributesOf(headers: Headers): Readonly<Record<string, unknown>> {
  const attributes = Object.entries(headers)
    .filter(([name, value]) => name.startsWith('ce-') && typeof value === 'string')
    .map(([name, value]) => [name.slice(3), decoded(String(value))]);
  return Object.fromEntries(attributes);
}

/** The binding percent-encodes what headers cannot carry; a stray percent sign stands for itself. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
