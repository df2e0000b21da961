/** Frames of a page, as `WebFrameMain`, and the way into each one's isolated world. */
import type { WebFrameMain as ElectronFrame } from 'electron';
import type { SchemeMap } from './scheme-map.ts';
import { type Agrees, StrictEmitter } from './strict.ts';

/** None is emitted yet. */
interface FrameEvents {
  'dom-ready': [];
}

export interface FrameOwner {
  readonly schemes: SchemeMap;
  push(frame: WebFrame, channel: string, args: readonly unknown[]): void;
}

export class WebFrame extends StrictEmitter<FrameEvents> implements Agrees<WebFrame, ElectronFrame> {
  frameToken: string;
  readonly routingId: number;
  /** Pages are one process each; Chromium's number for it is not known here. */
  readonly processId = 1;
  url = '';
  name = '';
  detached = false;
  /** The isolated world of the frame's document; undefined while it has none. */
  contextId: number | undefined;
  readonly above: WebFrame | undefined;
  readonly below: WebFrame[] = [];
  readonly #owner: FrameOwner;

  constructor(owner: FrameOwner, token: string, routingId: number, above: WebFrame | undefined) {
    super('WebFrameMain', []);
    this.#owner = owner;
    this.frameToken = token;
    this.routingId = routingId;
    this.above = above;
    this.contextId = undefined;
    above?.below.push(this);
  }

  get origin(): string {
    return this.#owner.schemes.originOf(this.url);
  }

  get parent(): ElectronFrame | null {
    return this.above ? asElectronFrame(this.above) : null;
  }

  get top(): ElectronFrame | null {
    return this.above ? this.above.top : asElectronFrame(this);
  }

  get frames(): ElectronFrame[] {
    return this.below.map(asElectronFrame);
  }

  get framesInSubtree(): ElectronFrame[] {
    return [asElectronFrame(this), ...this.below.flatMap((frame) => frame.framesInSubtree)];
  }

  isDestroyed(): boolean {
    return this.detached;
  }

  send(channel: string, ...args: unknown[]): void {
    this.#owner.push(this, channel, args);
  }

  leave(): void {
    this.detached = true;
    const siblings = this.above?.below ?? [];
    const at = siblings.indexOf(this);
    if (at >= 0) siblings.splice(at, 1);
  }
}

export function asElectronFrame(frame: WebFrame): ElectronFrame {
  return frame as unknown as ElectronFrame;
}

/** The frames of one page by Chromium's id. */
export class FrameTree {
  readonly #frames = new Map<string, WebFrame>();
  readonly #byContext = new Map<number, WebFrame>();
  readonly #owner: FrameOwner;
  readonly main: WebFrame;

  constructor(owner: FrameOwner) {
    this.#owner = owner;
    this.main = new WebFrame(owner, '', 1, undefined);
  }

  /** Chromium's id of the main frame, known once the page exists. */
  nameMain(id: string): void {
    this.main.frameToken = id;
    this.#frames.set(id, this.main);
  }

  get(id: string): WebFrame | undefined {
    return this.#frames.get(id);
  }

  /** The frame of that id, made on first sight. */
  seen(id: string, parentId: string | undefined): WebFrame {
    const known = this.#frames.get(id);
    if (known) return known;
    const above = parentId === undefined ? this.main : (this.#frames.get(parentId) ?? this.main);
    const frame = new WebFrame(this.#owner, id, this.#frames.size + 1, above);
    this.#frames.set(id, frame);
    return frame;
  }

  detach(id: string): void {
    const frame = this.#frames.get(id);
    if (!frame || frame === this.main) return;
    for (const inner of frame.below.slice()) this.detach(inner.frameToken);
    frame.leave();
    this.#frames.delete(id);
  }

  contextMade(contextId: number, frameId: string): void {
    const frame = this.seen(frameId, undefined);
    frame.contextId = contextId;
    this.#byContext.set(contextId, frame);
  }

  contextGone(contextId: number): void {
    const frame = this.#byContext.get(contextId);
    this.#byContext.delete(contextId);
    if (frame?.contextId === contextId) frame.contextId = undefined;
  }

  allContextsGone(): void {
    for (const frame of this.#byContext.values()) frame.contextId = undefined;
    this.#byContext.clear();
  }

  ofContext(contextId: number): WebFrame | undefined {
    return this.#byContext.get(contextId);
  }
}
