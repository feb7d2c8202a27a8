import { signatureAlgorithms } from '@sallyport/core/identity/algorithm.ts';
import { checkAudience, checkIssuer, checkTimes, textClaim } from '@sallyport/core/identity/claims.ts';
import type { Evidence } from '@sallyport/core/identity/evidence.ts';
import { type Proven, proven, unproven } from '@sallyport/core/identity/fault.ts';
import { readJws } from '@sallyport/core/identity/jws.ts';
import { verifySigned } from '@sallyport/core/identity/workload-token.ts';
import type { AgentId } from '@sallyport/core/model/ids.ts';
import { stringMember } from '@sallyport/core/model/json.ts';
import type { AgentConfig } from './config.ts';
import { createKeys, type Keys, type KeysPorts } from './keys.ts';
import { verifySignature } from './verify.ts';

/** Agents that sign for themselves with a key whose public half the operator configured (RFC 7523 §2.2). */
export interface PrivateKeys {
  /** Undefined if the assertion does not name an agent that signs for itself. */
  readonly verify: (
    assertion: string,
    audiences: readonly string[],
  ) => Promise<Proven<{ readonly agent: AgentId; readonly evidence: Evidence }> | undefined>;
}

/** A client makes its assertion for the moment; one that lives longer was made to be kept. */
const assertionSecondsMax = 300;

export function createPrivateKeys(agents: readonly AgentConfig[], ports: KeysPorts): PrivateKeys {
  const keysOf = new Map<AgentId, Keys>(
    agents.flatMap(agent =>
      (agent.proofs ?? []).flatMap((proof): [AgentId, Keys][] =>
        proof.kind === 'private-key' ? [[agent.id, createKeys(proof.keys, 'sig', ports)]] : [],
      ),
    ),
  );
  return {
    verify: async (assertion, audiences) => {
      const jws = readJws(assertion);
      const agent = jws.ok ? stringMember(jws.value.claims, 'iss') : undefined;
      const keys = keysOf.get(agent ?? '');
      if (!jws.ok || agent === undefined || keys === undefined) return undefined;
      const { claims, header } = jws.value;
      if (header.typ !== undefined && header.typ !== 'JWT' && header.typ !== 'client-authentication+jwt')
        return unproven('token-type', 'the assertion is of another kind', 'private-key');
      const set = await keys.current();
      const signed = set.ok ? await verifySigned(jws.value, set.value, signatureAlgorithms, verifySignature) : set;
      const issued = signed.ok ? checkIssuer(claims, agent) : signed;
      const audience = issued.ok ? checkAudience(claims, audiences) : issued;
      const times = audience.ok
        ? checkTimes(claims, { now: ports.now(), lifeSecondsMax: assertionSecondsMax })
        : audience;
      if (!times.ok) return { ok: false, fault: { ...times.fault, trust: 'private-key' } };
      if (stringMember(claims, 'sub') !== agent) return unproven('subject', '`sub` is not `iss`', 'private-key');
      const id = textClaim(claims, 'jti');
      if (!id.ok) return id;
      return proven({
        agent,
        evidence: {
          ...{ kind: 'private-key', trust: 'private-key', issuer: agent, subject: agent, id: id.value },
          ...{ attributes: new Map(), ...times.value },
        },
      });
    },
  };
}
