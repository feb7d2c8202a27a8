import type { ProofKind } from '../model/agent.ts';
import type { AgentId, Instant } from '../model/ids.ts';
import { type Proven, proven, unproven } from './fault.ts';

/** What a proof proved, before anybody asked whose it is. */
export interface Evidence {
  readonly kind: ProofKind;
  /** Name of the configured trust that it was held against. */
  readonly trust: string;
  /** As the issuer names it: a SPIFFE ID, a service account, a repository. */
  readonly subject: string;
  readonly issuer: string;
  /** What selectors may ask for, by name. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly expiresAt: Instant;
  /** When the proof was made, where it says so. */
  readonly issuedAt?: Instant | undefined;
  /** Names this very proof, where its issuer gave it a name. */
  readonly id: string | undefined;
}

/** Which evidence is which agent: all of `equals` have to be there, as they stand. */
export interface Selector {
  readonly agent: AgentId;
  readonly trust: string;
  readonly equals: ReadonlyMap<string, string>;
}

/**
 * The one agent that the evidence proves. Several selectors may say so; if they name several agents nobody can tell
 * which of them acts, so it is none.
 */
export function agentFor(evidence: Evidence, selectors: readonly Selector[]): Proven<AgentId> {
  const agents = new Set(selectors.filter(selector => selects(selector, evidence)).map(({ agent }) => agent));
  const [agent] = agents;
  if (agent === undefined)
    return unproven('no-agent', 'it is genuine, and no agent is configured for it', evidence.trust);
  if (agents.size > 1)
    return unproven('many-agents', `it fits ${agents.size} agents: ${[...agents].join(', ')}`, evidence.trust);
  return proven(agent);
}

function selects(selector: Selector, evidence: Evidence): boolean {
  if (selector.trust !== evidence.trust || selector.equals.size === 0) return false;
  for (const [name, value] of selector.equals) if (!equal(value, evidence.attributes.get(name))) return false;
  return true;
}

/** Exactly, or, where the value ends in `/*`, anything below: SPIFFE IDs and references are paths. */
function equal(wanted: string, there: string | undefined): boolean {
  if (there === undefined) return false;
  if (!wanted.endsWith('/*')) return there === wanted;
  const prefix = wanted.slice(0, -1);
  return there.startsWith(prefix) && there.length > prefix.length;
}
