/** A supervisor's live wall, as their program keeps it. */
import { io, type Socket } from 'socket.io-client';
import { SUPERVISOR_NAMESPACE, WallChange, type WallRow } from '#contract/supervision.ts';
import { connected } from './fixture.ts';

export class TestSupervisor {
  readonly rows = new Map<string, WallRow>();
  /** When each call was last told of, in steady milliseconds. */
  readonly toldAtMs = new Map<string, number>();
  messages = 0;
  told = 0;
  left = 0;
  /** Messages wait for this before they are acknowledged. */
  gate: Promise<void> = Promise.resolve();
  onRow: (row: WallRow, atMs: number) => void = () => {};
  readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('wall', async (body: unknown, acknowledge: () => void) => {
      const { isWhole, rows, gone, left } = WallChange.parse(body);
      const atMs = performance.now();
      this.messages += 1;
      this.told += rows.length;
      this.left = left;
      if (isWhole) this.rows.clear();
      for (const callId of gone) this.rows.delete(callId);
      for (const row of rows) {
        this.rows.set(row.callId, row);
        this.toldAtMs.set(row.callId, atMs);
        this.onRow(row, atMs);
      }
      await this.gate;
      acknowledge();
    });
  }

  static async connect(url: string, token: string): Promise<TestSupervisor> {
    const socket = io(url + SUPERVISOR_NAMESPACE, { transports: ['websocket'], auth: { token }, reconnection: false, forceNew: true });
    const supervisor = new TestSupervisor(socket);
    await connected(socket);
    return supervisor;
  }

  close(): void {
    this.socket.disconnect();
  }
}
