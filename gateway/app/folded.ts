import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Behaviour, emptyBehaviour } from '@sallyport/core/behaviour/behaviour.ts';
import { applyBehaviour } from '@sallyport/core/behaviour/fold.ts';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { applyEntry } from '@sallyport/core/task/fold.ts';
import { emptyState, type State } from '@sallyport/core/task/state.ts';
import type { OpenJournal } from '../journal/open-journal.ts';
import { pack, unpack } from './pack.ts';
import { sha256 } from './ports.ts';

/** Everything that is a fold over the journal's entries, as it is after the first `size` of them. */
export interface FoldedEntries {
  readonly size: number;
  readonly state: State;
  readonly behaviour: Behaviour;
}

const foldMillisMax = 8_000;

/** What the journal's snapshot holds; nothing, after no entry, where there is none to go on from. */
export function foldedBefore({ folded }: Pick<OpenJournal, 'folded'>): FoldedEntries {
  const found = folded();
  if (found === undefined) return { size: 0, state: emptyState(), behaviour: emptyBehaviour() };
  return { size: found.size, ...(unpack(found.value) as Omit<FoldedEntries, 'size'>) };
}

function applyFolded({ state, behaviour }: FoldedEntries, entry: Entry): void {
  applyEntry(state, entry);
  applyBehaviour(behaviour, entry, entry.at);
}

/**
 * What all entries make, for the journal's next snapshot. It is folded from the entries and not taken from the state in
 * use, which also holds what is no entry's: the words of purposes, which stand in the record sealed. Throws where it would
 * take longer than a stop may.
 */
export async function foldWhole(log: Pick<OpenJournal, 'folded' | 'entryLists'>): Promise<unknown> {
  const folded = foldedBefore(log);
  const until = performance.now() + foldMillisMax;
  for await (const { entries } of log.entryLists(folded.size)) {
    if (performance.now() > until) throw new Error('folding took too long');
    for (const entry of entries) applyFolded(folded, entry);
  }
  const { state, behaviour } = folded;
  return pack({ state, behaviour });
}

/**
 * A digest of the code whose folds a snapshot holds: other code may make something else of the same entries. To be asked at
 * the start: what lies there at the stop may be the next version's.
 */
export function foldingCode(): string {
  const core = dirname(createRequire(import.meta.url).resolve('@sallyport/core/package.json'));
  const sources = readdirSync(core, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.[jt]s$/.test(name) && !/node_modules|\.test\./.test(name))
    .sort();
  return sha256(sources.map(name => `${name}\n${sha256(readFileSync(join(core, name), 'utf8'))}\n`).join(''));
}
