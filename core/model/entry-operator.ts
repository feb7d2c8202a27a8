import type { Acted } from './acted.ts';
import type { Mode } from './decision.ts';
import type { AgentId, EventId, Instant, ServerId, TaskId } from './ids.ts';

/** What was set for all tasks, and by whom: the world, pins, kills, modes and tokens; and what was erased. */

export interface WorldActivated extends Acted {
  readonly kind: 'world.activated';
  readonly id: EventId;
  readonly world: string;
  readonly policies: string;
  readonly catalogue: string;
  /** Commitment to policies and tools (docs/formats/receipt.md); absent where they could not be kept. */
  readonly evidence?: string;
}

export interface Pinned extends Acted {
  readonly kind: 'pinned';
  readonly id: EventId;
  readonly server: string;
  readonly tool: string;
  readonly pin: string;
  readonly state: 'pinned' | 'quarantined' | 'withdrawn';
  readonly why: string;
}

export interface Killed extends Acted {
  readonly kind: 'killed';
  readonly id: EventId;
  readonly scope: KillScope;
  readonly why: string;
  /** False for `unkill`. */
  readonly stop: boolean;
}

export type KillScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'agent'; readonly agent: AgentId }
  | { readonly kind: 'task'; readonly task: TaskId }
  /** No action of any agent reaches it. */
  | { readonly kind: 'server'; readonly server: ServerId };

export interface ModeSet extends Acted {
  readonly kind: 'mode.set';
  readonly id: EventId;
  /** `default`, or a key of the mode table. */
  readonly scope: string;
  /** `unset` takes back what was set here: the configuration holds again. */
  readonly mode: Mode | 'unset';
}

/** A bearer token was issued for an agent, or revoked. `token` is its name; neither it nor its hash stands here. */
export interface AgentToken extends Acted {
  readonly kind: 'agent.token';
  readonly id: EventId;
  readonly agent: AgentId;
  readonly token: string;
  readonly state: 'issued' | 'revoked';
}

/** Bodies are made unreadable for good: those of one task with its keys, or all that are older with their files. */
export interface Erased extends Acted {
  readonly kind: 'erased';
  readonly id: EventId;
  readonly task?: TaskId;
  readonly before?: Instant;
  readonly why: string;
}
