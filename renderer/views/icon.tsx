/** Drawn on a grid of 16, in the colour of the text. Always beside a word: hidden from screen readers. */
const PATHS = {
  must: 'M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3zM8 4.6v4.2M8 11.2v.2',
  should: 'M2.5 8h10.5M9 3.8 13.2 8 9 12.2',
  could: 'M8 5.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4z',
  check: 'M3 8.4l3.2 3.2L13 4.8',
  clock: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM8 4.6V8l2.4 1.6',
  undo: 'M3 6.2h6.4a3.4 3.4 0 0 1 0 6.8H6M5.6 3.4 2.8 6.2 5.6 9',
  close: 'M4 4l8 8M12 4l-8 8',
  more: 'M3.4 8h.2M7.9 8h.2M12.4 8h.2',
  search: 'M7 2.6a4.4 4.4 0 1 1 0 8.8 4.4 4.4 0 0 1 0-8.8zM10.4 10.4 13.6 13.6',
  ask: 'M2.4 3h11.2v7.6H7.4L4.4 13.4v-2.8h-2z',
  'why-not': 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM3.7 3.7l8.6 8.6',
  live: 'M8 12.6v.2M5.2 10a4 4 0 0 1 5.6 0M2.6 7.2a7.7 7.7 0 0 1 10.8 0',
  delayed: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM8 4.6V8l2.4 1.6',
  offline: 'M8 12.6v.2M5.2 10a4 4 0 0 1 3.4-1.1M2.6 7.2A7.7 7.7 0 0 1 6.4 5.1M2.4 2.4l11.2 11.2',
  engine:
    'M8 5.4a2.6 2.6 0 1 1 0 5.2 2.6 2.6 0 0 1 0-5.2zM8 1.6v2M8 12.4v2M1.6 8h2M12.4 8h2M3.5 3.5l1.4 1.4M11.1 11.1l1.4 1.4M12.5 3.5l-1.4 1.4M4.9 11.1l-1.4 1.4',
  phone: 'M4.2 2.2l2 .4.7 2.9-1.3 1.2a8.4 8.4 0 0 0 3.7 3.7l1.2-1.3 2.9.7.4 2c0 1-.8 1.8-1.8 1.8A9.6 9.6 0 0 1 2.4 4c0-1 .8-1.8 1.8-1.8z',
  pause: 'M5.6 3.2v9.6M10.4 3.2v9.6',
  quiet: 'M12.8 9.6A5.4 5.4 0 0 1 6.4 3.2a5.4 5.4 0 1 0 6.4 6.4z',
  settings:
    'M2 4.6h6M11.4 4.6H14M2 11.4h2.6M8 11.4h6M9.7 2.9a1.7 1.7 0 1 1 0 3.4 1.7 1.7 0 0 1 0-3.4zM6.3 9.7a1.7 1.7 0 1 1 0 3.4 1.7 1.7 0 0 1 0-3.4z',
  alert: 'M8 2.2 14.4 13H1.6zM8 6.2v3M8 11v.2',
  person: 'M8 2.4a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.4zM2.8 13.8a5.2 5.2 0 0 1 10.4 0',
  quote: 'M6.4 4.4C4.4 5 3.4 6.6 3.4 8.6v3h3.4V8.4H4.9M13 4.4c-2 .6-3 2.2-3 4.2v3h3.4V8.4h-1.9',
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false" data-icon={name}>
      <path d={PATHS[name]} />
    </svg>
  );
}
