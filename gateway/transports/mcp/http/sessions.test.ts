import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cancellation } from '@sallyport/core/model/call-signal.ts';
import { fakeAgent } from '@sallyport/testkit/fakes/ports.ts';
import { mcpLimits } from '../limits.ts';
import type { Scope } from '../names.ts';
import { Sessions } from './sessions.ts';

const all: Scope = { kind: 'all' };
const files: Scope = { kind: 'one', server: 'files' };
const auditor = { ...fakeAgent, id: 'auditor' };

function create(limits: Partial<typeof mcpLimits> = {}) {
  let now = 0;
  const sessions = new Sessions({ ...mcpLimits, ...limits }, () => now);
  const pass = (millis: number): void => {
    now += millis;
  };
  return { sessions, pass };
}

function opened(sessions: Sessions, agent = fakeAgent, scope = all) {
  const session = sessions.open(agent, scope, '2025-11-25', new Set());
  assert.ok(session);
  return session;
}

test("a session is its agent's, on its path, and its id cannot be guessed", () => {
  const { sessions } = create();
  const session = opened(sessions);
  assert.match(session.id, /^[\x21-\x7e]{32}$/);
  assert.notEqual(opened(sessions).id, session.id);
  assert.equal(sessions.find(session.id, fakeAgent, all), session);
  assert.equal(sessions.find(session.id, auditor, all), undefined);
  assert.equal(sessions.find(session.id, fakeAgent, files), undefined);
  assert.equal(sessions.find(session.id, { ...fakeAgent, principal: 'user:ben' }, all), undefined, 'for somebody else');
  assert.equal(sessions.find('__proto__', fakeAgent, all), undefined);
});

test('an idle session ends, one with a call or a stream does not', () => {
  const { sessions, pass } = create({ sessionIdleMillisMax: 1_000 });
  const [idle, busy, streaming] = [opened(sessions), opened(sessions), opened(sessions)];
  busy.inFlight.begin('1');
  streaming.closeStream = () => {};
  pass(1_001);
  assert.equal(sessions.find(idle.id, fakeAgent, all), undefined);
  assert.equal(sessions.find(busy.id, fakeAgent, all), busy);
  assert.equal(sessions.find(streaming.id, fakeAgent, all), streaming);
});

test("an agent over its share loses its own oldest idle session, and nobody else's", () => {
  const { sessions, pass } = create({ sessionsPerAgentMax: 2 });
  const others = opened(sessions, auditor);
  const first = opened(sessions);
  pass(1);
  const second = opened(sessions);
  pass(1);
  const third = opened(sessions);
  assert.equal(sessions.find(first.id, fakeAgent, all), undefined);
  assert.equal(sessions.find(second.id, fakeAgent, all), second);
  assert.equal(sessions.find(third.id, fakeAgent, all), third);
  assert.equal(sessions.find(others.id, auditor, all), others);
  second.inFlight.begin('1');
  third.inFlight.begin('1');
  assert.equal(sessions.open(fakeAgent, all, '2025-11-25', new Set()), undefined);
});

test('when there is no room for anyone, idle sessions go first', () => {
  const { sessions, pass } = create({ sessionsMax: 1, sessionIdleMillisMax: 10 });
  opened(sessions);
  assert.equal(sessions.open(auditor, all, '2025-11-25', new Set()), undefined);
  pass(11);
  assert.ok(sessions.open(auditor, all, '2025-11-25', new Set()));
});

test('the end of a session cancels what is under way in it', () => {
  const { sessions } = create();
  const session = opened(sessions);
  const cancellation = session.inFlight.begin('1');
  assert.ok(cancellation instanceof Cancellation);
  sessions.end(session);
  assert.ok(cancellation.aborted);
});

test('what is under way is bounded, and ids of different kinds are different', () => {
  const { sessions } = create({ callsInFlightMax: 2 });
  const { inFlight } = opened(sessions);
  const number = inFlight.begin('1');
  assert.ok(inFlight.begin('"1"') instanceof Cancellation);
  assert.equal(inFlight.begin('1'), 'taken');
  assert.equal(inFlight.begin('2'), 'full');
  inFlight.cancel('"1"');
  assert.ok(number instanceof Cancellation && !number.aborted);
  inFlight.end('1');
  assert.ok(inFlight.begin('1') instanceof Cancellation);
});
