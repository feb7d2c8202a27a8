import type { UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import type { DecisionId, TaskId } from '@sallyport/core/model/ids.ts';
import { type JsonObject, normalText } from '@sallyport/core/model/json.ts';
import type { Settle } from './desk.ts';
import type { Acting } from './event.ts';
import type { WorkspaceTool } from './tools.ts';

/** A call that its client has been answered about, and has not reported yet. */
export interface UnderWay {
  readonly session: string;
  readonly tool: WorkspaceTool;
  readonly fate:
    | { readonly kind: 'let-go'; readonly settle: Settle }
    | {
        readonly kind: 'turned-away';
        readonly over: 'asked' | 'refused';
        readonly decision: DecisionId;
        readonly task: TaskId;
      };
}

const underWayMax = 4_096;
/** A command may take long; what is not reported within this is not known to have an end. */
const reportSecondsMax = 6 * 3_600;
/** Clients end a command that takes longer, or let it go on beside them. */
const nestedSecondsMax = 900;

/** What clients do now, by the names that they have for their calls. A class, since every call in it must have an end. */
export class UnderWays {
  readonly #calls = new Map<string, UnderWay[]>();
  readonly #timers = new Map<UnderWay, NodeJS.Timeout>();
  readonly #begunAt = new WeakMap<UnderWay, number>();

  add(key: string, call: UnderWay): void {
    const [oldest] = this.#calls;
    if (this.#timers.size >= underWayMax && oldest !== undefined) this.#take(oldest[0])?.forEach(lose);
    this.#calls.set(key, [...(this.#calls.get(key) ?? []), call]);
    this.#begunAt.set(call, performance.now());
    const late = (): void => {
      this.#remove(key, call);
      lose(call);
    };
    this.#timers.set(call, setTimeout(late, reportSecondsMax * 1_000).unref());
  }

  /** The oldest call of this name. */
  first(key: string): UnderWay | undefined {
    const call = this.#calls.get(key)?.[0];
    if (call !== undefined) this.#remove(key, call);
    return call;
  }

  /** Whether a command is under way in this session: what it runs could say anything that a hook of the client says. */
  runsCode(session: string): boolean {
    return [...this.#timers.keys()].some(call => call.session === session && isCode(call));
  }

  /**
   * The same of any session of a client: what it runs could be the client once more, with words of its own. A command that
   * began long ago is one whose client was closed before it reported.
   */
  runsCodeOf(client: string): boolean {
    const since = performance.now() - nestedSecondsMax * 1_000;
    return [...this.#timers.keys()].some(
      call => call.session.startsWith(`${client} `) && isCode(call) && (this.#begunAt.get(call) ?? 0) >= since,
    );
  }

  /** The session goes on without having reported these. */
  loseOf(session: string): void {
    for (const [key, calls] of this.#calls)
      for (const call of calls.filter(each => each.session === session)) {
        this.#remove(key, call);
        lose(call);
      }
  }

  close(): void {
    for (const key of [...this.#calls.keys()]) this.#take(key)?.forEach(lose);
  }

  #take(key: string): readonly UnderWay[] | undefined {
    const calls = this.#calls.get(key);
    for (const call of calls ?? []) this.#remove(key, call);
    return calls;
  }

  #remove(key: string, call: UnderWay): void {
    clearTimeout(this.#timers.get(call));
    this.#timers.delete(call);
    const rest = (this.#calls.get(key) ?? []).filter(each => each !== call);
    if (rest.length === 0) this.#calls.delete(key);
    else this.#calls.set(key, rest);
  }
}

function isCode({ fate, tool }: UnderWay): boolean {
  return fate.kind === 'let-go' && ['shell', 'mcp', 'other'].includes(tool);
}

function lose({ fate }: UnderWay): void {
  const lost: UpstreamReply = {
    kind: 'lost',
    sent: true,
    code: 'upstream-timeout',
    why: 'the client did not say what came of it',
  };
  if (fate.kind === 'let-go') fate.settle(lost);
}

/** One call of one agent of one session. Where the client has no name for it, what it does is its name. */
export function keyOf(client: string, { session, subagent, callId }: Acting, tool: string, input: JsonObject): string {
  return JSON.stringify([
    client,
    session,
    subagent ?? '',
    callId ?? '',
    tool,
    callId === undefined ? normalText(input) : '',
  ]);
}
