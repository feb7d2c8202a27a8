import { redactText } from '@sallyport/core/journal/redact.ts';
import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import type { UpstreamLimits } from '../limits.ts';
import { notificationText } from '../mcp/frame.ts';
import { type Heard, readMessage } from '../mcp/message.ts';
import type { Outgoing, Slot, Wire, WireEvents } from '../mcp/wire.ts';
import { repeatsSecret } from '../repeats.ts';
import { waited } from '../waited.ts';
import { Child, type ChildOptions } from './child.ts';
import type { Variables } from './variables.ts';

/** A child's pipes as a wire: a message a line (MCP, Transports, stdio). */
export class StdioWire implements Wire {
  readonly child: Child;
  readonly #limits: UpstreamLimits;
  readonly #unspoken: readonly Buffer[];
  /** A pipe takes any number of requests, so that the right to write one is the same for all. */
  readonly #slot: Slot = { send: frame => this.child.write(frame), release: () => {} };

  /** `secrets`: what the child was given and must not send back; `unspoken`: what is not shown of what it says for people. */
  constructor(
    options: Omit<ChildOptions, 'events'>,
    { secrets, unspoken }: Pick<Variables, 'secrets' | 'unspoken'>,
    events: WireEvents,
  ) {
    this.#limits = options.limits;
    this.#unspoken = unspoken;
    this.child = new Child({
      ...options,
      events: {
        line: line => events.heard(withoutSecrets(line, secrets), line.length, undefined),
        gone: why => events.closed(why),
      },
    });
  }

  open(): boolean {
    return this.child.alive;
  }

  atHand(): Slot | undefined {
    return this.child.alive && this.child.unread === 0 ? this.#slot : undefined;
  }

  async lease(signal: CallSignal): Promise<Checked<Slot>> {
    if (this.child.unread > 0) await waited(this.child.drained(), signal, this.#limits.prepareMillisMax);
    if (this.child.unread > this.#limits.stdinBytesMax || (signal.aborted && this.child.unread > 0))
      return refused({ code: 'upstream-unavailable', what: 'the server', why: 'it does not read what it is sent' });
    if (!this.child.alive)
      return refused({ code: 'upstream-unavailable', what: 'the server', why: 'it is no longer running' });
    return passed(this.#slot);
  }

  tell(frame: string): void {
    if (this.child.unread <= this.#limits.stdinBytesMax) this.child.write(frame);
  }

  forget({ id }: Outgoing): void {
    this.tell(notificationText('notifications/cancelled', `{"requestId":${id}}`));
  }

  pid(): number | undefined {
    return this.child.pid;
  }

  lastWords(): string[] {
    return this.child.complaints.lines().map(line => speakable(line, this.#unspoken));
  }

  close(why: string): Promise<void> {
    return this.child.stop(why);
  }
}

/** What looks like a secret is taken out of a line; one that was given to the child takes the whole line with it. */
function speakable(line: string, unspoken: readonly Buffer[]): string {
  if (repeatsSecret(Buffer.from(line), { secrets: unspoken })) return '[a line that repeats a secret it was given]';
  return redactText(line, rule => `[redacted ${rule}]`);
}

/** An answer that repeats a secret is spoilt; anything else that does is nobody's, and dropped. */
function withoutSecrets(line: Uint8Array, secrets: readonly Buffer[]): Heard {
  const message = readMessage(line);
  if (
    secrets.length === 0 ||
    message.kind === 'noise' ||
    !repeatsSecret(Buffer.from(line.buffer, line.byteOffset, line.byteLength), { secrets })
  )
    return message;
  if (!('id' in message) || typeof message.id !== 'number') return { kind: 'stray' };
  return { kind: 'spoilt', id: message.id, why: 'it repeats a credential that the server was given' };
}
