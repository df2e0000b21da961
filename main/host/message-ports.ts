/**
 * MessageChannelMain and MessagePortMain. A port wraps a `PortEnd`; transferring a port moves its end to a new owner,
 * in this process or, through a `PortLink`, in another one.
 */
import type { MessageChannelMain as ElectronChannel, MessageEvent, MessagePortMain as ElectronPort } from 'electron';
import { type Agrees, StrictEmitter } from './strict.ts';

interface PortMessage {
  readonly data: unknown;
  readonly ends: readonly PortEnd[];
}

export class PortEnd {
  #peer: PortEnd | undefined;
  #waiting: PortMessage[] = [];
  #onMessage: ((message: PortMessage) => void) | undefined;
  #onClose: (() => void) | undefined;

  static pair(): readonly [PortEnd, PortEnd] {
    const [one, two] = [new PortEnd(), new PortEnd()];
    one.#peer = two;
    two.#peer = one;
    return [one, two];
  }

  post(message: PortMessage): void {
    const peer = this.#peer;
    if (peer) setImmediate(() => peer.#receive(message));
  }

  /** Messages that came before go to `onMessage` first. */
  receiveWith(onMessage: (message: PortMessage) => void): void {
    this.#onMessage = onMessage;
    for (const message of this.#waiting.splice(0)) onMessage(message);
  }

  /** Called once when either side closes, after the messages posted before. */
  closeWith(onClose: () => void): void {
    this.#onClose = onClose;
  }

  close(): void {
    const peer = this.#peer;
    this.#peer = undefined;
    if (peer) {
      peer.#peer = undefined;
      setImmediate(() => peer.#closed());
    }
    setImmediate(() => this.#closed());
  }

  #receive(message: PortMessage): void {
    if (this.#onMessage) this.#onMessage(message);
    else this.#waiting.push(message);
  }

  #closed(): void {
    const onClose = this.#onClose;
    this.#onClose = undefined;
    onClose?.();
  }
}

interface PortEvents {
  message: [event: MessageEvent];
  close: [];
}

export class MessagePortMain extends StrictEmitter<PortEvents> implements Agrees<MessagePortMain, ElectronPort> {
  #end: PortEnd | undefined;

  constructor(end: PortEnd) {
    super('MessagePortMain', ['message', 'close']);
    this.#end = end;
    end.closeWith(() => this.emit('close'));
  }

  postMessage(data: unknown, transfer: readonly ElectronPort[] = []): void {
    this.#held().post({ data: structuredClone(data), ends: takeEnds(transfer) });
  }

  start(): void {
    this.#held().receiveWith(({ data, ends }) => this.emit('message', messageEvent(data, ends)));
  }

  close(): void {
    this.#end?.close();
  }

  /** Gives the end away; the port is of no use afterwards. */
  take(): PortEnd {
    const end = this.#held();
    this.#end = undefined;
    end.closeWith(() => undefined);
    return end;
  }

  #held(): PortEnd {
    if (this.#end === undefined) throw new Error('electron stand-in: the port was transferred and cannot be used here');
    return this.#end;
  }
}

export class MessageChannelMain implements Record<keyof ElectronChannel, unknown> {
  readonly port1: ElectronPort;
  readonly port2: ElectronPort;

  constructor() {
    const [one, two] = PortEnd.pair();
    this.port1 = asElectronPort(new MessagePortMain(one));
    this.port2 = asElectronPort(new MessagePortMain(two));
  }
}

export function takeEnds(ports: readonly ElectronPort[]): PortEnd[] {
  return ports.map((port) => (port as unknown as MessagePortMain).take());
}

export function messageEvent(data: unknown, ends: readonly PortEnd[]): MessageEvent {
  return { data, ports: ends.map((end) => asElectronPort(new MessagePortMain(end))) };
}

function asElectronPort(port: MessagePortMain): ElectronPort {
  return port;
}

/** What two linked processes tell each other about the ports that cross between them. */
export type LinkMessage =
  | { readonly kind: 'port-message'; readonly port: string; readonly data: unknown; readonly ports: readonly string[] }
  | { readonly kind: 'port-closed'; readonly port: string };

/** One side of a link between two processes; both sides know a port by the same id. */
export class PortLink {
  readonly #ends = new Map<string, PortEnd>();
  readonly #side: string;
  readonly #send: (message: LinkMessage) => void;
  #lastId = 0;

  constructor(side: 'main' | 'utility', send: (message: LinkMessage) => void) {
    this.#side = side;
    this.#send = send;
  }

  /** Sends ends away: what arrives at them goes to the other process from now on. */
  give(ends: readonly PortEnd[]): string[] {
    return ends.map((end) => {
      this.#lastId += 1;
      const id = `${this.#side}-${this.#lastId}`;
      this.#relay(id, end);
      return id;
    });
  }

  /** Makes the ends the other process gave away. */
  accept(ids: readonly string[]): PortEnd[] {
    return ids.map((id) => {
      const [inner, outer] = PortEnd.pair();
      this.#relay(id, inner);
      return outer;
    });
  }

  receive(message: LinkMessage): void {
    const end = this.#ends.get(message.port);
    if (message.kind === 'port-message') {
      end?.post({ data: message.data, ends: this.accept(message.ports) });
      return;
    }
    this.#ends.delete(message.port);
    end?.closeWith(() => undefined);
    end?.close();
  }

  /** The other process is gone. */
  drop(): void {
    for (const id of Array.from(this.#ends.keys())) this.receive({ kind: 'port-closed', port: id });
  }

  #relay(id: string, end: PortEnd): void {
    this.#ends.set(id, end);
    end.closeWith(() => {
      if (this.#ends.delete(id)) this.#send({ kind: 'port-closed', port: id });
    });
    end.receiveWith(({ data, ends }) => this.#send({ kind: 'port-message', port: id, data, ports: this.give(ends) }));
  }
}
