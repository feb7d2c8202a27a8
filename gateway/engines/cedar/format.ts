import { isDeepStrictEqual } from 'node:util';
import { type Cedar, freshCedar } from './instance.ts';
import { type PolicySource, splitPolicies } from './policy-text.ts';
import type { PolicyProblem } from './problem.ts';

export type Formatted =
  | { readonly ok: true; readonly text: string; readonly changed: boolean }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

const lineWidth = 100;
const indentWidth = 2;

/**
 * The file as Cedar's own formatter lays it out. What comes back must be the same policies with the same comments, or
 * nothing is changed.
 */
export function formatPolicies(source: PolicySource): Formatted {
  const before = splitPolicies(source);
  if (before.problems.length > 0) return { ok: false, problems: before.problems };
  const cannot = (message: string, line = 0): Formatted => ({
    ok: false,
    problems: [{ file: source.file, line, message }],
  });
  try {
    const cedar = freshCedar();
    const answer = cedar.formatPolicies({ policyText: source.text, lineWidth, indentWidth });
    if (answer.type !== 'success') return cannot(answer.errors[0]?.message ?? 'it is not Cedar');
    const text = `${answer.formatted_policy.trimEnd()}\n`;
    const after = splitPolicies({ file: source.file, text });
    const same =
      isDeepStrictEqual(meanings(before.policies, cedar), meanings(after.policies, cedar)) &&
      isDeepStrictEqual(comments(source.text), comments(text));
    return same ? { ok: true, text, changed: text !== source.text } : cannot('the formatter would change its meaning');
  } catch {
    return cannot('the policy engine itself fails on this file');
  }
}

function meanings(policies: readonly { readonly text: string }[], cedar: Cedar): unknown[] {
  return policies.map(({ text }) => {
    const answer = cedar.policyToJson(text);
    return answer.type === 'success' ? answer.json : undefined;
  });
}

/** The words of all comments, in order. */
function comments(text: string): string[] {
  return [...text.matchAll(/"(?:\\[\s\S]|[^"\\])*"|\/\/([^\n\r]*)/g)].flatMap(([, words]) =>
    words === undefined || words.trim() === '' ? [] : [words.trim()],
  );
}
