import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { errorCodes } from '../mcp/wire/protocol.ts';
import { FrameReader } from './frames.ts';
import { type LinkOptions, openLink } from './link.ts';
import { peek } from './peek.ts';

export interface ShimOptions extends Omit<LinkOptions, 'connectMillisMax' | 'task' | 'server'> {
  readonly task?: string | undefined;
  readonly server?: string | undefined;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly limits?: Partial<ShimLimits>;
}

export interface ShimLimits {
  readonly connectMillisMax: number;
  readonly frameBytesMax: number;
  /** How long answers are waited for once the client has closed its side. */
  readonly drainMillisMax: number;
}

const defaults: ShimLimits = { connectMillisMax: 5_000, frameBytesMax: 64 * 1024 * 1024, drainMillisMax: 10_000 };

/**
 * What a client starts as its MCP server: `sallyport mcp --entry ID`. It carries lines between the client and the daemon
 * and decides nothing. Resolves with an exit code once the client is done: 0, or 6 where the daemon could not be reached.
 */
export async function runShim(options: ShimOptions): Promise<number> {
  const limits = { ...defaults, ...options.limits };
  const shim = new Shim(options, limits);
  const frames = new FrameReader(limits.frameBytesMax);
  options.stdout.on('error', () => shim.close());
  await shim.connect();
  for await (const chunk of options.stdin as AsyncIterable<Buffer>) {
    const complete = frames.push(Buffer.from(chunk));
    if (complete === 'too-large') {
      shim.say(`a line is longer than ${limits.frameBytesMax} bytes`);
      break;
    }
    for (const frame of complete) await shim.fromClient(frame);
  }
  await shim.drain(limits.drainMillisMax);
  shim.close();
  return shim.exitCode;
}

const replayId = 'sallyport-shim:initialize';
const replayIdText = JSON.stringify(replayId);

class Shim {
  readonly #options: ShimOptions;
  readonly #limits: ShimLimits;
  /** Methods of the requests that the client waits for, by the JSON text of their id. */
  readonly #pending = new Map<string, string>();
  #socket: Socket | undefined;
  /** The client's own handshake, once it was answered: repeated to a daemon that has not heard it. */
  #handshake: { readonly id: string; readonly message: object; answered: boolean } | undefined;
  #replayed: (() => void) | undefined;
  #reached = false;
  #whyNot = '';
  #onIdle: (() => void) | undefined;

  constructor(options: ShimOptions, limits: ShimLimits) {
    this.#options = options;
    this.#limits = limits;
  }

  get exitCode(): number {
    return this.#whyNot === '' ? 0 : 6;
  }

  say(text: string): void {
    this.#options.stderr.write(`sallyport: ${text}\n`);
  }

  /** A daemon that is not there is said once on stderr, and in the answer to every request. */
  async connect(): Promise<void> {
    const { connectMillisMax } = this.#limits;
    const { task, server } = this.#options;
    const link = await openLink({ ...this.#options, task, server, connectMillisMax });
    if (!link.ok) {
      const whyNot = `${link.why}; ${link.fix}`;
      if (this.#whyNot !== whyNot) this.say(`${whyNot} (${this.#options.socketPath})`);
      this.#whyNot = whyNot;
      return;
    }
    this.#whyNot = '';
    this.#socket = link.socket;
    link.socket.on('error', () => link.socket.destroy());
    link.socket.on('close', () => this.#lost());
    this.#listen(link.socket);
    if (this.#reached) await this.#again(link.socket);
    this.#reached = true;
  }

  async fromClient(frame: Buffer): Promise<void> {
    const seen = peek(frame);
    if (this.#socket === undefined) await this.connect();
    if (seen.kind === 'request' && seen.method === 'initialize') this.#handshake = { ...seen, answered: false };
    const socket = this.#socket;
    if (socket === undefined) {
      if (seen.kind === 'request') this.#fail(seen.id, this.#whyNot, 'unavailable');
      return;
    }
    if (seen.kind === 'request') this.#pending.set(seen.id, seen.method);
    // Nothing is answered any more: not by the daemon, and not by us should it go away.
    if (seen.kind === 'cancellation') this.#settle(seen.id);
    if (socket.write(Buffer.concat([frame, newline]))) return;
    await new Promise<void>(resolve => {
      socket.once('drain', resolve);
      socket.once('close', resolve);
    });
  }

  drain(millisMax: number): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise(resolve => {
      const timer = setTimeout(resolve, millisMax);
      this.#onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #listen(socket: Socket): void {
    const frames = new FrameReader(this.#limits.frameBytesMax);
    socket.on('data', (chunk: Buffer) => {
      const complete = frames.push(chunk);
      if (complete === 'too-large') socket.destroy();
      else for (const frame of complete) this.#fromDaemon(frame, socket);
    });
    socket.resume();
  }

  #fromDaemon(frame: Buffer, socket: Socket): void {
    const seen = peek(frame);
    if (seen.kind === 'response') {
      if (seen.id === replayIdText) {
        this.#replayed?.();
        return;
      }
      if (seen.ok && seen.id === this.#handshake?.id) this.#handshake.answered = true;
      this.#settle(seen.id);
    }
    if (this.#options.stdout.write(Buffer.concat([frame, newline]))) return;
    socket.pause();
    this.#options.stdout.once('drain', () => socket.resume());
  }

  /** What was under way may have been done or not: nobody can say, and nothing is sent a second time. */
  #lost(): void {
    if (this.#socket === undefined) return;
    this.#socket = undefined;
    this.#whyNot = 'the gateway went away';
    this.say(`${this.#whyNot}; the next request will try to reach it again`);
    for (const id of [...this.#pending.keys()])
      this.#fail(id, 'the gateway went away while this was under way; its effect is not known', 'indeterminate');
  }

  /** A daemon that was started anew: it hears the client's handshake again, and the client hears that it is another. */
  async #again(socket: Socket): Promise<void> {
    this.say('connected again');
    if (this.#handshake?.answered !== true) return;
    await new Promise<void>(resolve => {
      this.#replayed = resolve;
      socket.once('close', resolve);
      socket.write(`${JSON.stringify({ ...this.#handshake?.message, id: replayId })}\n`);
    });
    socket.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
    for (const kind of ['tools', 'prompts', 'resources'])
      this.#options.stdout.write(`{"jsonrpc":"2.0","method":"notifications/${kind}/list_changed"}\n`);
  }

  #fail(id: string, why: string, code: string): void {
    const error = JSON.stringify({ code: errorCodes.unavailable, message: `Sallyport: ${why}`, data: { code, why } });
    this.#options.stdout.write(`{"jsonrpc":"2.0","id":${id},"error":${error}}\n`);
    this.#settle(id);
  }

  #settle(id: string): void {
    this.#pending.delete(id);
    if (this.#isIdle()) this.#onIdle?.();
  }

  /** A subscription has no answer to wait for. */
  #isIdle(): boolean {
    return [...this.#pending.values()].every(method => method === 'subscriptions/listen');
  }
}

const newline = Buffer.from('\n');
