import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CliError } from '../exit.ts';
import { withSuggestion } from './suggest.ts';

async function fixFor(message: string, fix?: string): Promise<string | undefined> {
  const asked = Promise.reject(new CliError('not-found', message, fix));
  const thrown = await withSuggestion(asked, 'asistant', async () => ['assistant'], 'look').catch(
    (each: unknown) => each,
  );
  assert.ok(thrown instanceof CliError);
  return thrown.fix;
}

test('what was typed is held against what there is, where the error is about it and nothing else', async () => {
  assert.equal(await fixFor('agent: is no configured agent', 'see: agents'), 'Did you mean assistant?');
  assert.equal(await fixFor('tools[0]: is no tool of that server', 'see: tools'), 'see: tools');
  assert.equal(await fixFor('id: is none (did you mean `x`?)'), undefined);
});
