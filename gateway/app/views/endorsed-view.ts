import type { Endorsement } from '@sallyport/core/model/endorsement.ts';
import type { Decided } from '@sallyport/core/model/entry.ts';
import type { Way } from '@sallyport/core/model/way.ts';

/** Of what somebody stood behind by then, what this decision may rest on: its values, what they were found in, and its tool. */
export function endorsedFor(
  { at, action }: { readonly at: number; readonly action: Pick<Decided['action'], 'server' | 'tool'> },
  ways: readonly Way[],
  endorsements: readonly Endorsement[],
): readonly Endorsement[] {
  const found = ways.flatMap(way => way.found);
  return endorsements.filter(({ endorsed, at: since }) => {
    if (since > at) return false;
    switch (endorsed.kind) {
      case 'value':
        return ways.some(({ digest }) => digest === endorsed.digest);
      case 'tool':
        return endorsed.server === action.server && endorsed.tool === action.tool;
      case 'source':
        return found.some(({ digest }) => digest === endorsed.digest);
      case 'outcome':
        return found.some(({ entry }) => entry === endorsed.entry);
      default:
        return false;
    }
  });
}
