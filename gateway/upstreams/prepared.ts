import type { PerformOptions, Ready, UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import type { Action } from '@sallyport/core/model/action.ts';
import type { OwnHeaders } from './http/secrets.ts';
import { lost } from './mcp/conversation.ts';
import type { Slot } from './mcp/wire.ts';

/** Hands the request over before it returns its promise. */
export interface Performer {
  readonly perform: (
    action: Action,
    slot: Slot,
    own: OwnHeaders | undefined,
    options: PerformOptions,
  ) => Promise<UpstreamReply>;
}

/** The way to a server that one action may take, once. */
export class Prepared implements Ready {
  readonly #connection: Performer;
  readonly #action: Action;
  readonly #own: OwnHeaders | undefined;
  #slot: Slot | undefined;

  constructor(connection: Performer, action: Action, slot: Slot, own: OwnHeaders | undefined) {
    this.#connection = connection;
    this.#action = action;
    this.#slot = slot;
    this.#own = own;
  }

  abandon(): void {
    this.#slot?.release();
    this.#slot = undefined;
  }

  perform(options: PerformOptions): Promise<UpstreamReply> {
    const slot = this.#slot;
    this.#slot = undefined;
    return slot === undefined
      ? Promise.resolve(lost('upstream-unavailable', 'it was used or given back already', false))
      : this.#connection.perform(this.#action, slot, this.#own, options);
  }
}
