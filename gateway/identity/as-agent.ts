import type { Evidence } from '@sallyport/core/identity/evidence.ts';
import { type Agent, type IdentityLink, type ProofKind, trustOf } from '@sallyport/core/model/agent.ts';
import type { TaskId } from '@sallyport/core/model/ids.ts';
import type { AgentConfig } from './config.ts';

export interface Shown {
  readonly proof: ProofKind;
  readonly chain: readonly IdentityLink[];
  /** Of a token that a person's sign-in led to. */
  readonly principal?: string | undefined;
  readonly task?: TaskId | undefined;
  readonly scopes?: readonly string[];
}

/** The agent as it is configured now, with what proved it. */
export function asAgent(agent: AgentConfig, { proof, chain, principal, task, scopes }: Shown): Agent {
  const vendor = agent.vendor ?? false;
  return {
    id: agent.id,
    classes: agent.classes,
    team: agent.team,
    owner: agent.owner,
    shared: agent.shared ?? false,
    vendor,
    principal: principal ?? agent.principal,
    proof,
    trust: trustOf[proof],
    ...(chain.length === 0 ? {} : { chain }),
    ...(task === undefined ? {} : { task }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(vendor ? { unknown: unknownOfVendors } : {}),
  };
}

/** What nobody here can know of an agent that somebody else runs; it stands in every decision about it. */
const unknownOfVendors: readonly string[] = ['software', 'model', 'where it runs', 'who else uses it', 'its own log'];

export function linkOf(evidence: Evidence): IdentityLink {
  const { kind, trust, issuer, subject, id, expiresAt } = evidence;
  return { kind, trust, issuer, subject, expiresAt, ...(id === undefined ? {} : { id }) };
}
