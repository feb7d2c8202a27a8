import type { A2aMethod } from './a2a.ts';
import type { Proof } from './agent.ts';
import type { CallSignal } from './call-signal.ts';
import type { Instant, ServerId, TaskId } from './ids.ts';
import type { JsonObject } from './json.ts';
import type { ClientOffer, Question, QuestionMethod, Round } from './question.ts';

/** Which door the call came through. */
export type Door = 'mcp-http' | 'mcp-stdio' | 'a2a' | 'hook' | 'replay';

/** The methods that reach an upstream. Every other method is answered by the gateway itself or refused. */
export type ActingMethod = RequestMethod | QuestionMethod | A2aMethod;

/** The method that a tool's name stands for: the protocols' own operations are tools `mcp:<method>` and `a2a:<operation>`. */
export function methodOf(toolName: string): ActingMethod {
  if (toolName.startsWith('mcp:')) return toolName.slice(4) as ActingMethod;
  return toolName.startsWith('a2a:') ? (`a2a/${toolName.slice(4)}` as ActingMethod) : 'tools/call';
}

/** What an agent asks of a server; the other half are its answers to what a server asked. */
export type RequestMethod =
  | 'tools/call'
  | 'resources/list'
  | 'resources/read'
  | 'resources/subscribe'
  | 'resources/unsubscribe'
  | 'prompts/get'
  | 'completion/complete'
  | 'logging/setLevel'
  | 'tasks/get'
  | 'tasks/update'
  | 'tasks/cancel';

/**
 * What arrived on the wire, untrusted, already cut into its parts by strict parsing.
 *
 * `server` and `name` are routing: the door split `<server>__<tool>` or took the path. `input` is the tool's
 * arguments, or for other methods exactly the members that the method's own row allows.
 */
export interface Call {
  readonly door: Door;
  readonly receivedAt: Instant;
  readonly proof: Proof;
  /** The task token as it came, if one came. It names the task and proves nothing about the agent. */
  readonly taskToken: string | undefined;
  readonly method: ActingMethod;
  readonly server: ServerId;
  /** Exact tool name for `tools/call`; `mcp:<method>` for the rest. */
  readonly name: string;
  readonly input: JsonObject;
  /** Size of the request body in bytes. */
  readonly bytes: number;
  /** The agent asked for progress: notices of kind `progress` may be relayed. */
  readonly wantsProgress: boolean;
  /** Aborted when the agent cancels or goes away. */
  readonly signal: CallSignal;
  /** Called with the task that it is decided in, once that is known and before anything is said in it. */
  readonly inTask?: ((task: TaskId) => void) | undefined;
  /** Called, in order, with what the upstream says before its answer; labels were raised before. */
  readonly relay: (notice: Notice) => void;
  /** Called with what the upstream asks before its answer; labels were raised before. Absent: nobody can be asked. */
  readonly ask?: ((question: Question) => void) | undefined;
  /** What the agent's client can be asked. */
  readonly offers?: ReadonlySet<ClientOffer>;
  readonly round?: Round;
  /** It is part of another call that waits for it: where it would have to wait for that one it is refused. */
  readonly nested?: boolean;
}

/**
 * What an upstream says before its answer, for one call: progress, a log message, or an event of an A2A stream. `params` is
 * relayed as it is.
 */
export interface Notice {
  readonly method: 'notifications/progress' | 'notifications/message' | 'a2a/event';
  readonly params: JsonObject;
}
