import { resolve } from 'node:path';
import { isTrustDomain, parseSpiffeId } from '@sallyport/core/identity/spiffe-id.ts';
import type { Fields } from '../yaml/fields.ts';
import { isOutsideUrl, outsideUrlRule } from '../yaml/outside-url.ts';
import { isReturnAddress, returnAddressRule } from './return-address.ts';

/** Where public keys come from. `issuer` asks the issuer's own OpenID metadata for them. */
export type KeySource =
  | { readonly kind: 'file'; readonly file: string }
  | {
      readonly kind: 'url';
      readonly url: string;
      /** PEM file of the authority that signed the server's certificate; undefined: those that Node trusts. */
      readonly ca: string | undefined;
      /** File with a bearer token to ask with, read anew each time. */
      readonly tokenFile: string | undefined;
    }
  | {
      readonly kind: 'issuer';
      readonly issuer: string;
      readonly ca: string | undefined;
      readonly tokenFile: string | undefined;
    };

/** An issuer that is believed about workloads: one entry of `trust` in the configuration. */
export interface TrustConfig {
  readonly name: string;
  readonly kind: 'spiffe' | 'kubernetes' | 'github-actions' | 'oidc' | 'id-jag';
  /** Exact `iss`; for SPIFFE, the trust domain. */
  readonly issuer: string;
  readonly keys: KeySource;
  /** Whom its tokens have to be for; undefined: our authorization server's issuer. */
  readonly audience: string | undefined;
  readonly lifeSecondsMax: number | undefined;
  /** Its tokens are no use at `/mcp`: they are exchanged at the token endpoint. */
  readonly exchangeOnly: boolean;
  /** There each of them counts once. */
  readonly singleUse: boolean;
  /** `id-jag`: the claim that names the person whom an agent acts for. */
  readonly principalClaim: string;
}

const kinds = ['spiffe', 'kubernetes', 'github-actions', 'oidc', 'id-jag'] as const;
const githubIssuer = 'https://token.actions.githubusercontent.com';
const day = 86_400;
/** Kinds of proof that need no issuer: `proofs` names them like a trust. */
const builtInTrusts = ['private-key', 'vendor'] as const;

export function readTrusts(root: Fields, folder: string): readonly TrustConfig[] {
  const section = root.fields('trust');
  const trusts = section.each(name => readTrust(name, section, folder));
  for (const [index, trust] of trusts.entries())
    if (trusts.slice(0, index).some(other => other.issuer === trust.issuer))
      throw section.wrong(trust.name, 'names an issuer that another entry names already');
  return trusts;
}

function readTrust(name: string, section: Fields, folder: string): TrustConfig {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name) || name === 'sallyport' || builtInTrusts.some(own => own === name))
    throw section.wrong(name, 'is no name for a trust: lower-case letters, digits and `-`, and no word of ours');
  const fields = section.fields(name);
  const kind = fields.oneOf('kind', kinds);
  if (kind === undefined) throw fields.wrong('kind', `is required: ${kinds.join(', ')}`);
  const issuer = kind === 'spiffe' ? trustDomain(fields) : issuerOf(fields, kind);
  const rest = {
    audience: fields.string('audience'),
    lifeSecondsMax: fields.integer('lifeSecondsMax', 60, 366 * day) ?? (kind === 'spiffe' ? undefined : day),
    exchangeOnly: fields.boolean('exchangeOnly') ?? false,
    singleUse: fields.boolean('singleUse') ?? false,
    principalClaim: fields.string('principalClaim') ?? 'sub',
  };
  const keysName = kind === 'spiffe' ? 'bundle' : 'keys';
  fields.has(keysName);
  fields.done();
  const keys = keySource(fields, keysName, kind === 'spiffe' ? undefined : issuer, folder);
  return { name, kind, issuer, keys, ...rest };
}

function trustDomain(fields: Fields): string {
  const domain = fields.required('domain');
  if (!isTrustDomain(domain)) throw fields.wrong('domain', 'must be a trust domain such as `example.org`');
  return domain;
}

function issuerOf(fields: Fields, kind: TrustConfig['kind']): string {
  const issuer = fields.string('issuer') ?? (kind === 'github-actions' ? githubIssuer : undefined);
  if (issuer === undefined) throw fields.wrong('issuer', 'is required');
  if (issuer === 'kubernetes/serviceaccount')
    throw fields.wrong('issuer', 'is that of legacy tokens, which never end; use projected service-account tokens');
  if (!isOutsideUrl(issuer)) throw fields.wrong('issuer', outsideUrlRule);
  return issuer;
}

