import type { Mode } from '@sallyport/core/model/decision.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import type { CredentialView } from './credential.ts';

export interface StatusView {
  readonly version: string;
  readonly state: 'starting' | 'ready' | 'stopping';
  readonly startedAt: Instant;
  readonly runsFrom?: RunsFrom;
  readonly now: Instant;
  readonly listen: string;
  readonly stateDir: string;
  /** Digest of the world in force. */
  readonly world: string;
  /** A changed policy set that waits for `policy activate`, or `unreadDigest`. */
  readonly candidate?: string;
  readonly policies: number;
  readonly servers: readonly ServerState[];
  readonly agents: number;
  readonly tasks: { readonly open: number };
  readonly approvals: { readonly pending: number };
  readonly quarantined: number;
  /** Tasks about which several things were noticed: see `findings`. */
  readonly findings?: number;
  readonly killed: readonly KillView[];
  readonly modes: ModesView;
  readonly journal: JournalState;
  /** The ways in which people are told of questions, in the order in which they are tried. */
  readonly channels?: readonly ChannelView[];
  /** While the default mode does not enforce, and once there is a day of record: what it would have done since yesterday. */
  readonly observed?: ObservedView;
  /** How long arguments, results and purposes are kept; absent: until they are erased. */
  readonly bodyDaysMax?: number;
  /** Issuer of the organisation's sign-in, where there is one. */
  readonly signIn?: string;
  /** The list of revoked tokens was found to be lost, no longer ago than a token of before could live. */
  readonly tokensLost?: TokensLost;
  /** Credentials that somebody should look at. */
  readonly credentials?: readonly Pick<CredentialView, 'name' | 'state'>[];
}

/** A bundle that was made of the sources, or these themselves, and why. */
export type RunsFrom = { readonly kind: 'bundle' } | { readonly kind: 'sources'; readonly because: string };

export interface TokensLost {
  readonly at: Instant;
  /** Where the list stands. */
  readonly file: string;
}

export interface ObservedView {
  /** The first decision on record. */
  readonly since: Instant;
  /** Those of the last day, the newest 2,000 at most. */
  readonly calls: number;
  /** How many a person would have been asked about, and how many would have been refused. */
  readonly asked: number;
  readonly refused: number;
}

export interface ChannelView {
  readonly id: string;
  readonly state: 'unused' | 'ok' | 'failing';
  readonly at?: Instant;
  readonly why?: string;
}

export interface LeftOutView {
  readonly kind: string;
  readonly name: string;
  readonly why: string;
}

export interface ServerState {
  readonly id: string;
  readonly transport: 'stdio' | 'http' | 'a2a';
  readonly state: 'starting' | 'ready' | 'down';
  readonly tools: number;
  /** What it offers and cannot be used at all, and why. */
  readonly leftOut?: readonly LeftOutView[];
  readonly why?: string;
  /** The line that tells most of what a process said for people before it ended, in its own words. */
  readonly said?: string;
}

export interface JournalState {
  readonly entries: number;
  readonly state: 'ok' | 'down';
  /** While a long journal is filed for looking things up: how much of it is, from 0 to 1. Whoever looks something up waits. */
  readonly filing?: number;
  readonly checkpointAt?: Instant;
}

export interface KillView {
  /** `all`, `agent:ID`, `task:ID` or `server:ID`. */
  readonly scope: string;
  readonly at: Instant;
  readonly by: string;
  readonly why: string;
}

export interface ModesView {
  /** Where no scope says anything. */
  readonly fallback: Mode;
  readonly scopes: readonly ModeView[];
}

export interface ModeView {
  /** `default`, `agent:ID`, `server:ID`, `tool:SERVER/NAME` or `class:NAME`. */
  readonly scope: string;
  readonly mode: Mode;
  readonly source: 'config' | 'operator';
  readonly at?: Instant;
  readonly by?: string;
}
