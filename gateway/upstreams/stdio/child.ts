import { type ChildProcess, spawn } from 'node:child_process';
import type { UpstreamLimits } from '../limits.ts';
import type { Command } from './command.ts';
import { Complaints } from './complaints.ts';
import { buryGroup, signalGroup, watchGroup } from './group.ts';
import { LineBuffer } from './lines.ts';

export interface ChildEvents {
  readonly line: (line: Uint8Array) => void;
  /** Once, after which nothing more is heard. `why` is for people. */
  readonly gone: (why: string) => void;
}

export interface ChildOptions {
  readonly command: Command;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly limits: UpstreamLimits;
  readonly events: ChildEvents;
}

/** What the codes of `spawn` mean that somebody can do something about. */
const unstarted: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such program or folder'],
  ['EMFILE', 'the gateway has as many files open as it may'],
  ['ENFILE', 'the machine has as many files open as it may'],
  ['EAGAIN', 'there are as many processes as there may be'],
]);

/** How long a dead child's pipes are still read, and how long a mute one is waited for. */
const lastWordsMillisMax = 250;

/**
 * One server process, leader of a process group of its own. Whatever happens to it, `gone` is told once, and by then
 * or soon after nobody of its group is left: SIGTERM first, SIGKILL after `terminateMillisMax`.
 */
export class Child {
  readonly complaints: Complaints;
  readonly startedAt = performance.now();
  readonly #process: ChildProcess;
  readonly #limits: UpstreamLimits;
  readonly #events: ChildEvents;
  readonly #exited: Promise<void>;
  #gone = false;
  #stopping = false;

  constructor({ command, cwd, env, limits, events }: ChildOptions) {
    this.#limits = limits;
    this.#events = events;
    this.complaints = new Complaints(limits);
    this.#process = spawn(command.file, command.args, {
      cwd,
      env,
      detached: true,
      shell: false,
      windowsHide: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#exited = this.#watch();
    this.#listen();
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get alive(): boolean {
    return !this.#gone;
  }

  /** Bytes that wait for the child to read them. */
  get unread(): number {
    return this.#process.stdin?.writableLength ?? 0;
  }

  /** Hands a line to the pipe. False if there is no pipe any more. */
  write(text: string): boolean {
    const { stdin } = this.#process;
    // Where it could not even be given pipes, `gone` is about to say why to whoever greets it.
    if (!this.#gone && this.pid === undefined) return true;
    if (this.#gone || stdin?.writable !== true) return false;
    stdin.write(`${text}\n`);
    return true;
  }

  /** Resolves when everything handed over so far has been read. */
  drained(): Promise<void> {
    const { stdin } = this.#process;
    if (!stdin || stdin.writableLength === 0) return Promise.resolve();
    return new Promise(resolve => {
      const done = (): void => {
        stdin.off('drain', done).off('close', done);
        resolve();
      };
      stdin.on('drain', done).on('close', done);
    });
  }

  /** Ends the child and its group. Resolves when the child is gone; never rejects. */
  async stop(why: string): Promise<void> {
    this.#end(why);
    const { pid, exitCode, signalCode } = this.#process;
    // After its exit the number may be somebody else's.
    const over = pid === undefined || exitCode !== null || signalCode !== null;
    if (this.#stopping || over) return this.#exited;
    this.#stopping = true;
    this.#process.stdin?.destroy();
    signalGroup(pid, 'SIGTERM');
    const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), this.#limits.terminateMillisMax);
    await this.#exited;
    clearTimeout(timer);
  }

  #watch(): Promise<void> {
    const child = this.#process;
    if (child.pid !== undefined) watchGroup(child.pid);
    return new Promise(resolve => {
      child.once('error', thrown => {
        const code = (thrown as NodeJS.ErrnoException).code ?? 'unknown';
        const what = unstarted.get(code);
        this.#end(`it could not be started${what === undefined ? '' : `: ${what}`} (${code})`);
        if (child.pid === undefined) resolve();
      });
      child.once('exit', (code, signal) => {
        if (child.pid !== undefined) buryGroup(child.pid);
        const why = signal === null ? `it exited with code ${code}` : `it was ended by ${signal}`;
        // Lines that it wrote before it died may still be in the pipe; `close` comes when they have been read, and
        // never if a process outside the group holds the other end.
        const timer = setTimeout(() => this.#end(why), lastWordsMillisMax);
        child.once('close', () => {
          clearTimeout(timer);
          this.#end(why);
        });
        resolve();
      });
    });
  }

  /** Where there is no file left for its pipes, there are none: they are not even null. */
  #listen(): void {
    const { stdin, stdout, stderr } = this.#process;
    stdin?.on('error', () => {});
    if (stderr) this.complaints.listen(stderr);
    const lines = new LineBuffer(this.#limits.lineBytesMax);
    stdout?.on('error', () => {});
    stdout?.on('end', () => this.#mute());
    stdout?.on('data', (chunk: Buffer) => {
      const complete = lines.push(chunk);
      if (complete === undefined)
        return void this.stop(`it wrote a line of more than ${this.#limits.lineBytesMax} bytes`);
      for (const line of complete) if (!this.#gone) this.#events.line(line);
    });
  }

  /** Usually it is just about to exit, and its exit code says more. */
  #mute(): void {
    const timer = setTimeout(() => void this.stop('it closed its standard output'), lastWordsMillisMax);
    this.#process.once('exit', () => clearTimeout(timer));
  }

  #end(why: string): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#process.stdout?.destroy();
    this.#process.stderr?.destroy();
    this.#events.gone(why);
  }
}
