import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { EntriesQuery } from '@sallyport/core/model/entries-query.ts';
import type { Entry, EntryKind } from '@sallyport/core/model/entry.ts';
import { newId } from '@sallyport/testkit/journal/calls.ts';
import { SegmentFiles } from '@sallyport/testkit/journal/segments.ts';
import { seeded } from '@sallyport/testkit/random.ts';
import fc from 'fast-check';
import { segmentEntriesMax } from '../../journal/layout.ts';
import { EntryIndex } from './entry-index.ts';
import { ownSubject, type Said, said } from './said.ts';

const size = segmentEntriesMax + 1_500;
const agents = ['emma', 'noor', 'costarring', 'liquid'];
const tools = ['files/read', 'files/write', 'mail/read', 'mail/send'];
const kinds = ['decided', 'performed', 'rejected', 'asked', 'answered'] as const;
const answers = ['permit', 'deny', 'ask'] as const;
const tasks = Array.from({ length: 40 }, () => newId('t'));

/** Several entries share an instant, and many an instant has none. */
function instantOf(seq: number): number {
  return 10 * Math.floor(seq / 3);
}

/** Entries as calls leave them, over the border of two segments: what follows may come long after its decision, some are of 32 KiB. */
function entriesOf(seed: number): Entry[] {
  const { below, pick } = seeded(seed);
  const [decisions, questions]: [string[], string[]] = [[newId('d')], [newId('ap')]];
  return Array.from({ length: size }, (_, seq) => {
    const kind = pick(kinds);
    const [agent, task, [server, tool]] = [pick(agents), pick(tasks), pick(tools).split('/')];
    const decision = below(20) === 0 ? pick(decisions) : (decisions.at(-1 - below(3)) ?? decisions[0]);
    const members = {
      decided: { id: newId('d'), agent, task, answer: pick(answers), action: { server, tool } },
      performed: { id: newId('o'), decision, task },
      rejected: { id: newId('e'), agent, server, tool },
      asked: { id: newId('ap'), decision, agent, server, tool, task },
      answered: { id: newId('e'), approval: pick(questions), answer: 'yes' },
    }[kind];
    if (kind === 'decided') decisions.push(members.id);
    if (kind === 'asked') questions.push(members.id);
    const more = below(2_000) === 0 ? { more: 'é'.repeat(16_000) } : {};
    return { seq, at: instantOf(seq), kind, ...members, ...more } as unknown as Entry;
  });
}

/** The same questions, by reading every entry. */
class Scan {
  readonly #entries: readonly Entry[];
  readonly #byId: ReadonlyMap<string, Entry>;

  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
    this.#byId = new Map(entries.map(entry => [entry.id, entry]));
  }

  page(query: EntriesQuery): number[] {
    const { after, limit, since = 0, until = Number.POSITIVE_INFINITY } = query;
    const isIn = ({ seq, at }: Entry): boolean => seq > (after ?? -1) && at >= since && at < until;
    const all = this.#entries.filter(entry => isIn(entry) && this.#matches(said(entry), query));
    return (after === undefined ? all.slice(-limit) : all.slice(0, limit)).map(({ seq }) => seq);
  }

  find(id: string): string {
    const alike = this.#entries.filter(entry => entry.id.startsWith(id));
    if (this.#byId.has(id) || alike.length === 1) return `found ${this.#byId.get(id)?.seq ?? alike[0]?.seq}`;
    return alike.length === 0 ? 'none' : 'many';
  }

  following(decision: string): number[] {
    return this.#entries.filter(entry => said(entry).decision === decision).map(({ seq }) => seq);
  }

  answerTo(approval: string): number | undefined {
    return this.#entries.find(entry => said(entry).approval === approval)?.seq;
  }

  #matches(entry: Said, { kinds, agent, task, tool, answer }: EntriesQuery): boolean {
    if (kinds !== undefined && !kinds.includes(entry.kind)) return false;
    if ((task ?? entry.task) !== entry.task || (answer ?? entry.answer) !== entry.answer) return false;
    const decided = entry.decision === undefined ? entry : this.#byId.get(entry.decision);
    const subject = decided === undefined ? undefined : ownSubject(decided as Said);
    const [server, name] = tool?.split('/') ?? [];
    if (agent !== undefined && subject?.agent !== agent) return false;
    return server === undefined || (subject?.server === server && (name === '*' || subject?.tool === name));
  }
}

const instant = fc.option(fc.integer({ min: -5, max: instantOf(size) + 20 }), { nil: undefined });
const query: fc.Arbitrary<EntriesQuery> = fc.record({
  after: fc.option(fc.oneof(fc.integer({ min: -1, max: size }), fc.constant(segmentEntriesMax - 2)), {
    nil: undefined,
  }),
  limit: fc.constantFrom(1, 2, 20, 500, 2_000),
  since: instant,
  until: instant,
  kinds: fc.option(fc.subarray<EntryKind>([...kinds]), { nil: undefined }),
  agent: fc.option(fc.constantFrom(...agents, 'nobody'), { nil: undefined }),
  task: fc.option(fc.constantFrom(...tasks.slice(0, 5), newId('t')), { nil: undefined }),
  tool: fc.option(fc.constantFrom(...tools, 'files/*', 'nowhere/*'), { nil: undefined }),
  answer: fc.option(fc.constantFrom(...answers), { nil: undefined }),
});

test('whatever is asked is answered as by reading every entry: from memory, while it is filed, and after a restart', () => {
  using log = new SegmentFiles();
  const entries = entriesOf(7);
  const file = join(log.dir, 'index.sqlite');
  let index = new EntryIndex(file, log);
  const asQuestions = (known: readonly Entry[], runs: number): void => {
    const scan = new Scan(known);
    const place = fc.nat({ max: known.length - 1 });
    const agrees = (asked: EntriesQuery, at: number, length: number): void => {
      assert.deepEqual(
        index.page(asked).map(({ seq }) => seq),
        scan.page(asked),
      );
      const { id } = known[at] as Entry;
      for (const start of [id, id.slice(0, length), `${id.slice(0, length)}7`]) {
        const found = index.find(start);
        const told = found.kind === 'found' ? `found ${found.entry.seq}` : found.kind;
        assert.equal(told, scan.find(start), start);
      }
      const { decision, approval } = said(known[at] as Entry);
      if (decision !== undefined)
        assert.deepEqual(
          index.following(decision as never).map(({ seq }) => seq),
          scan.following(decision),
        );
      if (approval !== undefined) assert.equal(index.answerTo(approval as never)?.seq, scan.answerTo(approval));
    };
    fc.assert(fc.property(query, place, fc.integer({ min: 0, max: 29 }), agrees), { numRuns: runs });
  };
  for (const end of [700, segmentEntriesMax, size]) {
    for (let from = index.appliedSeq + 1; from < end; ) {
      const next = Math.min(end, from + 1_000, from < segmentEntriesMax ? segmentEntriesMax : end);
      index.add(log.write(entries.slice(from, next)));
      from = next;
    }
    asQuestions(entries.slice(0, end), 25);
    index.close();
    index = new EntryIndex(file, log);
    asQuestions(entries.slice(0, end), 25);
  }
  index.close();
});
