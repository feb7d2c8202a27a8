import type { ApprovalId, Instant } from '@sallyport/core/model/ids.ts';
import { newSecret, secretHash } from '../secret/secret.ts';
import type { Person } from './person.ts';

/** Seconds that a link in a message works at most; it never works longer than its question is open. */
const questionLinkSecondsMax = 900;
const linksMax = 1_000;

export interface QuestionLink {
  readonly person: Person;
  /** Of the question: what comes of the link ends with it. */
  readonly until: Instant;
}

/**
 * Links in messages to one person. Each works once, for one question, and only until that is over. What it opens sees and answers this
 * question and nothing else. Only hashes are held here; a restart makes all of them void.
 */
export function createQuestionLinks(now: () => Instant) {
  const links = new Map<string, QuestionLink & { readonly expiresAt: Instant }>();

  return {
    /** For whom a channel's messages are: the configuration's word stands for their identity. */
    make: (name: string, only: ApprovalId, until: Instant): string => {
      for (const [key, { expiresAt }] of links) if (expiresAt <= now() || links.size >= linksMax) links.delete(key);
      const link = newSecret('spq');
      // The operator answers what is asked of the operator; a question's page gives nobody more than that.
      const role = name === 'operator' ? 'operator' : 'approver';
      const person: Person = { name, role, groups: [], proof: 'link', only };
      links.set(secretHash(link), {
        person,
        until,
        expiresAt: Math.min(until, now() + questionLinkSecondsMax * 1_000),
      });
      return link;
    },
    /** Takes it. Undefined if it never was, was used or is over. */
    take: (key: string): QuestionLink | undefined => {
      const link = links.get(key);
      links.delete(key);
      return link === undefined || link.expiresAt <= now() ? undefined : link;
    },
  };
}
