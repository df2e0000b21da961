/** The live lane of whoever decides: everything that is theirs when they connect, and each change of it. */
import type { Namespace, Socket } from 'socket.io';
import { APPROVER_NAMESPACE, type BrokenGlasses, type ReviewRoom, type TO_APPROVER } from '#contract/approval.ts';
import { type Room, roomsOf } from '#contract/rooms.ts';
import type { RaisedAlert } from '#contract/supervision.ts';
import type { z } from 'zod';
import type { PersonPrincipal } from '../access/directory.ts';
import { mayDecideNow, type SeenApproval } from '../approvals/seen-approvals.ts';
import { type PersonLane, servePeople } from './person-lane.ts';

type Queue = z.input<(typeof TO_APPROVER)['queue']>;
type Reviews = z.input<(typeof TO_APPROVER)['reviews']>;
type Item = z.input<(typeof TO_APPROVER)['item']>;

/** What changes in a burst is told of once. */
const GATHER_MS = 1_000;

interface Settings extends Pick<PersonLane, 'counters' | 'authenticate' | 'admitted' | 'failed'> {
  readonly approvers: Namespace;
  readonly queue: (principal: PersonPrincipal) => Promise<Queue>;
  readonly item: (seen: SeenApproval) => Promise<Item>;
  /** Broken glasses that they may look at, and nobody did yet. */
  readonly breaks: (principal: PersonPrincipal) => Promise<BrokenGlasses>;
}

const isOffered = (room: Room, { roles }: PersonPrincipal): boolean => roomsOf([...roles]).includes(room);

export class ApproverGateway {
  readonly #o: Settings;
  readonly #connected = new Map<Socket, PersonPrincipal>();
  readonly #changed = new Set<ReviewRoom>();
  #timer: NodeJS.Timeout | null = null;

  constructor(settings: Settings) {
    this.#o = settings;
    servePeople({
      ...settings,
      name: APPROVER_NAMESPACE,
      namespace: settings.approvers,
      refusal: 'not-an-approver',
      came: (socket, principal) => this.#welcome(socket, principal),
      left: (socket) => this.#connected.delete(socket),
    });
  }

  /** To whom it is theirs to decide, or was. */
  async changed(all: readonly SeenApproval[]): Promise<void> {
    if (this.#connected.size === 0) return;
    for (const seen of all) {
      const theirs = [...this.#connected].filter(([, principal]) => mayDecideNow(principal, seen));
      if (theirs.length === 0) continue;
      const item = await this.#o.item(seen);
      for (const [socket] of theirs) socket.emit('item', item);
    }
  }

  /** Something of this room is other than it was: to those who are offered it. */
  reviewsChanged(room: ReviewRoom): void {
    this.#changed.add(room);
    if (this.#timer === null) this.#timer = setTimeout(() => this.#tellReviewers(), GATHER_MS).unref();
  }

  #tellReviewers(): void {
    this.#timer = null;
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const [socket, principal] of this.#connected) {
      // One by one: a desk that does not know a room yet hears of the others.
      for (const room of changed) if (isOffered(room, principal)) socket.emit('reviews', { rooms: [room] } satisfies Reviews);
      if (changed.includes('oversight')) this.#tellBreaks(socket, principal);
    }
  }

  /** An alert began or is over: to supervisors of one of these teams. */
  alert(alert: RaisedAlert, teams: readonly string[]): void {
    for (const [socket, principal] of this.#connected)
      if (isOffered('wall', principal) && principal.teams.some((team) => teams.includes(team))) socket.emit('alert', alert);
  }

  #tellBreaks(socket: Socket, principal: PersonPrincipal): void {
    if (!isOffered('oversight', principal)) return;
    this.#o.breaks(principal).then(
      (waiting) => socket.emit('breaks', waiting),
      (error: unknown) => this.#o.failed('reading what waits for review', error),
    );
  }

  #welcome(socket: Socket, principal: PersonPrincipal): void {
    const { queue, failed } = this.#o;
    this.#connected.set(socket, principal);
    this.#tellBreaks(socket, principal);
    queue(principal).then(
      (all) => socket.emit('queue', all),
      (error: unknown) => {
        failed('reading the queue of an approver', error);
        socket.disconnect(true);
      },
    );
  }
}
