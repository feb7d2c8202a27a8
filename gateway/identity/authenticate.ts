import type { Agent, Proof, ProofKind } from '@sallyport/core/model/agent.ts';
import type { AgentId } from '@sallyport/core/model/ids.ts';
import { type Checked, passed, type Refusal, refused } from '@sallyport/core/model/refusal.ts';
import type { AgentConfig } from './config.ts';
import type { EntrySecrets } from './entry-secrets.ts';
import type { AgentTokens } from './tokens.ts';

export interface AuthenticatePorts {
  readonly agents: readonly AgentConfig[];
  readonly tokens: Pick<AgentTokens, 'agentOf'>;
  readonly entrySecrets: EntrySecrets;
}

/**
 * Proof → agent (design §2 step 1). Whatever is wrong — no proof, an unknown or revoked token, a token of an agent that
 * is no longer configured, an unknown entry, a wrong secret — is refused in the same words (D-12).
 */
export function createAuthenticate(ports: AuthenticatePorts): (proof: Proof) => Promise<Checked<Agent>> {
  const agents = new Map(ports.agents.map(agent => [agent.id, agent]));
  const entries = new Map(ports.agents.flatMap(agent => (agent.entries ?? []).map(entry => [entry, agent.id])));

  function agentOf(proof: Proof): AgentId | undefined {
    switch (proof.kind) {
      case 'none':
        return undefined;
      case 'bearer':
        return ports.tokens.agentOf(proof.token);
      case 'local-entry':
        return ports.entrySecrets.matches(proof.entry, proof.secret) ? entries.get(proof.entry) : undefined;
    }
  }

  return async proof => {
    const id = agentOf(proof);
    const agent = id === undefined ? undefined : agents.get(id);
    if (agent === undefined || proof.kind === 'none') return refused(unproven);
    return passed(proven(agent, proof.kind));
  };
}

/** Whoever could read a file of the same user is trusted less than whoever was handed a token. */
const trustOf: Record<ProofKind, number> = { 'local-entry': 1, bearer: 2 };

function proven(agent: AgentConfig, proof: ProofKind): Agent {
  return {
    id: agent.id,
    classes: agent.classes,
    team: agent.team,
    owner: agent.owner,
    shared: agent.shared ?? false,
    vendor: agent.vendor ?? false,
    principal: agent.principal,
    proof,
    trust: trustOf[proof],
  };
}

const unproven: Refusal = {
  code: 'unauthenticated',
  what: 'agent',
  why: 'nothing that was sent proves a configured agent',
  fix: 'send the bearer token that an operator issued for this agent',
};
