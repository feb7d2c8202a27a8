import { resolve } from 'node:path';
import { type Role, rolesLeastFirst } from '../api/caller.ts';
import type { Fields } from '../yaml/fields.ts';
import { isOutsideUrl, outsideUrlRule } from '../yaml/outside-url.ts';

/** The organisation's sign-in: who may be what here. */
export interface PeopleConfig {
  readonly issuer: string;
  readonly clientId: string;
  /** File with the client's secret; undefined: a public client, whose proof is PKCE alone. */
  readonly clientSecretFile: string | undefined;
  /** The claim that names a person. */
  readonly nameClaim: string;
  readonly groupsClaim: string;
  /** For each role names of people, and of groups as `group:…`. Who stands nowhere may not sign in. */
  readonly roles: ReadonlyMap<Role, readonly string[]>;
}

export function readPeople(root: Fields, folder: string): PeopleConfig | undefined {
  const fields = root.fields('people');
  const issuer = fields.string('issuer');
  const clientId = fields.string('clientId');
  const secret = fields.string('clientSecretFile');
  const people = {
    clientSecretFile: secret === undefined ? undefined : resolve(folder, secret),
    nameClaim: fields.string('nameClaim') ?? 'email',
    groupsClaim: fields.string('groupsClaim') ?? 'groups',
    roles: rolesOf(fields.fields('roles')),
  };
  fields.done();
  if (!root.has('people')) return undefined;
  if (issuer === undefined) throw fields.wrong('issuer', 'is required');
  if (clientId === undefined) throw fields.wrong('clientId', 'is required');
  if (!isOutsideUrl(issuer)) throw fields.wrong('issuer', outsideUrlRule);
  return { issuer, clientId, ...people };
}

function rolesOf(fields: Fields): ReadonlyMap<Role, readonly string[]> {
  const roles = new Map(rolesLeastFirst.map(role => [role, fields.strings(role) ?? []] as const));
  fields.done();
  return roles;
}
