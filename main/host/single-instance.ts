/**
 * The single instance lock: a socket in the app's data folder. Whoever listens on it is the first instance; the kernel
 * lets go of it when that process dies, so a lock is never held by the dead.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the second instance tells the first. */
export interface SecondInstance {
  readonly argv: string[];
  readonly workingDirectory: string;
  readonly additionalData: unknown;
}

const messenger = fileURLToPath(new URL('./second-instance.ts', import.meta.url));
// sun_path holds 104 bytes on macOS and 108 on Linux, the final zero included.
const longestSocketPath = 103;

function socketPath(folder: string): string {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 24);
  if (process.platform === 'win32') return `\\\\.\\pipe\\sotto-${name}`;
  const inFolder = join(folder, 'SingletonSocket');
  return Buffer.byteLength(inFolder) <= longestSocketPath ? inFolder : join(tmpdir(), `sotto-${name}.sock`);
}

export class SingleInstance {
  #server: Server | undefined;
  #path: string | undefined;

  get held(): boolean {
    return this.#server !== undefined;
  }

  /**
   * Takes the lock of `folder`, or tells its holder about this process. Synchronous, because the app asks before it does
   * anything else.
   */
  acquire(folder: string, mine: SecondInstance, onSecond: (second: SecondInstance) => void): boolean {
    if (this.held) return true;
    const path = socketPath(folder);
    if (this.#listen(path, onSecond)) return true;
    const told = spawnSync(process.execPath, [messenger, path, JSON.stringify(mine)], { stdio: 'ignore', timeout: 10_000 });
    if (told.status === 0) return false;
    // Nobody listens: the holder died without removing its socket.
    rmSync(path, { force: true });
    return this.#listen(path, onSecond);
  }

  /** Usable while this process exits. */
  release(): void {
    if (!this.#server) return;
    this.#server.close();
    this.#server = undefined;
    if (this.#path !== undefined && process.platform !== 'win32') rmSync(this.#path, { force: true });
  }

  #listen(path: string, onSecond: (second: SecondInstance) => void): boolean {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.on('error', () => socket.destroy());
      socket.on('end', () => {
        socket.end();
        onSecond(JSON.parse(Buffer.concat(chunks).toString('utf8')) as SecondInstance);
      });
    });
    // A taken address is seen below at once; the event that follows says nothing new.
    server.on('error', () => undefined);
    server.listen(path);
    if (!server.listening) return false;
    server.unref();
    this.#server = server;
    this.#path = path;
    return true;
  }
}
