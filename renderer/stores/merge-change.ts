import type { CallView, DeskChange, DeskView, TranscriptLine } from '#contract/desk.ts';

/** The view with a change laid over it: parts whole, transcript lines by utterance. Lines for another call than the one in front are dropped. */
export function mergeChange(view: DeskView, change: DeskChange): DeskView {
  const { lines, ...parts } = change;
  const next: DeskView = { ...view, ...(parts as Partial<DeskView>) };
  if (lines === undefined || next.call === null || next.call.callId !== lines.callId) return next;
  return { ...next, call: withLines(next.call, lines.lines) };
}

function withLines(call: CallView, lines: readonly TranscriptLine[]): CallView {
  const transcript = [...call.transcript];
  // New or changed lines are near the end: search from there.
  for (const line of lines) {
    const at = transcript.findLastIndex((known) => known.utteranceId === line.utteranceId);
    if (at === -1) transcript.push(line);
    else transcript[at] = line;
  }
  return { ...call, transcript: transcript.toSorted((a, b) => a.startMs - b.startMs) };
}
