import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseCheckpoint } from '@sallyport/core/journal/checkpoint.ts';
import type { House } from './house.ts';

/** Resolves once a signed checkpoint covers all that stands in the record now: about a second, on a busy machine longer. */
export async function allSigned({ ask, stateDir }: Pick<House, 'ask' | 'stateDir'>): Promise<void> {
  const { newest } = await ask<{ newest: number }>('entries?limit=1');
  const file = join(stateDir, 'journal', 'log', 'checkpoint');
  for (;;) {
    const note = readFileSync(file, 'utf8');
    const head = parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1));
    if (head !== undefined && head.size > newest) return;
    await pause(20);
  }
}
