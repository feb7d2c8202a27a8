import type { PersonId, PersonProof } from '@sallyport/core/model/acted.ts';
import type { ApprovalId } from '@sallyport/core/model/ids.ts';
import type { Role } from '../api/caller.ts';

/** Somebody who has proved who they are, by a link that an operator printed or by an identity provider. */
export interface Person {
  readonly name: string;
  readonly role: Role;
  readonly groups: readonly string[] | 'all';
  readonly proof: PersonProof;
  readonly person?: PersonId;
  readonly only?: ApprovalId;
}
