import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeWorld, fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import { makeAction } from '../model/action.ts';
import type { Decision, Mode } from '../model/decision.ts';
import type { ActionClass } from '../model/tool.ts';
import { nothingLooked } from '../provenance/memories.ts';
import { buildsOn } from './builds.ts';
import type { BuiltOn } from './ports.ts';

const permit: Decision = { answer: 'permit', reasons: [], obligations: [] };

test('AARM R4 what builds on a question waits with it; on a no it is refused as policy’s, unless it only reads', () => {
  const become = (
    kind: BuiltOn['kind'] | undefined,
    {
      classes = ['write'],
      mode = 'enforce',
      decision = permit,
    }: { classes?: ActionClass[]; mode?: Mode; decision?: Decision } = {},
  ): string => {
    const tool = fakeTool({ classes });
    const input = jsonObject('{}');
    const action = makeAction(
      { method: 'tools/call', server: tool.server, name: tool.name, input },
      tool,
      text => text,
    );
    const built = kind && ({ kind, approval: 'ap_1', tool: 'notes/create' } as BuiltOn);
    const approvals = { ...createFakeWorld().ports.approvals, builtOn: () => built };
    const made = buildsOn(decision, mode, fakeTask, action, nothingLooked, { approvals });
    if (made === undefined) return 'as decided';
    const { verdict } = made;
    if (verdict.kind === 'defer')
      return 'awaits' in verdict ? `waits for ${verdict.awaits} of ${verdict.what}` : 'asks';
    const [reason] = made.decision.reasons;
    return verdict.kind === 'refuse' ? `${verdict.code} ${reason?.rule} ${reason?.text}` : 'passes';
  };
  const reads = { classes: ['read'] as ActionClass[] };
  assert.equal(become(undefined), 'as decided');
  assert.equal(become('waits'), 'waits for ap_1 of notes/create');
  assert.equal(become('waits', reads), 'waits for ap_1 of notes/create');
  assert.match(
    become('refused'),
    /^denied builds-on-a-refusal it builds on notes\/create, to which a person said no \(ap_1\)/,
  );
  assert.match(become('lapsed'), /^denied builds-on-a-refusal .* nobody said yes in time/);
  assert.match(become('too-many'), /^denied too-many-wait/);
  assert.match(become('too-many', reads), /^denied too-many-wait/);
  for (const kind of ['refused', 'lapsed'] as const) assert.equal(become(kind, reads), 'as decided');
  assert.match(become('refused', { classes: ['read', 'egress'] }), /^denied/);
  for (const mode of ['observe', 'shadow'] as const) assert.equal(become('refused', { mode }), 'as decided');
  const denied: Decision = { answer: 'deny', fault: false, reasons: [] };
  assert.equal(become('waits', { decision: denied }), 'as decided', 'what is refused anyway waits for nobody');
});
