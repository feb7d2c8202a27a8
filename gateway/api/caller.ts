import type { Acted, PersonId, PersonProof } from '@sallyport/core/model/acted.ts';
import type { ApprovalId } from '@sallyport/core/model/ids.ts';

/** What a person may do here; each role may do what those before it may. */
export type Role = 'viewer' | 'approver' | 'operator' | 'admin';

export const rolesLeastFirst: readonly Role[] = ['viewer', 'approver', 'operator', 'admin'];

/** Whoever proved to be somebody to the control API. */
export interface Caller {
  /** As it stands in the record beside what they do: `operator`, `oidc:emma@example.org`. */
  readonly name: string;
  readonly role: Role;
  /** Groups that `@approver` may name. Who holds the operator's key is in every group. */
  readonly groups: readonly string[] | 'all';
  /** What the proof is worth. */
  readonly proof: PersonProof;
  /** Who they are to the provider that they signed in with; absent for whoever holds the operator's key. */
  readonly person?: PersonId;
  /** They came by a link in a message: they see and answer this question, and nothing else. */
  readonly only?: ApprovalId;
  /** Undefined: for as long as the key is the key. */
  readonly expiresAt: number | undefined;
  /** Aborted when the sign-in ends: what streams then ends with it. */
  readonly ended: AbortSignal | undefined;
}

/** Holds the value of an `Authorization` header against everybody there is. */
export type Authenticate = (authorization: string | undefined) => Caller | undefined;

/** As what they do is recorded. */
export function actedBy({
  name,
  proof,
  person,
}: Pick<Caller, 'name' | 'proof' | 'person'>): Acted & { readonly proof: PersonProof } {
  return { by: name, proof, ...(person === undefined ? {} : { person }) };
}

export function mayActAs(caller: Pick<Caller, 'role'>, role: Role): boolean {
  return rolesLeastFirst.indexOf(caller.role) >= rolesLeastFirst.indexOf(role);
}

/** What somebody may do who came by a link in a message. */
const ofOneQuestion: ReadonlySet<string> = new Set([
  'GET approvals',
  'POST approvals/:id',
  'GET session',
  'POST session/end',
]);

/** Whether it lies within the one question that a caller may see, if there is only one. */
export function isWithin({ only }: Pick<Caller, 'only'>, method: string, path: string, id: string): boolean {
  if (only === undefined) return true;
  return ofOneQuestion.has(`${method} ${path}`) && (id === '' || id === only);
}

/** RFC 6750 §2.1; the scheme's name is case-insensitive (RFC 9110 §11.1). Empty where there is none. */
export function bearerOf(authorization: string | undefined): string {
  return /^bearer ([A-Za-z0-9_-]{1,128})$/i.exec(authorization ?? '')?.[1] ?? '';
}

/**
 * The least role for each route that changes something. Reading needs a viewer; what does not stand here needs an
 * admin, so that a route that somebody forgets is closed.
 */
const needed: Readonly<Record<string, Role>> = {
  'POST approvals/:id': 'approver',
  'POST approvals/:id/endorse': 'approver',
  'POST try': 'viewer',
  'POST session/end': 'viewer',
  'POST kill': 'operator',
  'POST unkill': 'operator',
  'POST tasks': 'operator',
  'POST tasks/:id/end': 'operator',
  'POST tasks/:id/suspend': 'operator',
  'POST tasks/:id/resume': 'operator',
  'POST tasks/:id/narrow': 'operator',
};

export function roleFor(method: string, path: string): Role {
  return needed[`${method} ${path}`] ?? (method === 'GET' ? 'viewer' : 'admin');
}
