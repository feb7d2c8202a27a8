import type { Held } from './connections.ts';
import type { ConnectionKey } from './key.ts';
import type { Era } from './mcp/frame.ts';

/** One connection, for `sallyport status`. Everything in it can be printed as it is. */
export interface ConnectionStatus {
  readonly key: ConnectionKey;
  readonly state: 'open' | 'opening' | 'failed' | 'closed';
  readonly era: Era | undefined;
  readonly pid: number | undefined;
  readonly callsInFlight: number;
  /** How often it failed in a row, and why it failed most recently. */
  readonly failures: number;
  readonly lastFailure: string | undefined;
  /** What the server sent and nobody had asked for. */
  readonly dropped: { readonly strays: number; readonly notices: number; readonly requests: number };
  /** The last lines of its standard error, without what looks like a secret. */
  readonly lastWords: readonly string[];
}

export function statusOf(held: Held): ConnectionStatus {
  const { key, connection, opening, backoff, lastFailure } = held;
  const failed = backoff.failures > 0 ? 'failed' : 'closed';
  return {
    key,
    state: connection !== undefined ? 'open' : opening !== undefined ? 'opening' : failed,
    era: connection?.greeting.era,
    pid: connection?.wire.pid?.(),
    callsInFlight: connection?.conversation.inFlight ?? 0,
    failures: backoff.failures,
    lastFailure,
    dropped: { strays: 0, notices: 0, requests: 0, ...connection?.conversation.dropped },
    lastWords: connection?.wire.lastWords?.() ?? held.lastWords,
  };
}
