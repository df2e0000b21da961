/** Reads a trace of Chromium: what the window's main thread did, by frame. */

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds. */
  readonly ts: number;
  readonly dur?: number;
  /** Of these, those in which the thread had a processor. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Script, style, layout and paint as the main thread does them; one inside another counts once. */
const FRAME = 'WebFrameWidgetImpl::BeginMainFrame';
const WORK: ReadonlySet<string> = new Set([
  // Animation callbacks, style, layout, paint and commit.
  FRAME,
  'LocalFrameView::UpdateStyleAndLayout',
  'EvaluateScript',
  'FunctionCall',
  'FireAnimationFrame',
  'TimerFire',
  'EventDispatch',
  'RunMicrotasks',
  'MinorGC',
  'MajorGC',
  'IntersectionObserverController::computeIntersections',
  'UpdateLayoutTree',
  'Layout',
  'PrePaint',
  'Paint',
  'Layerize',
  'Commit',
  'HitTest',
]);

export interface TraceFigures {
  readonly frames: number;
  /** Script, layout and paint between one frame and the next. */
  readonly frameMs: { readonly p50: number; readonly p95: number; readonly max: number };
  /** The same without the time in which the machine did something else: what a busy one still tells truly. */
  readonly frameCpuMs: { readonly p50: number; readonly p95: number; readonly max: number };
  readonly longestTaskMs: number;
  readonly longestTaskCpuMs: number;
  readonly tasksOver50Ms: number;
}

const sorted = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);
const share = (values: readonly number[], part: number): number =>
  Math.round((values[Math.min(values.length - 1, Math.ceil(part * values.length) - 1)] ?? 0) * 100) / 100;

/** Throws where the trace holds no frames: nothing was measured. */
export function readTrace(text: string): TraceFigures {
  const { traceEvents } = JSON.parse(text) as { readonly traceEvents: readonly TraceEvent[] };
  const mains = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  // Of the page, not of Chromium's own: whichever did most.
  const ofThread = (pid: number, tid: number) => traceEvents.filter((event) => event.pid === pid && event.tid === tid);
  const events = mains
    .map(({ pid, tid }) => ofThread(pid, tid))
    .reduce((most, one) => (one.length > most.length ? one : most), [] as readonly TraceEvent[]);
  const whole = events.filter((event) => event.ph === 'X' && event.dur !== undefined).toSorted((a, b) => a.ts - b.ts);
  const begins = sorted(whole.filter(({ name }) => name === FRAME).map(({ ts }) => ts));
  if (begins.length < 30) throw new Error(`the trace holds ${begins.length} frames: nothing was measured`);
  const [first = 0] = begins;
  const work = new Float64Array(begins.length);
  const cpu = new Float64Array(begins.length);
  let frame = 0;
  let untilTs = 0;
  for (const { name, ts, dur = 0, tdur = 0 } of whole) {
    if (!WORK.has(name) || ts < first || ts < untilTs) continue;
    untilTs = ts + dur;
    while (frame + 1 < begins.length && (begins[frame + 1] ?? 0) <= ts) frame += 1;
    work[frame] = (work[frame] ?? 0) + dur / 1_000;
    cpu[frame] = (cpu[frame] ?? 0) + tdur / 1_000;
  }
  const runs = whole.filter(({ name, ts }) => name.endsWith('RunTask') && ts >= first);
  const tasks = runs.map(({ dur = 0 }) => dur / 1_000);
  if (tasks.length === 0) throw new Error('the trace holds no tasks: nothing was measured');
  const frames = sorted([...work]);
  const busy = sorted([...cpu]);
  return {
    frames: frames.length,
    frameMs: { p50: share(frames, 0.5), p95: share(frames, 0.95), max: share(frames, 1) },
    frameCpuMs: { p50: share(busy, 0.5), p95: share(busy, 0.95), max: share(busy, 1) },
    longestTaskMs: Math.round(Math.max(...tasks) * 100) / 100,
    longestTaskCpuMs: Math.round(Math.max(...runs.map(({ tdur = 0 }) => tdur / 1_000)) * 100) / 100,
    tasksOver50Ms: tasks.filter((ms) => ms > 50).length,
  };
}
