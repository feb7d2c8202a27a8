/** One request of a client, as the full-featured server's own code sees it, whatever transport and era it came over. */
export interface Visit {
  readonly era: 'legacy' | 'modern';
  readonly params: Params;
  readonly meta: Params;
  /** What the client said that it can do: in this request (modern) or in its handshake (legacy). */
  readonly capabilities: Params;
  readonly notify: (method: string, params: object) => void;
  /** Legacy: asks the client in the middle of the call. Rejects with the client's error. */
  readonly ask: (method: string, params: object) => Promise<Params>;
  /** Legacy over HTTP: ends the stream before the answer, which is given to whoever resumes it. */
  readonly hangUp: () => void;
  /** Tells everyone who listens. */
  readonly tell: (method: string, params: object) => void;
}

export interface Params {
  readonly [name: string]: unknown;
}

/** A JSON-RPC error, with HTTP's status where there is HTTP. */
export class RpcError extends Error {
  readonly code: number;
  readonly data: object | undefined;
  readonly status: number;

  constructor(code: number, message: string, data?: object, status = 200) {
    super(message);
    this.code = code;
    this.data = data;
    this.status = status;
  }
}

export const tasksExtension = 'io.modelcontextprotocol/tasks';

export function object(value: unknown): Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Params) : {};
}

export function said(text: string, more: object = {}): object {
  return { content: [{ type: 'text', text }], ...more };
}

export function pause(millis: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, millis));
}

/** MCP 2026-07-28, MissingRequiredClientCapabilityError. */
export function lacking(requiredCapabilities: object): RpcError {
  return new RpcError(-32021, 'The client lacks a capability that this needs', { requiredCapabilities }, 400);
}
