import type { Loaded } from '../../engines/cedar/load.ts';
import { type PolicyProblem, showProblem } from '../../engines/cedar/problem.ts';
import {
  type ActivePolicies,
  PolicyDirError,
  type PolicyText,
  putAway,
  readPolicyDir,
} from '../../policies/policy-files.ts';

export interface Unfit {
  /** What was in force before; undefined: it is the very first start, with the files as they are. */
  readonly known: ActivePolicies | undefined;
  /** Where that is kept. */
  readonly file: string;
  /** The folder that the configuration names. */
  readonly dir: string;
  readonly problems: readonly PolicyProblem[];
  /** Holds another set against the same servers. */
  readonly check: (text: PolicyText) => Promise<Loaded>;
}

/**
 * Why a gateway does not start with its policies, and what then. Whoever changed the configuration wonders why files that are not
 * there are complained of; and to begin with those that are there helps only where these fit.
 */
export async function unfitText({ known, file, dir, problems, check }: Unfit): Promise<string> {
  if (known === undefined) return text('the policies cannot be used:', problems);
  return [
    text(
      `the policies in force since ${new Date(known.activatedAt).toISOString()}, kept in ${file}, do not fit these servers:`,
      problems,
    ),
    await instead(known, dir, check),
    `Then put the set away, and start again: the files are what is in force from then on: ${putAway(file)}`,
    'Or start with the servers they were made for; from there `sallyport policy activate` changes them step by step.',
  ].join('\n');
}

async function instead(known: ActivePolicies, dir: string, check: Unfit['check']): Promise<string> {
  try {
    const files = readPolicyDir(dir);
    if (files.digest === known.digest) return `The files in ${dir} are the same: correct them.`;
    const found = await check(files);
    if (found.ok) return `The files in ${dir} fit: look whether they are what you want.`;
    return text(`Nor do the files in ${dir}: correct them.`, found.problems);
  } catch (thrown) {
    if (thrown instanceof PolicyDirError) return `Nor are there others to begin with: ${thrown.message}.`;
    throw thrown;
  }
}

function text(head: string, problems: readonly PolicyProblem[]): string {
  return [head, ...problems.map(showProblem)].join('\n  ');
}
