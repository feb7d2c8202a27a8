import type { Tool } from '../../model/tool.ts';
import type { Way } from '../../model/way.ts';
import type { Sink } from '../call/sinks.ts';
import { isUnitAt } from './words.ts';

/**
 * `Remove reports/draft.txt`: `reports` is none of what they want removed. Of a call that destroys, the front of a path that the
 * principal's words never say without what follows, and of which the call has nothing that follows, is another thing than theirs.
 */
export function withoutCutPaths(
  ways: readonly Way[],
  sinks: readonly Sink[],
  { classes }: Tool,
  said: string,
): readonly Way[] {
  if (!classes.includes('destructive') || !/[/\\]/.test(said)) return ways;
  return ways.map((way, at) => {
    if (way.role !== 'object' || way.origin !== 'prompt' || !isCut(sinks[at] as Sink, sinks, said)) return way;
    return { ...way, origin: 'unknown', backing: 'nobody' };
  });
}

function isCut({ folded }: Sink, sinks: readonly Sink[], said: string): boolean {
  const front = folded.replace(/(?<![/\\])[/\\]+$/, '');
  if (front === '') return false;
  let isFront = false;
  for (let at = said.indexOf(front); at >= 0; at = said.indexOf(front, at + front.length)) {
    if (!isUnitAt(said, front, at)) continue;
    const [, next] =
      /^[/\\]([\p{L}\p{N}_.-]*[\p{L}\p{N}])/u.exec(said.slice(at + front.length, at + front.length + 160)) ?? [];
    if (next === undefined || sinks.some(sink => sink.folded.includes(next))) return false;
    isFront = true;
  }
  return isFront;
}
