import type { Fields } from '../yaml/fields.ts';
import { isOutsideUrl, outsideUrlRule } from '../yaml/outside-url.ts';
import type { OAuthClient, WrittenIssuer } from './oauth-client.ts';
import { placeAt, placeOf } from './place-section.ts';
import type { GitHubAppConfig } from './sources/github-app.ts';
import type { OAuthConfig } from './sources/oauth-request.ts';
import type { PostgresPasswordConfig } from './sources/postgres-password.ts';
import type { PostgresRoleConfig } from './sources/postgres-role.ts';
import type { StaticConfig } from './sources/static.ts';
import type { TokenExchangeConfig } from './sources/token-exchange.ts';

export type CredentialConfig =
  | ({ readonly kind: 'static' } & StaticConfig)
  | ({ readonly kind: 'oauth' } & OAuthConfig)
  | ({ readonly kind: 'token-exchange' } & TokenExchangeConfig)
  | ({ readonly kind: 'github-app' } & GitHubAppConfig)
  | ({ readonly kind: 'postgres-role' } & PostgresRoleConfig)
  | ({ readonly kind: 'postgres-password' } & PostgresPasswordConfig);

const kinds = ['static', 'oauth', 'token-exchange', 'github-app', 'postgres-role', 'postgres-password'] as const;
const day = 86_400;
const accessToken = 'urn:ietf:params:oauth:token-type:access_token';

/** Addresses of the servers that are given a credential, by its name. */
export type ServersGiven = (credential: string) => readonly string[];

/** The section `credentials`: by name. Throws `ConfigError` naming file, line and field. */
export function credentialsOf(section: Fields, folder: string, given: ServersGiven): CredentialConfig[] {
  return section.each(name => {
    if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name))
      throw section.wrong(name, 'is no name: lower-case letters, digits and `-`, at most 40');
    const fields = section.fields(name);
    const config = credentialOf(name, fields, folder, given(name));
    fields.done();
    return config;
  });
}

function credentialOf(name: string, fields: Fields, folder: string, servers: readonly string[]): CredentialConfig {
  const kind = fields.oneOf('kind', kinds) ?? 'static';
  const secondsMax = fields.integer('secondsMax', 10, 30 * day);
  switch (kind) {
    case 'static':
      return {
        kind,
        name,
        place: placeOf(fields, folder),
        secondsMax,
        rotateDays: fields.integer('rotateDays', 1, 3_650),
      };
    case 'oauth':
      return {
        ...{ kind, name, secondsMax, ...oauthClient(fields, folder, servers) },
        scope: fields.string('scope'),
        resource: fields.string('resource'),
      };
    case 'token-exchange':
      return {
        ...{ kind, name, secondsMax, ...writtenClient(fields, folder) },
        audience: fields.string('audience'),
        resource: fields.string('resource'),
        scope: fields.string('scope'),
        subject: placeAt(fields, 'subject', folder),
        subjectType: fields.string('subjectType') ?? accessToken,
      };
    case 'github-app':
      return gitHubApp(name, fields, folder, secondsMax);
    case 'postgres-role':
      return { kind, name, secondsMax, admin: placeAt(fields, 'admin', folder), memberOf: memberOf(fields) };
    case 'postgres-password':
      return {
        ...{ kind, name, secondsMax, admin: placeAt(fields, 'admin', folder), role: fields.required('role') },
        rotateDays: fields.integer('rotateDays', 1, 3_650) ?? 30,
      };
  }
}

function gitHubApp(name: string, fields: Fields, folder: string, secondsMax: number | undefined): CredentialConfig {
  const permissions = fields.texts('permissions') ?? {};
  const odd = Object.entries(permissions).find(([, level]) => !['read', 'write', 'admin'].includes(level));
  if (odd !== undefined)
    throw fields.wrong('permissions', `has ${odd[0]} with a level that is not read, write or admin`);
  if (Object.keys(permissions).length === 0)
    throw fields.wrong('permissions', 'is required: the most that a token may do');
  const numbers = { appId: fields.required('appId'), installationId: fields.required('installationId') };
  for (const [field, text] of Object.entries(numbers))
    if (!/^[A-Za-z0-9.]{1,64}$/.test(text)) throw fields.wrong(field, 'is no id');
  return {
    ...{ kind: 'github-app', name, secondsMax, ...numbers, permissions },
    apiUrl: (urlOf(fields, 'apiUrl') ?? 'https://api.github.com').replace(/\/$/, ''),
    privateKey: placeAt(fields, 'privateKey', folder),
    repositories: fields.strings('repositories') ?? [],
    repositoryArgument: fields.string('repositoryArgument'),
  };
}

function memberOf(fields: Fields): string[] {
  const roles = fields.strings('memberOf') ?? [];
  if (roles.length > 0) return roles;
  throw fields.wrong('memberOf', 'is required: the roles whose rights a task gets');
}

/** With `tokenUrl` the issuer is as the operator says; without, as the one server says that is given the credential. */
function oauthClient(
  fields: Fields,
  folder: string,
  servers: readonly string[],
): OAuthClient & Pick<OAuthConfig, 'per' | 'revoke'> {
  const per = fields.oneOf('per', ['client', 'principal']) ?? 'client';
  const revoke = fields.boolean('revoke') ?? (per === 'client' || fields.has('revocationUrl') ? true : undefined);
  if (fields.has('tokenUrl')) {
    const client = writtenClient(fields, folder);
    const authorizeUrl = urlOf(fields, 'authorizeUrl');
    if (per === 'principal' && authorizeUrl === undefined)
      throw fields.wrong('authorizeUrl', 'is required with `tokenUrl` and `per: principal`: where people sign in');
    return { per, revoke, ...client, issuer: { ...client.issuer, authorizeUrl } };
  }
  const [server, second] = servers;
  if (server === undefined || second !== undefined)
    throw fields.wrong(
      'tokenUrl',
      'is required unless exactly one server with a `url` is given this credential: that one is then asked where to sign in',
    );
  if (!isOutsideUrl(server)) throw fields.wrong('tokenUrl', `is required: the address of its server ${outsideUrlRule}`);
  const [clientId, clientMetadataUrl] = [fields.string('clientId'), urlOf(fields, 'clientMetadataUrl')];
  const clientSecret = fields.has('clientSecret') ? placeAt(fields, 'clientSecret', folder) : undefined;
  if (clientId === undefined && (per === 'client' || clientSecret !== undefined))
    throw fields.wrong('clientId', 'is required with `per: client` or `clientSecret`');
  return { per, revoke, issuer: { kind: 'asked', server }, clientId, clientSecret, clientMetadataUrl };
}

function writtenClient(fields: Fields, folder: string): OAuthClient & { readonly issuer: WrittenIssuer } {
  const tokenUrl = urlOf(fields, 'tokenUrl');
  if (tokenUrl === undefined) throw fields.wrong('tokenUrl', 'is required');
  return {
    issuer: { kind: 'written', tokenUrl, revocationUrl: urlOf(fields, 'revocationUrl'), authorizeUrl: undefined },
    clientId: fields.required('clientId'),
    clientSecret: fields.has('clientSecret') ? placeAt(fields, 'clientSecret', folder) : undefined,
    clientMetadataUrl: undefined,
  };
}

function urlOf(fields: Fields, field: string): string | undefined {
  const text = fields.string(field);
  if (text === undefined || isOutsideUrl(text)) return text === undefined ? undefined : new URL(text).href;
  throw fields.wrong(field, outsideUrlRule);
}
