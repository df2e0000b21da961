/** The engine: everything between the live lane and the agent's window. */
export { createEngine } from './engine.ts';
export type { Taken } from './intake.ts';
export { OutboxLoop } from './outbox-loop.ts';
export { keepNoLonger, retentionTime } from './retention-timer.ts';
export type { Engine, Installed, Listeners, StoreNotice, Surroundings } from './surroundings.ts';
