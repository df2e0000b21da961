/** Repeats each piece of work after its pause, never twice at once; returns what stops them. */
export function runEvery(jobs: readonly (readonly [number, () => Promise<void>, (error: unknown) => void])[]): () => void {
  const timers = jobs.map(([pauseMs, work, failed]) => {
    let isRunning = false;
    return setInterval(() => {
      if (isRunning) return;
      isRunning = true;
      work()
        .catch(failed)
        .finally(() => {
          isRunning = false;
        });
    }, pauseMs);
  });
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
