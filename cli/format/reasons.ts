import { relative } from 'node:path';
import type { ChangeView, PlacedReason } from '@sallyport/gateway/api/view/decision.ts';
import type { Paint } from './paint.ts';
import { safeLine } from './safe.ts';

/** Each deciding policy with its place, its sentence and its fix. */
export function reasonLines(reasons: readonly PlacedReason[], cwd: string, paint: Paint): string[] {
  return reasons.flatMap(reason => {
    const effect = reason.effect === undefined ? '' : `${reason.effect} `;
    const place = reason.file === undefined ? '' : `  ${paint.faint(placeOf(reason, cwd))}`;
    const fix = reason.fix === undefined ? [] : [`    fix: ${safeLine(reason.fix)}`];
    return [`  ${effect}${paint.bold(safeLine(reason.rule))}${place}`, `    ${safeLine(reason.text)}`, ...fix];
  });
}

function placeOf({ file = '', line }: PlacedReason, cwd: string): string {
  const near = relative(cwd, file);
  const shown = near === '' || near.startsWith('..') ? file : near;
  return safeLine(line === undefined || line === 0 ? shown : `${shown}:${line}`);
}

export function changeLines(change: ChangeView | undefined): string[] {
  return change === undefined ? [] : [`  ${safeLine(change.text)}`];
}
