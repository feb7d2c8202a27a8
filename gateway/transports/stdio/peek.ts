/** What the shim has to know of a line that it carries: whose answer it is. It judges nothing; the daemon does. */
export type Peeked =
  | { readonly kind: 'request'; readonly id: string; readonly method: string; readonly message: object }
  | { readonly kind: 'response'; readonly id: string; readonly ok: boolean }
  /** `id` is that of the request which is called off. */
  | { readonly kind: 'cancellation'; readonly id: string }
  | { readonly kind: 'other' };

export function peek(frame: Buffer): Peeked {
  const message = parsed(frame);
  if (message === undefined) return { kind: 'other' };
  if (message.method === 'notifications/cancelled')
    return { kind: 'cancellation', id: JSON.stringify(message.params?.requestId) };
  if (message.id === undefined) return { kind: 'other' };
  const id = JSON.stringify(message.id);
  if (typeof message.method === 'string') return { kind: 'request', id, method: message.method, message };
  return { kind: 'response', id, ok: 'result' in message };
}

interface Parsed {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly result?: unknown;
  readonly params?: { readonly requestId?: unknown };
}

function parsed(frame: Buffer): Parsed | undefined {
  try {
    const value: unknown = JSON.parse(frame.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
