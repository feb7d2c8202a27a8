import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { keyedDigest } from '@sallyport/gateway/app/host/ports.ts';
import { layoutOf } from '@sallyport/gateway/journal/layout.ts';
import { readEntryLists } from '@sallyport/gateway/journal/read.ts';
import { verifyJournal } from '@sallyport/gateway/journal/verify/verify.ts';
import { linesOf } from '@sallyport/testkit/upstream/fixture.ts';
import type { Place } from './gateway-place.ts';

/** All of a place's record, which has to verify. */
export async function entriesOf({ stateDir }: Place): Promise<Entry[]> {
  const dir = join(stateDir, 'journal');
  const { fault, entries: size } = verifyJournal({ dir, vkey: readFileSync(join(dir, 'vkey'), 'utf8') });
  assert.equal(fault, undefined);
  const entries: Entry[] = [];
  for await (const list of readEntryLists(layoutOf(dir), 0, size)) entries.push(...list.entries);
  return entries;
}

export interface Compared {
  /** Calls whose result reached the agent, and of these the ones that are not in the record. */
  readonly acknowledged: number;
  readonly lost: number;
  /** Calls that reached the server, and of these the ones without a decision in the record. */
  readonly sent: number;
  readonly undecided: number;
  /** Digests of the actions of both. */
  readonly missing: readonly string[];
  readonly entries: number;
}

/** What the agent was told and what the server got, held against the record by the digest of each action. */
export async function compared(place: Place, acknowledged: ReadonlySet<string>): Promise<Compared> {
  const digest = keyedDigest(readFileSync(join(place.stateDir, 'digest.key'), 'utf8').trim());
  const digestOf = (text: string): string => {
    const params = `{"name":"echo","arguments":${JSON.stringify({ text })}}`;
    return digest(`sallyport action v1\ntools/call\nnotes\necho\n${params}`);
  };
  const entries = await entriesOf(place);
  const passed = new Set<string>();
  for (const entry of entries)
    if (entry.kind === 'decided' && entry.verdict === 'pass') passed.add(entry.action.digest);
  const sent = sentTo(place);
  const lost = [...acknowledged].map(digestOf).filter(each => !passed.has(each));
  const undecided = sent.map(digestOf).filter(each => !passed.has(each));
  return {
    ...{ acknowledged: acknowledged.size, sent: sent.length, entries: entries.length },
    ...{ lost: lost.length, undecided: undecided.length, missing: [...lost, ...undecided] },
  };
}

/** The text of each call that reached the server, in their order. */
export function sentTo({ received }: Place): string[] {
  return [
    ...linesOf(received)
      .join('\n')
      .matchAll(/"method":"tools\/call".*?"text":"([^"]+)"/g),
  ].map(found => found[1] ?? '');
}
