import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Endorsed, Endorsement } from '@sallyport/core/model/endorsement.ts';
import type { EntryId } from '@sallyport/core/model/ids.ts';
import { valueDigest } from '@sallyport/core/provenance/origin/ways.ts';
import { fold } from '@sallyport/core/provenance/spelling/fold.ts';
import { sha256 } from '@sallyport/gateway/replay/ledger.ts';
import fc from 'fast-check';
import { type Decide, decideOver, isLooser, type Question } from './rehearsal.ts';
import { readSuite, type Suite, type SuiteStep } from './suite.ts';

/**
 * What has to hold of every decision, whatever the rules are: over calls of `scenarios/flow`, cut anywhere and altered at
 * random, decided by the shipped policies through the line. `FLOW_PROPERTY_RUNS` asks for more runs, `FLOW_PROPERTY_SEED`
 * for the ones that failed.
 */
const root = new URL('../../', import.meta.url).pathname;
const names = ['adaptive', 'clinic', 'cloud', 'desk'];
const numRuns = Number(process.env.FLOW_PROPERTY_RUNS ?? 60);
const seed = process.env.FLOW_PROPERTY_SEED === undefined ? {} : { seed: Number(process.env.FLOW_PROPERTY_SEED) };

/** What a person knows of these tools: it cannot be taken back, or leaves the house. */
const grave = new Set([
  ...['recordRelease', 'faxSend', 'takePayment', 'cancelAppointment', 'inboxReply', 'messagePatient'],
  ...['objects.share', 'iam.bindings.add', 'iam.bindings.remove', 'instances.delete', 'functions.deploy'],
  ...['refund_issue', 'customer_erase', 'export_view', 'ticket_hand_off', 'kb_publish', 'web_fetch'],
  ...['send_mail', 'pay', 'share_file', 'delete_file', 'invite_user', 'run_shell', 'fetch_page', 'post_message'],
]);

interface Place {
  readonly decide: Decide;
  readonly questions: readonly Question[];
}

let places: Place[] = [];
before(async () => {
  places = await Promise.all(
    names.map(async name => {
      const suite = await readSuite(`${root}scenarios/flow/${name}`);
      return { decide: await decideOver(suite, `${root}policies`), questions: questionsOf(suite) };
    }),
  );
});

/** Every call of every run, with what came before it. */
function questionsOf({ benign, attacks }: Suite): Question[] {
  return [...benign, ...attacks].flatMap(({ trajectory: { purpose, toolset, calls } }) =>
    calls.flatMap((last, at) =>
      last.name === undefined ? [] : [{ purpose, toolset, history: calls.slice(0, at), last }],
    ),
  );
}

interface Drawn {
  readonly place: Place;
  readonly question: Question;
}

const drawn: fc.Arbitrary<Drawn> = fc.nat().chain(one =>
  fc.nat().map(two => {
    const place = pick(places, one);
    const question = pick(place.questions, two);
    // What a counterexample is shown as.
    return { place, question, toString: () => textOf(question) };
  }),
);

function textOf({ purpose, history, last }: Question): string {
  const steps = [...history, last].map(({ name, task, args }) => `${name ?? task} ${JSON.stringify(args ?? {})}`);
  return `${JSON.stringify(purpose)}: ${steps.join(' → ')}`;
}

function pick<T>(list: readonly T[], at: number): T {
  const one = list[at % list.length];
  assert.ok(one !== undefined);
  return one;
}

/** Words that stand in no prompt, argument or result of the suites. */
const strange = fc.string({ unit: fc.constantFrom(...'ψωξθδλφ'), minLength: 6, maxLength: 18 });

/** Holds, or is skipped where one of both histories has something refused in it. */
async function neverLooser({ place, question }: Drawn, altered: Question): Promise<void> {
  const [plain, other] = [await place.decide(question), await place.decide(altered)];
  fc.pre(plain !== undefined && other !== undefined);
  assert.ok(!isLooser(other, plain), `${plain} became ${other}: ${textOf(question)} | ${textOf(altered)}`);
}

/** Only what cannot be taken back or leaves the house. */
const drawnGrave = drawn.filter(({ question }) => grave.has(question.last.name ?? ''));

