import type { Socket } from 'node:net';
import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import type { UpstreamLimits } from '../limits.ts';
import { dial, type ListenAddress } from './dial.ts';
import { type NewestHead, type ResponseHead, ResponseReader } from './response.ts';

/** Who reads the answer that a line is waiting for. */
export interface LineListener {
  readonly head: (head: ResponseHead) => void;
  /** What stands in `bytes` between the two. */
  readonly body: (bytes: Buffer, from: number, to: number) => void;
  readonly end: () => void;
  /** The connection broke, or what came over it is not HTTP. */
  readonly fault: (why: string) => void;
}

/**
 * A connection that carries one exchange at a time. `ask` writes the whole request before it returns: that is why this
 * room has a small HTTP client of its own (docs/decisions). A client with a queue writes when it finds the time, and
 * between the last check and the first byte there must be none.
 */
export class Line {
  readonly #socket: Socket;
  readonly #onIdle: (line: Line) => void;
  readonly #reader: ResponseReader;
  #listener: LineListener | undefined;
  /** An answer is due: other bytes are nobody's. */
  #asked = false;
  idleSince = performance.now();

  constructor(socket: Socket, headBytesMax: number, newest: NewestHead, onIdle: (line: Line) => void) {
    this.#socket = socket;
    this.#onIdle = onIdle;
    this.#reader = new ResponseReader(
      {
        head: head => this.#listener?.head(head),
        body: (bytes, from, to) => this.#listener?.body(bytes, from, to),
        end: reusable => this.#ended(reusable),
        fault: why => this.#broke(why),
      },
      headBytesMax,
      newest,
    );
    const over = (): void => this.#broke('the connection was closed');
    socket.on('error', () => this.#broke('the connection broke'));
    socket.on('close', over);
    socket.on('end', () => {
      if (this.#asked) this.#reader.finish();
      over();
    });
    socket.on('data', (chunk: Buffer) => {
      // Bytes that nobody asked for would be taken for the next answer.
      if (this.#asked) this.#reader.push(chunk);
      else this.close();
    });
  }

  get usable(): boolean {
    return (
      this.#listener === undefined && !this.#socket.destroyed && this.#socket.writable && !this.#socket.readableEnded
    );
  }

  /** False: nothing was written. `latin1` only for a text that is ASCII. */
  ask(request: string, encoding: 'latin1' | 'utf8', listener: LineListener): boolean {
    if (!this.usable) return false;
    this.#listener = listener;
    this.#asked = true;
    this.#reader.begin();
    this.#socket.ref();
    this.#socket.write(request, encoding);
    return true;
  }

  close(): void {
    this.#listener = undefined;
    this.#socket.destroy();
  }

  #ended(reusable: boolean): void {
    const listener = this.#listener;
    this.#listener = undefined;
    this.#asked = false;
    if (reusable && this.#socket.writable) {
      this.idleSince = performance.now();
      this.#socket.unref();
      this.#onIdle(this);
    } else this.#socket.destroy();
    listener?.end();
  }

  #broke(why: string): void {
    const listener = this.#listener;
    this.#listener = undefined;
    this.#socket.destroy();
    listener?.fault(why);
  }
}

/** Connected lines to one endpoint for one agent and principal. Lines are never shared beyond that. */
export class Lines {
  readonly #url: URL;
  readonly #limits: UpstreamLimits;
  readonly #listening: () => readonly ListenAddress[];
  readonly #all = new Set<Line>();
  readonly #newest: NewestHead = { known: undefined };
  #idle: Line[] = [];
  /** One for all of them: it is not moved by what is done in between. */
  #hangUp: NodeJS.Timeout | undefined;

  constructor(url: URL, limits: UpstreamLimits, listening: () => readonly ListenAddress[]) {
    this.#url = url;
    this.#limits = limits;
    this.#listening = listening;
  }

  /** A line that is connected and free, taken out of the idle ones. */
  async take(signal: CallSignal): Promise<Checked<Line>> {
    const idle = this.takeIdle();
    if (idle !== undefined) return passed(idle);
    const dialled = await dial({
      url: this.#url,
      millisMax: this.#limits.connectMillisMax,
      listening: this.#listening,
    });
    if (!dialled.ok) return dialled;
    const line = new Line(dialled.value, this.#limits.headBytesMax, this.#newest, this.#rest);
    this.#all.add(line);
    dialled.value.once('close', () => this.#drop(line));
    if (!signal.aborted) return passed(line);
    line.close();
    return refused({ code: 'cancelled', what: this.#url.host, why: 'the agent cancelled it before it was sent' });
  }

  /** Given back unused. */
  giveBack(line: Line): void {
    if (line.usable) this.#rest(line);
    else line.close();
  }

  readonly #rest = (line: Line): void => {
    this.#idle.push(line);
    this.#hangUp ??= setTimeout(this.#hangUpIdle, this.#limits.socketIdleMillisMax).unref();
  };

  /** The rest of them is looked at again when the one that has rested longest has rested long enough. */
  readonly #hangUpIdle = (): void => {
    const now = performance.now();
    const { socketIdleMillisMax } = this.#limits;
    for (const line of this.#idle) if (now - line.idleSince >= socketIdleMillisMax) line.close();
    this.#idle = this.#idle.filter(line => line.usable);
    const oldest = Math.min(...this.#idle.map(({ idleSince }) => idleSince));
    const wait = Math.ceil(oldest + socketIdleMillisMax - now);
    this.#hangUp = this.#idle.length === 0 ? undefined : setTimeout(this.#hangUpIdle, wait).unref();
  };

  closeAll(): void {
    clearTimeout(this.#hangUp);
    for (const line of this.#all) line.close();
  }

  /** The youngest first; those that the server is about to hang up are hung up here. */
  takeIdle(): Line | undefined {
    const oldest = performance.now() - this.#limits.socketIdleMillisMax;
    for (let line = this.#idle.pop(); line !== undefined; line = this.#idle.pop()) {
      if (line.usable && line.idleSince > oldest) return line;
      line.close();
    }
    return undefined;
  }

  #drop(line: Line): void {
    this.#all.delete(line);
    this.#idle = this.#idle.filter(idle => idle !== line);
  }
}
