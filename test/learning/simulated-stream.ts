/** Responses whose truth is known: an action's own rate, one column that matters, columns that mean nothing, and a rate that may jump. */
import { logistic, seededRandom } from '#learning';

export interface SimulatedResponse {
  readonly action: readonly string[];
  readonly features: readonly string[];
  readonly isPositive: boolean;
  readonly truth: number;
}

export interface StreamSettings {
  readonly rows: number;
  readonly seed: number;
  /** Log-odds that the column that matters adds or takes. */
  readonly effect: number;
  /** Columns of chance: half are numbers, half are words. */
  readonly noise: number;
  /** What is added to all log-odds from the middle on. */
  readonly jump?: number;
}

const CHANNELS = ['web', 'mail', 'voice'];

export const simulatedShape = ({ noise }: StreamSettings) => ({
  action: ['channel', 'name'],
  features: ['matters', ...Array.from({ length: noise }, (_, at) => `noise${at}`)],
});

export const simulatedStream = (settings: StreamSettings): SimulatedResponse[] => {
  const random = seededRandom(settings.seed);
  return Array.from({ length: settings.rows }, (_, row) => {
    const channel = Math.floor(random() * 3);
    const name = Math.floor(random() * 12);
    const matters = random() < 0.5;
    const noise = Array.from({ length: settings.noise }, (_ignored, at) =>
      at % 2 === 0 ? random().toFixed(3) : `v${Math.floor(random() * 8)}`,
    );
    const level = -2.2 + (channel - 1) * 0.8 + ((name % 4) - 1.5) * 0.5 + (row >= settings.rows / 2 ? (settings.jump ?? 0) : 0);
    const truth = logistic(level + (matters ? settings.effect : -settings.effect));
    return {
      action: [CHANNELS[channel] ?? '', `a${name}`],
      features: [matters ? 'yes' : 'no', ...noise],
      isPositive: random() < truth,
      truth,
    };
  });
};