/** `keys: ./jwks.json`, or `keys: { url: …, ca: …, tokenFile: … }`; nothing: what the issuer publishes. */
export function keySource(fields: Fields, name: string, issuer: string | undefined, folder: string): KeySource {
  const source = fields.fields(name);
  const file = source.string('file');
  const url = source.string('url');
  const ca = source.string('ca');
  const tokenFile = source.string('tokenFile');
  source.done();
  if (file !== undefined && url !== undefined) throw fields.wrong(name, 'needs one of `file` and `url`, not both');
  if (file !== undefined) return { kind: 'file', file: resolve(folder, file) };
  const asking = {
    ca: ca === undefined ? undefined : resolve(folder, ca),
    tokenFile: tokenFile === undefined ? undefined : resolve(folder, tokenFile),
  };
  if (url !== undefined) {
    if (!isOutsideUrl(url)) throw source.wrong('url', outsideUrlRule);
    return { kind: 'url', url, ...asking };
  }
  if (issuer === undefined) throw fields.wrong(name, 'is required: `file` or `url`');
  return { kind: 'issuer', issuer, ...asking };
}

/** One entry of an agent's `proofs`. */
export type ProofConfig =
  | { readonly kind: 'selector'; readonly trust: string; readonly equals: ReadonlyMap<string, string> }
  | { readonly kind: 'private-key'; readonly keys: KeySource }
  | {
      readonly kind: 'vendor';
      readonly clientId: string;
      /** Where its sign-ins may lead; undefined: its metadata document says so, and its id is that document's address. */
      readonly redirectUris: readonly string[] | undefined;
    };

export function readProofs(agent: Fields, trusts: readonly TrustConfig[], folder: string): readonly ProofConfig[] {
  const section = agent.fields('proofs');
  return section.names().map(name => {
    if (name === 'private-key') return { kind: 'private-key', keys: keySource(section, name, undefined, folder) };
    const fields = section.fields(name);
    if (name === 'vendor') return vendorOf(fields);
    const trust = trusts.find(candidate => candidate.name === name);
    if (trust === undefined)
      throw section.wrong(
        name,
        `names no entry of \`trust\`; there are ${[...trusts.map(each => each.name), ...builtInTrusts].join(', ')}`,
      );
    return selectorOf(fields, section, trust);
  });
}

function vendorOf(fields: Fields): ProofConfig {
  const clientId = fields.required('clientId');
  const redirectUris = fields.strings('redirectUris');
  fields.done();
  if (redirectUris?.every(isReturnAddress) === false) throw fields.wrong('redirectUris', returnAddressRule);
  if (redirectUris === undefined && !isMetadataUrl(clientId))
    throw fields.wrong(
      'clientId',
      'must be the https address of a client metadata document, or `redirectUris` be given',
    );
  return { kind: 'vendor', clientId, redirectUris };
}

/** draft-ietf-oauth-client-id-metadata-document §3: https, with a path, nothing that could be read in two ways. */
function isMetadataUrl(text: string): boolean {
  if (!isOutsideUrl(text)) return false;
  const url = new URL(text);
  return url.href === text && url.pathname !== '/';
}

const required: Record<TrustConfig['kind'], readonly string[]> = {
  spiffe: ['spiffeId'],
  kubernetes: ['namespace', 'serviceAccount'],
  // Names are given away and taken over; these numbers are not.
  'github-actions': ['repository_id', 'repository_owner_id'],
  oidc: [],
  'id-jag': [],
};

function selectorOf(fields: Fields, section: Fields, trust: TrustConfig): ProofConfig {
  const equals = new Map(fields.names().map(name => [name, fields.required(name)]));
  if (trust.kind === 'id-jag')
    throw section.wrong(trust.name, 'proves whom an agent acts for, not which agent it is; name another trust');
  const lacking = required[trust.kind].find(name => !equals.has(name));
  if (lacking !== undefined) throw section.wrong(trust.name, `needs \`${lacking}\``);
  if (equals.size === 0) throw section.wrong(trust.name, 'needs at least one claim, such as `sub`');
  const id = equals.get('spiffeId');
  if (trust.kind === 'spiffe' && !isWantedId(id ?? '', trust.issuer))
    throw section.wrong(trust.name, 'needs a `spiffeId` of its trust domain; it may end in `/*`');
  return { kind: 'selector', trust: trust.name, equals };
}

function isWantedId(text: string, domain: string): boolean {
  return parseSpiffeId(text.endsWith('/*') ? text.slice(0, -2) : text)?.domain === domain;
}
