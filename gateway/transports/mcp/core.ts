import type { LinePorts } from '@sallyport/core/mediate/ports.ts';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { Door } from '@sallyport/core/model/call.ts';
import type { RefusalCode, RefusedProof } from '@sallyport/core/model/refusal.ts';
import type { Exchange } from '../http/router.ts';
import { Audience, type Left } from './audience.ts';
import { Cursors } from './cursors.ts';
import { Handles } from './handles.ts';
import { type McpLimits, mcpLimits } from './limits.ts';
import { Load } from './load.ts';
import { type Meeting, nobodyToMeet } from './meeting.ts';
import type { PeopleDoor } from './people-door.ts';
import { Rounds } from './rounds.ts';
import { Turns } from './turns.ts';

/** What both MCP doors share. Nothing in here belongs to one connection but what listens in `audience`. */
export interface McpCore {
  readonly ports: LinePorts;
  /** The gateway's own version, for `serverInfo`. */
  readonly version: string;
  readonly limits: McpLimits;
  /** Open streams that want to hear of changes. */
  readonly audience: Audience;
  /** What each agent has under way. */
  readonly load: Load;
  /** When calls begin that came together. */
  readonly turns: Turns;
  /** Headers of a 401 or 403, names and values in turn: where to go for a token, and what a good one lacks. */
  readonly challenge: Challenge;
  /** States that were given to clients with something to answer. */
  readonly rounds: Rounds;
  /** Where lists of servers go on. */
  readonly cursors: Cursors;
  /** Ids of protocol tasks. */
  readonly handles: Handles;
  /** Undefined: an agent whose call a person is asked about is told so at once. */
  readonly people: PeopleDoor | undefined;
  readonly meeting: Meeting;
  readonly leadsHere: LeadsHere;
  /** A task of the protocol has ended, known to its agent by this id. */
  readonly onTaskEnded: (handle: string, status: string) => void;
}

export type Challenge = (challenged: {
  readonly exchange: Pick<Exchange, 'headers' | 'path'>;
  readonly proof: RefusedProof | undefined;
  readonly lacking?: readonly string[];
}) => readonly string[];

/** Whether a browser that opens this address comes to a page of the gateway itself. */
export type LeadsHere = (url: URL) => boolean;

export interface McpCoreOptions {
  readonly ports: LinePorts;
  readonly version: string;
  readonly limits?: Partial<McpLimits>;
  readonly challenge?: Challenge;
  readonly people?: PeopleDoor | undefined;
  readonly meeting?: Meeting;
  readonly leadsHere?: LeadsHere;
  readonly onTaskEnded?: McpCore['onTaskEnded'];
  readonly onLeft?: Left;
}

/** RFC 6750 §3, where nothing is known of an authorization server. */
const bareChallenge: Challenge = () => ['www-authenticate', 'Bearer realm="sallyport", error="invalid_token"'];

export function createMcpCore({
  ports,
  version,
  limits,
  challenge = bareChallenge,
  people,
  meeting = nobodyToMeet,
  leadsHere = () => false,
  onTaskEnded = () => {},
  onLeft,
}: McpCoreOptions): McpCore {
  const all = { ...mcpLimits, ...limits };
  return {
    ports,
    version,
    limits: all,
    audience: new Audience(onLeft),
    load: new Load(all),
    turns: new Turns(),
    rounds: new Rounds(ports.now),
    cursors: new Cursors(ports.digest),
    handles: new Handles(ports.digest),
    challenge,
    people,
    meeting,
    leadsHere,
    onTaskEnded,
  };
}

/** Writes down that something was turned away before it was a call. That it could not be written changes nothing. */
export function noteRejected(
  core: McpCore,
  door: Door,
  code: RefusalCode,
  what: string,
  agent: Agent | undefined,
  proof?: RefusedProof,
): void {
  try {
    const id = core.ports.newId('e');
    const who = { ...(agent ? { agent: agent.id } : {}), ...(proof ? { proof } : {}) };
    core.ports.journal.append({ kind: 'rejected', id, door, code, what, ...who });
  } catch {
    // The line stops by itself when the journal is down; a refusal stays a refusal.
  }
}