async function holds<T>(drawing: fc.Arbitrary<T>, property: (value: T) => Promise<void>): Promise<void> {
  await fc.assert(fc.asyncProperty(drawing, property), { numRuns, ...seed });
}

describe('whatever the rules are', () => {
  test('F-9 more that was read never turns a no into a yes', () =>
    holds(fc.tuple(drawn, fc.nat(), fc.nat(), fc.array(strange, { minLength: 1 })), ([one, who, where, words]) => {
      const { question, place } = one;
      const source = pick(
        place.questions.filter(({ toolset, history }) => toolset === question.toolset && history.length === 0),
        who,
      ).last;
      const history = [...question.history];
      history.splice(where % (history.length + 1), 0, { ...source, result: words.join(' '), error: undefined });
      return neverLooser(one, { ...question, history });
    }));

  test('F-4 F-6 labels survive any chain of agents: handing over never loosens what is grave', () =>
    holds(
      fc.tuple(drawnGrave, fc.array(fc.tuple(fc.nat(), strange), { minLength: 1, maxLength: 4 })),
      ([one, hops]) => {
        const history: SuiteStep[] = [...one.question.history];
        for (const [where, words] of hops)
          history.splice(where % (history.length + 1), 0, { task: words, agent: `helper-${where % 3}` });
        return neverLooser(one, { ...one.question, history });
      },
    ));

  test('F-6 what an agent says in a hand-over is nobody’s purpose: saying all that the principal said never loosens what is grave', () =>
    holds(drawnGrave, one => {
      const { question } = one;
      const told = `${question.purpose} ${JSON.stringify(question.last.args)}`;
      return neverLooser(one, { ...question, history: [...question.history, { task: told, agent: 'helper' }] });
    }));

  test('a task without its principal’s words is never looser in what is grave', () =>
    holds(drawnGrave, one => neverLooser(one, { ...one.question, ambient: true })));

  test('F-3 a value that nobody can place is never better off than one that can be placed, in what is grave', () =>
    holds(fc.tuple(drawnGrave, strange), ([one, words]) =>
      neverLooser(one, { ...one.question, last: withArguments(one.question.last, () => words) }),
    ));

  test('F-1 F-2 F-3 after anything was read, nothing is sent, paid, shared, deleted or run on values that nobody can place', () =>
    holds(fc.tuple(drawn, strange), async ([{ place, question }, words]) => {
      fc.pre(grave.has(question.last.name ?? '') && question.history.some(({ name }) => name !== undefined));
      const answer = await place.decide({ ...question, last: withArguments(question.last, () => words) });
      fc.pre(answer !== undefined);
      assert.notEqual(answer, 'permit', textOf(question));
    }));

  test('F-8 endorsement is needed for any loosening: taking one away never loosens', () =>
    holds(fc.tuple(drawn, fc.nat(), fc.constantFrom('changes', 'outward', 'grave' as const)), ([one, which, reach]) => {
      const all = endorsementsFor(one.question).map(
        (endorsed): Endorsement => ({
          entry: 'e_00000000000000000000000000' as EntryId,
          ...{ endorsed, reach, by: 'operator', why: 'test', at: 0 },
        }),
      );
      fc.pre(all.length > 0);
      const fewer = all.toSpliced(which % all.length, 1);
      return neverLooser(
        { ...one, question: { ...one.question, endorsements: all } },
        { ...one.question, endorsements: fewer },
      );
    }));
});

/** Texts replaced; choices of a schema's list would no longer fit it, and such a call is refused for its form: stricter still. */
function withArguments(step: SuiteStep, change: (text: string) => string): SuiteStep {
  return { ...step, args: changed(step.args ?? {}, change) as Record<string, unknown> };
}

function changed(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map(item => changed(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, changed(member, change)]));
}

function endorsementsFor({ toolset: server, last }: Question): Endorsed[] {
  const values = Object.values(last.args ?? {}).filter(value => typeof value === 'string');
  const endorsed = values.map((value): Endorsed => ({ kind: 'value', digest: valueDigest(fold(value), sha256) }));
  return last.name === undefined ? endorsed : [...endorsed, { kind: 'tool', server, tool: last.name }];
}
