/** Who may sit at this desk: central says so, after the identity provider where there is one has said who it is. */
import { roomsOf } from '#contract/rooms.ts';
import type { SessionResponse, SignInOffer } from '#contract/sign-in.ts';
import type { Tokens } from '#ports/link.ts';
import type { NetworkUse } from '../network/network-use.ts';
import type { BrowserPeople } from './browser-sign-in/browser-people.ts';
import type { BrowserOffer, Granted } from './browser-sign-in/provider-client.ts';
import type { DeviceIdentity } from './device-identity.ts';
import { CLOCK_TOLERANCE_MS } from './offline-entry.ts';
import type { People, Person } from './people.ts';
import { askOffer, signIn, type Who } from './sign-in.ts';
import { SignInRefused } from './sign-in-refused.ts';

const HOUR_MS = 3_600_000;

export interface AdmissionOptions {
  readonly people: People;
  readonly device: DeviceIdentity;
  readonly browser: BrowserPeople;
  /** Makes this process's connections as the system would: before central, and whoever it names, is asked. */
  readonly network: NetworkUse;
  /** Central's address; null = there is none. */
  readonly central: string | null;
  /** The computer's own clock. */
  readonly nowMs: () => number;
  readonly onLog: (text: string) => void;
}

export class Admission {
  readonly #o: AdmissionOptions;
  /** As central said last; null until it was reached. */
  #offer: SignInOffer | null = null;
  #visit = new AbortController();

  constructor(options: AdmissionOptions) {
    this.#o = options;
  }

  /** How people sign in here; null while central cannot be reached. */
  async offer(): Promise<SignInOffer | null> {
    const { central, network } = this.#o;
    if (central === null) return null;
    await network.use([central]);
    const offer = await askOffer(central);
    if (offer !== null) this.#offer = offer;
    if (offer?.by === 'browser') await network.use([central, offer.issuer]);
    return offer;
  }

  /**
   * Null while central cannot be reached, or, without a `visit` to the browser, when they would have to sign in there.
   * Throws SignInRefused when it says no, ProviderAway when the identity provider cannot be reached.
   */
  async granted(agentId: string | null, visit: AbortSignal | null): Promise<{ readonly person: Person; readonly tokens: Tokens } | null> {
    const { people, browser, nowMs, onLog } = this.#o;
    const offer = await this.offer();
    if (offer === null) return null;
    let proof: { readonly offer: BrowserOffer; readonly granted: Granted } | null = null;
    let who: Who;
    if (offer.by === 'name') {
      if (agentId === null) throw new SignInRefused('Say who you are.');
      who = { agentId };
    } else {
      // Who did not sign out may take it up again for as long as they could without central; who sits here stays.
      const known = agentId === null ? undefined : await people.find(agentId);
      const sinceMs = visit === null ? 0 : nowMs() - (known?.offlineHours ?? 0) * HOUR_MS;
      let granted = agentId === null ? null : await browser.renewed(agentId, offer, sinceMs);
      if (granted === null) {
        if (visit === null) {
          onLog('Whoever sits at this desk must sign in again before it is connected.');
          return null;
        }
        granted = await browser.proven(offer, visit);
        proof = { offer, granted };
      }
      who = { bearer: granted.accessToken };
    }
    let answer: SessionResponse | null = null;
    try {
      answer = await this.#answered(who);
    } finally {
      // What was given to somebody who is not let in is given back.
      if (proof !== null && answer?.agent === undefined) await browser.givenBack(proof.offer, proof.granted);
    }
    if (answer?.agent === undefined) return null;
    // Who is at the desk is renewed, never exchanged for somebody else.
    if (visit === null && answer.agent.id !== agentId) return null;
    if (proof !== null) await browser.signedIn(answer.agent.id, proof.offer, proof.granted);
    const { person, setAside } = await people.remember(answer.agent, nowMs());
    if (Math.abs(answer.agent.atMs - nowMs()) <= CLOCK_TOLERANCE_MS) await people.clockIsRight(nowMs());
    if (setAside !== null) onLog(`An older store that nothing opens was set aside: ${setAside}`);
    return { person, tokens: { token: answer.token, deviceToken: answer.agent.deviceToken } };
  }

  async #answered(who: Who): Promise<SessionResponse | null> {
    const { device, central, onLog } = this.#o;
    const answer = central === null ? null : await signIn(central, device, who);
    if (answer?.agent === undefined) return answer;
    if (roomsOf(answer.agent.roles).length === 0)
      throw new SignInRefused(`${answer.agent.name} may sign in, but has nothing to do here. Ask your supervisor.`);
    const refused = answer.agent.trustChange === undefined ? null : await device.follow(answer.agent.trustChange);
    if (refused !== null) onLog(`The keys that this computer trusts stay as they are: ${refused}.`);
    return answer;
  }

  /** Nobody waits for the browser any more. */
  cancel(): void {
    this.#visit.abort(new Error('cancelled'));
  }

  /** Somebody may be asked to sign in in the browser, until this is over; whoever was asked before is not any more. */
  begin(): AbortSignal {
    this.cancel();
    this.#visit = new AbortController();
    return this.#visit.signal;
  }

  /** They sit here no more. */
  signedOut(agentId: string): Promise<void> {
    return this.#o.browser.signedOut(agentId, this.#offer?.by === 'browser' ? this.#offer : null);
  }
}
