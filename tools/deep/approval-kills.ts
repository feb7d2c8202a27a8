import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import { callerOf, type House } from '@sallyport/testkit/gateway/house.ts';
import { type Random, seeded } from '@sallyport/testkit/random.ts';
import {
  endOf,
  type Place,
  permitAll,
  placeIn,
  type Running,
  type Started,
  startIn,
  stop,
  writeConfig,
} from './gateway-place.ts';
import { compared, sentTo } from './record-of.ts';

export interface ApprovalKills {
  readonly seed: number;
  readonly kills: number;
  /** Questions whose name an agent was told. */
  readonly asked: number;
  /** Questions, yeses and uses that were told of before a kill and not there after it. */
  readonly lost: number;
  /** Yeses that a kill met while they were used, and how many of these the server had got. */
  readonly cut: number;
  readonly cutSent: number;
  readonly performed: number;
  /** Actions that the server got twice, or without a yes. */
  readonly wrong: number;
}

/** Each may ask so much a minute; together they keep the gateway at work. */
const agents = Array.from({ length: 8 }, (_, at) => `agent-${at}`);
const policies = `${permitAll}@id("ask") @reason("a person looks") @approver("operator") @expires("30m")
forbid (principal, action, resource) unless { context.approved };
`;
/** Rounds on one state directory: then a new one, so that starts stay comparable. */
const roundsPerState = 8;

/** How far one question came, as far as those outside the gateway know. */
type Stage = 'asking' | 'asked' | 'answering' | 'answered' | 'using' | 'used';

interface Question {
  readonly agent: string;
  readonly text: string;
  id: string;
  stage: Stage;
}

/** What a question may be after a kill that met it at a stage. */
const mayBe: Readonly<Record<Exclude<Stage, 'asking'>, readonly ApprovalView['state'][]>> = {
  asked: ['pending'],
  answering: ['pending', 'approved'],
  answered: ['approved'],
  using: ['approved', 'used'],
  used: ['used'],
};

/**
 * R5, R9: the gateway is killed (SIGKILL) while agents ask, a person answers, and each yes is used twice at once. What was told of is
 * there after the start; whatever a kill met on its way, each yes is worth one action at most, and exactly one if it can still be used.
 */
export async function killWithQuestions(
  kills: number,
  seed: number,
  goesOn: (done: number) => boolean,
): Promise<ApprovalKills> {
  const random = seeded(seed);
  const total = { seed, kills: 0, asked: 0, lost: 0, cut: 0, cutSent: 0, performed: 0, wrong: 0 };
  while (total.kills < kills && goesOn(total.kills)) {
    const rounds = Math.min(roundsPerState, kills - total.kills);
    const found = await killedOften(rounds, random, () => goesOn(++total.kills));
    for (const name of ['asked', 'lost', 'cut', 'cutSent', 'performed', 'wrong'] as const) total[name] += found[name];
  }
  return total;
}

