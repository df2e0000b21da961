/** How long work that is partly done will still take, in words. */

const words = (seconds: number): string => {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
};

/** A progress line's words for a share done: `41 %, 12 s left`. Starts to count when it is made. */
export const timeLeft = (now: () => number = () => performance.now()): ((share: number) => string) => {
  const startedAtMs = now();
  return (share) => {
    const percent = `${Math.floor(Math.min(1, share) * 100)} %`;
    if (share < 0.01 || share >= 1) return percent;
    return `${percent}, ${words((((now() - startedAtMs) / 1_000) * (1 - share)) / share)} left`;
  };
};
