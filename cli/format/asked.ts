import type { Quorum } from '@sallyport/core/model/decision.ts';
import { safeLine } from './safe.ts';

/** Of whom a yes would be wanted: `one of finance and 2 of security, within 600 s`. */
export function askedText(
  terms: Quorum & { readonly and?: readonly Quorum[]; readonly expiresSeconds: number },
): string {
  const quorums = [terms, ...(terms.and ?? [])].map(
    ({ approvers, people = 1 }) => `${people === 1 ? 'one' : people} of ${approvers.map(safeLine).join(', ')}`,
  );
  return `${quorums.join(' and ')}, within ${terms.expiresSeconds} s`;
}
