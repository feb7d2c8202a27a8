import type { Journal } from '@sallyport/core/mediate/ports.ts';
import type { NewId } from '@sallyport/core/model/ids.ts';
import type { Role } from '../../api/caller.ts';
import type { OpenedSession } from '../../api/control.ts';
import type { Person } from '../../console/person.ts';
import type { SignIn } from '../../console/sign-in.ts';
import { selectorsOf } from '../../identity/authenticate.ts';
import { createPrivateKeys } from '../../identity/private-key.ts';
import type { PeopleConfig } from '../../people/config.ts';
import type { Provider } from '../../people/provider.ts';
import type { SignedIn } from '../../people/role.ts';
import { createCodes } from '../../tokens/codes.ts';
import type { ConnectPages } from '../../tokens/connect-pages.ts';
import type { GrantPorts } from '../../tokens/grant-type.ts';
import { createIdJags } from '../../tokens/id-jag.ts';
import { createPeopleClients } from '../../tokens/people-clients.ts';
import { createRefreshTokens } from '../../tokens/refresh.ts';
import { createResources } from '../../tokens/resources.ts';
import { type AuthorizationServer, createAuthorizationServer } from '../../tokens/server.ts';
import { createSignInPages } from '../../tokens/sign-in-pages.ts';
import type { SignIns } from '../../tokens/sign-ins.ts';
import type { Config } from '../config/config.ts';
import { now, sha256 } from '../host/ports.ts';
import type { Identity } from './identity.ts';

export interface OAuthPorts {
  readonly config: Config;
  readonly identity: Identity;
  readonly journal: Journal;
  readonly newId: NewId;
  readonly taskTokens: GrantPorts['taskTokens'];
  /** Sessions of people, however they proved themselves. */
  readonly signIn: SignIn;
  /** Sign-ins under way, and those that go on to an upstream. */
  readonly signIns: SignIns;
  readonly connect: ConnectPages;
}

/** The authorization server, out of what identity already holds. */
export async function openOAuth(ports: OAuthPorts): Promise<AuthorizationServer> {
  const { config, identity, journal, newId, taskTokens, signIn, signIns, connect } = ports;
  const { agents } = config;
  const { addresses, store, issuer: tokenIssuer, workloads, access, tokens, nonces, signing } = identity;
  const issuer = addresses.issuer;
  const resources = createResources(addresses.base, addresses.bases);
  const openSession = (person: SignedIn, role: Role): OpenedSession => signIn.open(callerOf(person, role));
  const codes = createCodes({ now, tokenIssuer, openSession });
  return createAuthorizationServer({
    ...{
      agents,
      selectors: selectorsOf(agents),
      tokens,
      workloads,
      store,
      issuer,
      now,
      access,
      tokenIssuer,
      resources,
    },
    ...{ nonces, sha256, addressesOf: addresses.of, signing, journal, newId, baseFor: addresses.baseFor, taskTokens },
    privateKeys: createPrivateKeys(agents, { now }),
    codes,
    refreshTokens: createRefreshTokens(store, tokenIssuer, now),
    idJags: createIdJags({
      issuers: config.trusts.filter(({ kind }) => kind === 'id-jag'),
      store,
      issuer,
      resources,
      now,
    }),
    signsPeopleIn: config.people !== undefined,
    pages: createSignInPages({
      ...{ resources, codes, issuer, now, signIns, connect },
      clients: createPeopleClients({ agents, now }),
      people: config.people && { config: config.people, provider: await providerOf(config.people) },
      redeem: async code => {
        const redeemed = await signIn.redeem(`Bearer ${code}`);
        if (!redeemed.ok) return undefined;
        // The code was for this page; what it opened otherwise is closed again.
        await signIn.end(`Bearer ${redeemed.value.token}`);
        return redeemed.value;
      },
      consoleLink: async (person, role) => {
        const { link } = await signIn.link(role, { ...callerOf(person, role), expiresAt: undefined, ended: undefined });
        return `${addresses.base()}/#${link}`;
      },
    }),
  });
}

/** Loaded where people sign in at a provider, and nowhere else. */
async function providerOf(config: PeopleConfig): Promise<Provider> {
  const { createProvider } = await import('../../people/provider.ts');
  return createProvider(config, now);
}

/** As people of a provider stand in the record; nobody becomes `operator` by being called so. */
function callerOf({ name, groups, issuer, subject }: SignedIn, role: Role): Person {
  return { name: `oidc:${name}`, role, groups, proof: 'oidc', person: { issuer, subject } };
}
