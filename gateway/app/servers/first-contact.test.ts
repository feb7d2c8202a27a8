import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Control, Done } from '../../api/control.ts';
import { afterMeeting } from './first-contact.ts';

test('whoever accepted a tool is told so when policies have been read for it, and at once where nothing was accepted', async () => {
  const steps: string[] = [];
  const meeting = {
    forList: () => undefined,
    caughtUp: async () => {
      await Promise.resolve();
      steps.push('read');
    },
  };
  const accepting = (ok: boolean): Control['tools']['accept'] => {
    const done = ok ? { ok, value: [] } : { ok, error: { code: 'conflict', field: 'tools', message: 'changed again' } };
    const control = { tasks: {}, tools: { accept: async () => done as Done<never> } } as unknown as Control;
    return afterMeeting(control, meeting).tools.accept;
  };
  const by = {} as Parameters<Control['tools']['accept']>[1];
  await accepting(false)([], by);
  assert.equal(steps.length, 0);
  await accepting(true)([], by).then(() => steps.push('told'));
  assert.deepEqual(steps, ['read', 'told']);
});
