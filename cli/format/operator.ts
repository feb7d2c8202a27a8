import type { Paint } from './paint.ts';

/**
 * Stands below everything that loosens: how much the operator's proof is worth. Under one user id an agent could read
 * the key and do the same, so the view says so instead of looking like a boundary.
 */
export function operatorNote(operator: string, paint: Paint): string[] {
  if (!operator.startsWith('advisory')) return [];
  return [
    paint.warn(operator) +
      paint.faint(' – agents run under your user id and could read the key; a user of its own makes this a boundary'),
  ];
}
