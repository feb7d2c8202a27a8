import { lineSteps } from './diff.ts';

/** Around one line of what was written: what became of it in another text. */
interface Fate {
  /** Lines that stand before it there and were not written. */
  readonly before: string[];
  stays: boolean;
}

/**
 * A text that was edited after it was written, without what writing it had changed: lines that came with it go, lines that went
 * come back, and every line of the editor's stays as it is. Undefined where both changed the same place.
 */
export function takeBack(before: string, written: string, now: string): string | undefined {
  const lines = written.split('\n');
  const [was, is] = [before, now].map(text => fatesOf(lines, text.split('\n'))) as [Fate[], Fate[]];
  const result: string[] = [];
  for (const [index, own] of was.entries()) {
    const edited = is[index];
    if (edited === undefined || (own.before.length > 0 && edited.before.length > 0)) return undefined;
    result.push(...own.before, ...edited.before);
    const line = lines[index];
    if (line !== undefined && own.stays && edited.stays) result.push(line);
  }
  return result.join('\n');
}

/** One for each line, and one for the end. */
function fatesOf(lines: readonly string[], other: readonly string[]): Fate[] {
  const fates: Fate[] = [{ before: [], stays: true }];
  for (const [sign, line] of lineSteps(lines, other)) {
    const fate = fates.at(-1);
    if (fate === undefined) continue;
    if (sign === '+') fate.before.push(line);
    else {
      fate.stays = sign === '=';
      fates.push({ before: [], stays: true });
    }
  }
  return fates;
}
