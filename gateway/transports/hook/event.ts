import type { JsonNode, JsonObject } from '@sallyport/core/model/json.ts';
import type { WorkspaceTool } from './tools.ts';

/** One thing that a client's hook says, whichever client it is. */
export type HookEvent =
  /** A session begins. `fresh`: its agent has read nothing yet. */
  | { readonly kind: 'begun'; readonly session: string; readonly fresh: boolean; readonly root: string | undefined }
  /** The user says something to the agent. */
  | { readonly kind: 'prompt'; readonly session: string; readonly words: string; readonly root: string | undefined }
  /** The agent is about to act, and the client waits for an answer. */
  | ({ readonly kind: 'before' } & Acting)
  /** It has acted. */
  | ({ readonly kind: 'after'; readonly said: JsonNode; readonly failed: boolean } & Acting)
  | { readonly kind: 'ended'; readonly session: string }
  /** Something that nobody here asks about. */
  | { readonly kind: 'nothing' };

export interface Acting {
  readonly session: string;
  /** The folder that the session works in, as far as this event tells. */
  readonly root: string | undefined;
  /** Which of the client's own agents acts; undefined: the one that the user talks to. */
  readonly subagent: string | undefined;
  /** The client's name for this call; undefined where it has none. */
  readonly callId: string | undefined;
  readonly act: ClientAct;
}

/** What the agent does, in the words of `tools.ts`, or over MCP. */
export type ClientAct =
  | { readonly kind: 'tool'; readonly name: WorkspaceTool; readonly input: JsonObject }
  | { readonly kind: 'mcp'; readonly entry: string; readonly tool: string; readonly input: JsonObject };

/** What the client is told. */
export type Advice =
  /** Nothing: the client goes on as it would without us. */
  | { readonly kind: 'silent' }
  /** Policy permits it, and is enforced: the client need not ask. */
  | { readonly kind: 'allow' }
  | { readonly kind: 'ask'; readonly text: string }
  | { readonly kind: 'deny'; readonly text: string };

export type ReadEvent =
  | { readonly ok: true; readonly event: HookEvent }
  /** The field, and what is wrong with it; never a value. */
  | { readonly ok: false; readonly field: string; readonly why: string };

/** What the door knows before it reads an event. */
export interface Known {
  /** The folder that a session began in. */
  readonly rootOf: (session: string) => string | undefined;
  /** The client's own names for servers that lead here. */
  readonly entries: readonly string[];
}

/** A client's own words for all this. */
export interface ClientShape {
  readonly id: string;
  readonly name: string;
  readonly read: (body: JsonObject, known: Known) => ReadEvent;
  /** The JSON text that goes back. An answer is always one, so that silence can be told from a failure. */
  readonly answer: (advice: Advice, body: JsonObject) => string;
  /** What says something to its user as a session begins, and changes nothing; undefined: it shows nothing. */
  readonly tell?: (words: string) => string;
  /** Whether its user can be asked by the client about this call. */
  readonly asks: (body: JsonObject) => boolean;
}
