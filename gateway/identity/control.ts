import type { Journal } from '@sallyport/core/mediate/ports.ts';
import type { AgentToken as AgentTokenDraft } from '@sallyport/core/model/entry.ts';
import type { AgentId, NewId } from '@sallyport/core/model/ids.ts';
import { didYouMean } from '@sallyport/core/model/nearest.ts';
import { actedBy, type Caller } from '../api/caller.ts';
import type { AgentControl, ApiError, Done } from '../api/control.ts';
import type { AgentView } from '../api/view/agent.ts';
import type { AgentConfig } from './config.ts';
import { type AgentTokens, familyOfToken, tokensPerAgentMax } from './tokens.ts';

export interface AgentControlPorts {
  readonly agents: readonly AgentConfig[];
  readonly tokens: AgentTokens;
  readonly journal: Pick<Journal, 'record'>;
  readonly newId: NewId;
  /** Takes back the access tokens that were got with a token of that family. */
  readonly revokeFamily: (family: string) => Promise<void>;
  readonly isKilled: (agent: AgentId) => boolean;
}

/** Which agents there are, and their tokens. Agents themselves come from the configuration and from nowhere else. */
export function createAgentControl(ports: AgentControlPorts): AgentControl {
  const { tokens } = ports;
  const draft = (agent: AgentId, token: string, state: AgentTokenDraft['state'], by: Caller): AgentTokenDraft => ({
    kind: 'agent.token',
    id: ports.newId('e'),
    agent,
    token,
    state,
    ...actedBy(by),
  });

  function view({ id, classes, team, owner, principal, shared, vendor, entries }: AgentConfig): AgentView {
    return {
      id,
      classes,
      ...(team === undefined ? {} : { team }),
      ...(owner === undefined ? {} : { owner }),
      principal,
      shared: shared ?? false,
      vendor: vendor ?? false,
      entries: entries ?? [],
      tokens: tokens.list(id).map(({ id: token, issuedAt }) => ({ id: token, issuedAt })),
      killed: ports.isKilled(id),
    };
  }

  function find(id: string): Done<AgentConfig> {
    const agent = ports.agents.find(candidate => candidate.id === id);
    if (agent !== undefined) return { ok: true, value: agent };
    const ids = ports.agents.map(candidate => candidate.id);
    const message = `is no configured agent${didYouMean(id, ids)}`;
    return wrong('not-found', 'agent', message, 'see: sallyport agents ls');
  }

  return {
    list: async () => ports.agents.map(view),
    issue: async (id, by) => {
      const agent = find(id);
      if (!agent.ok) return agent;
      if (tokens.list(id).length >= tokensPerAgentMax)
        return wrong('conflict', 'agent', `has ${tokensPerAgentMax} tokens already`, 'revoke those that are not used');
      const issued = tokens.issue(id);
      await ports.journal.record(draft(id, issued.id, 'issued', by));
      return { ok: true, value: issued };
    },
    revoke: async (id, token, by) => {
      const agent = find(id);
      if (!agent.ok) return agent;
      const revoked = tokens.revoke(id, token);
      if (revoked.length === 0 && token !== undefined)
        return wrong('not-found', 'token', 'this agent has no token of that name', 'see: sallyport agents ls');
      await Promise.all(revoked.map(name => ports.revokeFamily(familyOfToken(name))));
      await Promise.all(revoked.map(name => ports.journal.record(draft(id, name, 'revoked', by))));
      return { ok: true, value: view(agent.value) };
    },
  };
}

function wrong(code: ApiError['code'], field: string, message: string, fix?: string): { ok: false; error: ApiError } {
  return { ok: false, error: { code, field, message, ...(fix === undefined ? {} : { fix }) } };
}
