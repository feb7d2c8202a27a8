import type { Backing, Way } from '@sallyport/core/model/way.ts';
import type { FactsView } from '@sallyport/gateway/api/view/decision.ts';
import { columns } from './columns.ts';
import { short } from './ids.ts';
import type { Paint } from './paint.ts';
import { safeLine } from './safe.ts';

const behind: Readonly<Record<Backing, string>> = {
  principal: 'the principal',
  picked: 'a record they point at',
  field: 'a field of another record',
  nobody: 'nobody',
  text: 'only somebody’s text',
};

/** Where somebody's words pick out one record of a list, nobody stands behind another one's. */
function standsBehind({ backing, found }: Way): string {
  return backing === 'nobody' && found.length > 0 ? 'nobody: a record beside the one they point at' : behind[backing];
}

const clears: Readonly<Record<Backing, string>> = {
  principal: '',
  picked: '',
  field: 'the principal names it, or endorses it',
  nobody: 'the principal names it, or endorses it',
  text: 'the principal names it, or endorses it or its source',
};

/** The way of every value that decides: what it is for, who stands behind it, where it was found, and what would clear it. */
export function wayLines(facts: FactsView | undefined, paint: Paint): string[] {
  const ways = (facts?.flow.ways ?? []) as readonly Way[];
  const telling = ways.filter(({ role, backing }) => role !== 'plain' && !(role === 'content' && backing !== 'text'));
  if (telling.length === 0) return [];
  return columns(
    telling.map(way => {
      const { argument, role, backing } = way;
      const [at] = way.found;
      const isGood = backing === 'principal' || backing === 'picked';
      return [
        `  ${safeLine(argument)}`,
        role,
        isGood ? paint.good(standsBehind(way)) : paint.warn(standsBehind(way)),
        at === undefined ? '' : `in ${safeLine(`${at.server}/${at.tool}`)} ${safeLine(at.path)}`.trimEnd(),
        at === undefined ? '' : paint.faint(`sallyport why ${short(at.entry)}`),
        clears[backing] === '' ? '' : paint.faint(`cleared if ${clears[backing]}`),
      ];
    }),
  ).split('\n');
}
