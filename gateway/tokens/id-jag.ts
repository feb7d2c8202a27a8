import { signatureAlgorithms } from '@sallyport/core/identity/algorithm.ts';
import { checkAudience, checkIssuer, checkTimes, textClaim } from '@sallyport/core/identity/claims.ts';
import { type ProofFault, type Proven, unproven } from '@sallyport/core/identity/fault.ts';
import type { Jws } from '@sallyport/core/identity/jws.ts';
import { verifySigned } from '@sallyport/core/identity/workload-token.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import { stringMember } from '@sallyport/core/model/json.ts';
import { createKeys, type Keys, type KeysPorts } from '../identity/keys.ts';
import type { KeySource } from '../identity/trust-config.ts';
import { verifySignature } from '../identity/verify.ts';
import type { TokenStore } from '../stores/tokens/token-store.ts';
import { agentOf, type Granted, type GrantRequest } from './grant.ts';
import { tokenSecondsDefault } from './issuer.ts';
import { OAuthFault } from './oauth-fault.ts';
import { askedScopes, type Resources } from './resources.ts';

export const idJagType = 'oauth-id-jag+jwt';

/** The organisation's identity provider, as far as its word about which agent may act for whom counts. */
export interface IdJagIssuer {
  readonly name: string;
  readonly issuer: string;
  readonly keys: KeySource;
  /** The claim that names the person, as `user:…`. */
  readonly principalClaim: string;
}

/** Identity assertions of an organisation (draft-ietf-oauth-identity-assertion-authz-grant §5). */
export interface IdJags {
  readonly redeem: (jws: Jws, request: GrantRequest) => Promise<Granted>;
}

export interface IdJagPorts extends KeysPorts {
  readonly issuers: readonly IdJagIssuer[];
  readonly store: Pick<TokenStore, 'useOnce'>;
  readonly issuer: () => string;
  readonly resources: Resources;
  readonly now: () => Instant;
}

const idJagSecondsMax = 600;

export function createIdJags(ports: IdJagPorts): IdJags {
  const trusted = ports.issuers.map(config => ({ config, keys: createKeys(config.keys, 'sig', ports) }));
  return {
    redeem: async (jws, request) => {
      const client = agentOf(request.client);
      const found = trusted.find(({ config }) => config.issuer === stringMember(jws.claims, 'iss'));
      if (found === undefined) throw wrongGrant(unproven('issuer', 'no configured provider is its issuer').fault);
      const { config, keys } = found;
      const checked = await check(jws, config, keys, client.clientId, ports);
      if (!checked.ok) throw wrongGrant({ ...checked.fault, trust: config.name });
      const { person, id, expiresAt, issuedAt } = checked.value;
      if (!(await ports.store.useOnce(`${config.issuer} ${id}`, expiresAt + 60_000, issuedAt)))
        throw wrongGrant(unproven('replayed', 'the assertion was used before', config.name).fault);
      const resource = stringMember(jws.claims, 'resource');
      const audience = ports.resources.asked(request.form.get('resource') ?? resource);
      if (resource !== undefined && !ports.resources.within(audience, ports.resources.asked(resource)))
        throw new OAuthFault('invalid_target', '`resource` lies outside that of the assertion');
      const most = askedScopes(stringMember(jws.claims, 'scope'));
      const remaining = Math.max(1, Math.floor((expiresAt - ports.now()) / 1000));
      return {
        order: {
          ...{ agent: client.agent.id, principal: `user:${person}`, clientId: client.clientId },
          ...{ proof: client.proof, trust: client.trust, origin: { issuer: config.issuer, subject: person, id } },
          ...{ audience, scope: askedScopes(request.form.get('scope'), most) },
          ...(client.family === undefined ? {} : { family: client.family }),
          seconds: Math.min(tokenSecondsDefault, remaining),
          ...(request.jkt === undefined ? {} : { cnf: { jkt: request.jkt } }),
        },
      };
    },
  };
}

interface Checked {
  readonly person: string;
  readonly id: string;
  readonly expiresAt: Instant;
  readonly issuedAt: Instant | undefined;
}

async function check(
  jws: Jws,
  config: IdJagIssuer,
  keys: Keys,
  clientId: string,
  ports: IdJagPorts,
): Promise<Proven<Checked>> {
  const { claims } = jws;
  const set = await keys.current();
  const signed = set.ok ? await verifySigned(jws, set.value, signatureAlgorithms, verifySignature) : set;
  const issued = signed.ok ? checkIssuer(claims, config.issuer) : signed;
  const audience = issued.ok ? checkAudience(claims, [ports.issuer()]) : issued;
  const times = audience.ok ? checkTimes(claims, { now: ports.now(), lifeSecondsMax: idJagSecondsMax }) : audience;
  const id = times.ok ? textClaim(claims, 'jti') : times;
  const person = id.ok ? textClaim(claims, config.principalClaim) : id;
  if (!times.ok || !id.ok || !person.ok) return person.ok ? unproven('claim', 'a claim is missing') : person;
  if (stringMember(claims, 'client_id') !== clientId)
    return unproven('subject', '`client_id` is another client than the one that asks');
  return { ok: true, value: { person: person.value, id: id.value, ...times.value } };
}

function wrongGrant(inside: ProofFault): OAuthFault {
  return new OAuthFault('invalid_grant', 'the assertion proves nobody', inside);
}
