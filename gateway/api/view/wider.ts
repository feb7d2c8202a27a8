import { reachOf, sourceReachOf } from '@sallyport/core/model/endorsement.ts';
import type { Way } from '@sallyport/core/model/way.ts';
import type { ApprovalView } from './approval.ts';

/** What somebody may stand behind beyond this one call: things that this very question is about, and nothing wider. */
export interface WiderChoice {
  readonly what: 'value' | 'source' | 'tool';
  /** The argument that it is about, with its place where it has several values: `to (2)`. Empty for the tool. */
  readonly argument: string;
  /** Among the question's `ways`; absent for the tool. */
  readonly digest?: string;
  readonly text: string;
}

const widerChoicesMax = 12;

function waysOf({ facts }: Pick<ApprovalView, 'facts'>): readonly Way[] {
  const ways = facts?.flow.ways;
  return Array.isArray(ways) ? (ways as Way[]) : [];
}

/** Each thing once, the tool always; nothing where several people have to say yes, for then each call is their question. */
export function widerChoices(view: ApprovalView): readonly WiderChoice[] {
  if (view.seconds !== undefined) return [];
  const { classes = [] } = view;
  // Else it would be agreed to for more than it counts for.
  const upTo = sourceReachOf(classes) === reachOf(classes) ? '' : ', for changes that can be undone and nothing graver';
  const ways = waysOf(view).filter(({ backing }) => backing !== 'principal');
  const values = ways.map(
    ({ argument, digest }): WiderChoice => ({
      ...{ what: 'value', argument, digest },
      text: `The value of ${argument}, wherever it stands in a call`,
    }),
  );
  const sources = ways.flatMap(({ argument, found: [first] }): WiderChoice[] =>
    first === undefined
      ? []
      : [
          {
            ...{ what: 'source', argument, digest: first.digest },
            text: `Whatever ${first.server}/${first.tool} returns when it is asked exactly as it was${upTo}`,
          },
        ],
  );
  const distinct = new Map([...values, ...sources].map(choice => [`${choice.what} ${choice.digest}`, choice]));
  const tool: WiderChoice = { what: 'tool', argument: '', text: `${view.tool}, whatever its arguments` };
  return [...numbered([...distinct.values()].slice(0, widerChoicesMax - 1)), tool];
}

function numbered(choices: readonly WiderChoice[]): WiderChoice[] {
  const seen = new Map<string, number>();
  return choices.map(choice => {
    const key = `${choice.what} ${choice.argument}`;
    const place = (seen.get(key) ?? 0) + 1;
    seen.set(key, place);
    return place === 1 ? choice : { ...choice, argument: `${choice.argument} (${place})` };
  });
}
