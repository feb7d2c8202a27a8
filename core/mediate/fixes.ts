import type { Refusal, RefusalCode } from '../model/refusal.ts';

/** What an agent can do next, where whoever refused knows nothing better (docs/reference/refusals.md). */
const fixes: Partial<Record<RefusalCode, string>> = {
  'tool-unknown': 'look at the list of tools',
  'upstream-unavailable': 'try again later, or go on without it; an operator can look with `sallyport status`',
  overloaded: 'try again with fewer calls at a time',
  indeterminate: 'look whether it happened before you try again',
  withheld: 'it may have been done: look before you send it again',
};

export function withFix(refusal: Refusal): Refusal {
  const fix = refusal.fix ?? fixes[refusal.code];
  return fix === undefined ? refusal : { ...refusal, fix };
}
