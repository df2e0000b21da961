/** The engine: everything between the live lane and the agent's window. */
export { createEngine, type Engine } from './engine.ts';
export type { Taken } from './intake.ts';
export type { Listeners, Surroundings } from './surroundings.ts';
