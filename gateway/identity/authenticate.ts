import { agentFor, type Evidence, type Selector } from '@sallyport/core/identity/evidence.ts';
import { type ProofFault, type Proven, proven, unproven } from '@sallyport/core/identity/fault.ts';
import type { Agent, Proof } from '@sallyport/core/model/agent.ts';
import type { AgentId, Instant } from '@sallyport/core/model/ids.ts';
import { type Checked, type Refusal, refused } from '@sallyport/core/model/refusal.ts';
import type { AccessTokens } from './access.ts';
import { asAgent, linkOf } from './as-agent.ts';
import type { AgentConfig } from './config.ts';
import type { EntrySecrets } from './entry-secrets.ts';
import type { HookSecrets } from './hook-secrets.ts';
import { KnownTokens } from './known.ts';
import type { AgentTokens } from './tokens.ts';
import type { Verified, Workloads } from './workloads.ts';

export interface AuthenticatePorts {
  readonly agents: readonly AgentConfig[];
  readonly tokens: Pick<AgentTokens, 'agentOf'>;
  readonly entrySecrets: EntrySecrets;
  /** The secrets of clients' tool hooks. */
  readonly hooks: Pick<HookSecrets, 'agentsOf'>;
  readonly workloads: Workloads;
  /** Our own access tokens. */
  readonly access: AccessTokens;
  readonly now: () => Instant;
}

/**
 * Proof → agent (step 1 of the line). Whatever is wrong, the refusal reads the same outside (D-12); what exactly it was
 * stands beside it, for the record alone.
 */
export function createAuthenticate(
  ports: AuthenticatePorts,
): (proof: Proof) => Checked<Agent> | Promise<Checked<Agent>> {
  const prove = createProve(ports);
  return proof => {
    const found = prove(proof);
    return found instanceof Promise ? found.then(checked) : checked(found);
  };
}

function checked(found: Proven<Agent>): Checked<Agent> {
  return found.ok ? found : refused(unprovenRefusal(found.fault));
}

/** What need not be asked of anybody is answered at once. */
function createProve(ports: AuthenticatePorts): (proof: Proof) => Proven<Agent> | Promise<Proven<Agent>> {
  const agents = new Map(ports.agents.map(agent => [agent.id, agent]));
  const bySecret = { bearer: shownBy('bearer', ports.agents), 'local-entry': shownBy('local-entry', ports.agents) };
  const entries = new Map(ports.agents.flatMap(agent => (agent.entries ?? []).map(entry => [entry, agent.id])));
  const selectors = selectorsOf(ports.agents);
  const known = new KnownTokens<Verified>();
  const shown: Shown = new WeakMap();

  function configured(id: AgentId | undefined, proof: 'bearer' | 'local-entry'): Proven<Agent> {
    const agent = id === undefined ? undefined : bySecret[proof].get(id);
    return agent ?? unproven('unknown-secret', 'the secret was never issued, or was revoked');
  }

  async function workload(text: string): Promise<Proven<Agent>> {
    const verified = await verifiedToken(text, known, ports);
    if (!verified.ok) return verified;
    const { evidence, trust } = verified.value;
    if (trust.exchangeOnly)
      return unproven('exchange-only', 'its tokens have to be exchanged at the token endpoint', trust.name);
    return owned(evidence);
  }

  function owned(evidence: Verified['evidence']): Proven<Agent> {
    const id = agentFor(evidence, selectors);
    if (!id.ok) return id;
    const agent = agents.get(id.value);
    if (agent === undefined) return unproven('no-agent', 'its agent is not configured', evidence.trust);
    return proven(asAgent(agent, { proof: evidence.kind, chain: [linkOf(evidence)] }));
  }

  async function certified(proof: Extract<Proof, { kind: 'certificate' }>): Promise<Proven<Agent>> {
    const evidence = await certificateOf(proof, shown, ports);
    return evidence.ok ? owned(evidence.value) : evidence;
  }

  return proof => {
    switch (proof.kind) {
      case 'none':
        return unproven('missing', 'it carries no proof');
      case 'local-entry': {
        const known = ports.entrySecrets.matches(proof.entry, proof.secret);
        return configured(known ? entries.get(proof.entry) : undefined, 'local-entry');
      }
      case 'hook': {
        const client = ports.hooks.agentsOf(proof.client, proof.secret);
        if (client !== undefined && proof.subagent && client.subagents === undefined)
          return unproven('no-agent', 'no agent is configured for what this client hands on');
        return configured(proof.subagent ? client?.subagents : client?.agent, 'local-entry');
      }
      case 'certificate':
        return certified(proof);
      case 'dpop':
        return ports.access.prove(proof, agents);
      case 'bearer':
        if (!proof.token.includes('.')) return configured(ports.tokens.agentOf(proof), 'bearer');
        if (known.get(proof.token) !== undefined) return workload(proof.token);
        return ports.access.isOurs(proof.token) ? ports.access.prove(proof, agents) : workload(proof.token);
    }
  };
}

/** Each agent as a secret of its own proves it: the same for every call. */
function shownBy(proof: 'bearer' | 'local-entry', agents: readonly AgentConfig[]): Map<AgentId, Proven<Agent>> {
  return new Map(agents.map(agent => [agent.id, proven(asAgent(agent, { proof, chain: [] }))]));
}

type Shown = WeakMap<Proof, { readonly evidence: Evidence; readonly until: Instant }>;

/** Seconds for which a connection's certificate is not followed up to its authority again. */
const certificateMillis = 60_000;

async function certificateOf(
  proof: Extract<Proof, { kind: 'certificate' }>,
  shown: Shown,
  { workloads, now }: AuthenticatePorts,
): Promise<Proven<Evidence>> {
  const before = shown.get(proof);
  if (before !== undefined && before.until > now()) return proven(before.evidence);
  const evidence = await workloads.certificate(proof.chain);
  if (evidence.ok)
    shown.set(proof, {
      evidence: evidence.value,
      until: Math.min(evidence.value.expiresAt, now() + certificateMillis),
    });
  return evidence;
}

/** Verified once, and again when it ends, its issuer's keys change, or nobody can tell whether they did. */
async function verifiedToken(
  text: string,
  known: KnownTokens<Verified>,
  { workloads, now }: AuthenticatePorts,
): Promise<Proven<Verified>> {
  const before = known.get(text);
  if (before !== undefined) {
    const keys = await before.value.current();
    if (!keys.ok) return keys;
    if (keys.value === before.keys && before.expiresAt > now()) return proven(before.value);
    known.delete(text);
  }
  const verified = await workloads.token(text);
  if (verified.ok) {
    const { evidence, keys } = verified.value;
    known.set(text, { value: verified.value, expiresAt: evidence.expiresAt, keys });
  }
  return verified;
}

export function selectorsOf(agents: readonly AgentConfig[]): readonly Selector[] {
  return agents.flatMap(agent =>
    (agent.proofs ?? []).flatMap(proof =>
      proof.kind === 'selector' ? [{ agent: agent.id, trust: proof.trust, equals: proof.equals }] : [],
    ),
  );
}

function unprovenRefusal(proof: ProofFault): Refusal {
  return {
    code: 'unauthenticated',
    what: 'agent',
    why: 'nothing that was sent proves a configured agent',
    fix: 'send a token that an operator or a trusted issuer gave to this agent',
    proof,
  };
}