async function killedOften(rounds: number, random: Random, onRound: () => boolean) {
  const base = mkdtempSync(join(tmpdir(), 'sallyport-approval-kill-'));
  const place = placeIn(base);
  writeConfig(place, ['echo'], { names: agents, policies });
  const all: Question[] = [];
  const cut: Question[] = [];
  let lost = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      await using house = await opened(place);
      lost += await goOn(house, all, cut);
      await askUntilKilled(house, all, random);
      if (!onRound()) break;
    }
    await using house = await opened(place);
    lost += await goOn(house, all, cut);
    assert.equal(await stop(house.started), 0, 'it stops in order');
    const used = all.filter(({ stage }) => stage === 'used').map(({ text }) => text);
    const { lost: unrecorded, undecided } = await compared(place, new Set(used));
    assert.deepEqual([unrecorded, undecided], [0, 0], 'all of it is in the record');
    return { ...held(all, cut, sentTo(place)), lost };
  } finally {
    rmSync(base, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

interface Opened extends Running, AsyncDisposable {
  readonly started: Started;
  readonly callers: ReadonlyMap<string, House['call']>;
}

async function opened(place: Place): Promise<Opened> {
  const started = await startIn(place);
  const { running } = started;
  assert.ok(running, started.log());
  const callers = new Map<string, House['call']>();
  for (const agent of agents) {
    const { token } = await running.ask<{ token: string }>(`agents/${agent}/token`, {});
    callers.set(agent, callerOf(`${running.url}/mcp/notes`, token));
  }
  return { ...running, started, callers, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}

let questions = 0;

/** Every agent asks, is answered and uses the answer, or is left standing at any of it, until all of it is killed. */
async function askUntilKilled(house: Opened, all: Question[], random: Random): Promise<void> {
  const first = Promise.withResolvers<void>();
  const loop = async (agent: string, call: House['call']): Promise<void> => {
    for (;;) {
      const question: Question = { agent, text: `question${++questions}`, id: '', stage: 'asking' };
      all.push(question);
      const told = await call('echo', { text: question.text });
      assert.equal(told.isError, true, 'nothing is performed before a yes');
      const id = /ap_[0-9a-z]+/.exec(told.text)?.[0];
      // It asked as often as it may within a minute.
      if (id === undefined) return;
      Object.assign(question, { id, stage: 'asked' });
      first.resolve();
      if (random.chance(0.2)) continue;
      await answer(house, question);
      if (random.chance(0.2)) continue;
      await use(house, question);
    }
  };
  const loops = [...house.callers].map(([agent, call]) => loop(agent, call).catch(whereKilled));
  await Promise.race([first.promise, Promise.all(loops)]);
  await new Promise(resolve => setTimeout(resolve, random.next() ** 2 * 600));
  house.started.child.kill('SIGKILL');
  await endOf(house.started);
  await Promise.all(loops);
}

/** A connection that breaks is what a kill looks like from outside. */
function whereKilled(thrown: unknown): void {
  if (thrown instanceof assert.AssertionError) throw thrown;
}

async function answer({ ask }: Opened, question: Question): Promise<void> {
  question.stage = 'answering';
  const { approval } = await ask<{ approval: ApprovalView }>(`approvals/${question.id}`, { answer: 'approved' });
  assert.equal(approval.state, 'approved');
  question.stage = 'answered';
}

async function use({ callers }: Opened, question: Question): Promise<void> {
  const call = callers.get(question.agent);
  assert.ok(call);
  question.stage = 'using';
  const both = await Promise.all([1, 2].map(() => call('echo', { text: question.text })));
  assert.equal(both.filter(({ isError }) => isError !== true).length, 1, `one of two: ${both.map(({ text }) => text)}`);
  question.stage = 'used';
}

/** After a start: whatever was told of is there, and goes on where it was. Returns how much is not there. */
async function goOn(house: Opened, all: readonly Question[], cut: Question[]): Promise<number> {
  const { approvals } = await house.ask<{ approvals: ApprovalView[] }>('approvals?state=all');
  const states = new Map(approvals.map(({ id, state }) => [id, state]));
  let lost = 0;
  for (const question of all) {
    if (question.stage === 'asking') continue;
    const state = states.get(question.id);
    if (state === undefined || !mayBe[question.stage].includes(state)) {
      lost++;
      console.log(`${question.id}, ${question.stage} before the kill, is ${state ?? 'not there'}`);
    }
    if (question.stage === 'using') cut.push(question);
    if (state === 'pending') await answer(house, question);
    if (state === 'pending' || state === 'approved') await use(house, question);
    else question.stage = 'used';
  }
  // Of those that were asked when the kill came nobody knows: a person says no.
  const { approvals: left } = await house.ask<{ approvals: ApprovalView[] }>('approvals');
  for (const { id } of left) await house.ask(`approvals/${id}`, { answer: 'refused' });
  return lost;
}

/** What the server got, against what was said yes to. */
function held(all: readonly Question[], cut: readonly Question[], sent: readonly string[]) {
  const times = new Map<string, number>();
  for (const text of sent) times.set(text, (times.get(text) ?? 0) + 1);
  const cutTexts = new Set(cut.map(({ text }) => text));
  const told = all.filter(({ stage }) => stage !== 'asking');
  const texts = new Set(told.map(({ text }) => text));
  const wrong = told.filter(({ text }) => {
    const count = times.get(text) ?? 0;
    return cutTexts.has(text) ? count > 1 : count !== 1;
  });
  const unasked = [...times.keys()].filter(text => !texts.has(text));
  for (const { id, text } of wrong) console.log(`${id}: sent ${times.get(text) ?? 0} times`);
  return {
    asked: told.length,
    performed: sent.length,
    cut: cutTexts.size,
    cutSent: [...cutTexts].filter(text => times.has(text)).length,
    wrong: wrong.length + unasked.length,
  };
}
