/**
 * What a person's proof was worth. `shared-uid`: it lies where the agent's own user id could read it, so it is advisory. `link`: the
 * link in a message that was sent to them. `client`: whoever sits at the agent's own client, who is never independent of it.
 */
export type PersonProof = 'shared-uid' | 'separate-uid' | 'oidc' | 'link' | 'client';

/** Who did something, as it stands in the record. */
export interface Acted {
  /** `operator` for whoever holds the key, `oidc:NAME` for somebody who signed in, `gateway` where no person acted. */
  readonly by: string;
  /** What that person's proof was worth. Absent where no person acted, and in older entries. */
  readonly proof?: PersonProof;
  readonly person?: PersonId;
}

/** A person as their identity provider knows them: names change and are given again, these two do not. */
export interface PersonId {
  readonly issuer: string;
  readonly subject: string;
}

/** The gateway by itself: a time was over, a file was changed. */
export const byGateway: Acted = { by: 'gateway' };

/** What a policy did, on its own: it stands in the record under its id. */
export function byPolicy(id: string): string {
  return `policy:${id}`;
}

/** No person's name begins so: an operator's is `operator`, others have where they signed in before it. */
export function isPolicys({ by }: Pick<Acted, 'by'>): boolean {
  return by.startsWith('policy:');
}

/** Of anything that somebody did, who did it. */
export function actedOf({ by, proof, person }: Acted): Acted {
  return { by, ...(proof === undefined ? {} : { proof }), ...(person === undefined ? {} : { person }) };
}
