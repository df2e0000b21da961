import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';
import type { IpcResponse } from '#contract/ipc.ts';
import type { Api } from '../api.ts';

export type KnownPerson = IpcResponse<'session:people'>['people'][number];

/** How people sign in; null while that is not known. */
export type Offer = IpcResponse<'session:offer'>['offer'];

/** Who sits here, and which rooms they are offered. */
export type Seated = NonNullable<IpcResponse<'session:people'>['here']>;

/** Whether somebody is signed in. A window never sees a change of it: it is loaded anew for the next person. */
export interface SeatState {
  readonly seat: 'asking' | 'free' | 'taken';
  /** With `free`: who has signed in here before. */
  readonly people: readonly KnownPerson[];
  /** With `taken`: null while nobody can say. */
  readonly person: Seated | null;
}
export type SeatStore = StoreApi<SeatState>;

export const createSeatStore = (): SeatStore => createStore<SeatState>(() => ({ seat: 'asking', people: [], person: null }));

/** Asks once; `taken` is called when somebody sits here. Who cannot be named is somebody who takes calls: the desk then says what is wrong. */
export async function askSeat(store: SeatStore, api: Api, taken: (person: Seated | null) => void): Promise<void> {
  const answer = await api.people();
  if (answer !== null && answer.here === null) return store.setState({ seat: 'free', people: answer.people });
  const person = answer?.here ?? null;
  store.setState({ seat: 'taken', person });
  taken(person);
}
