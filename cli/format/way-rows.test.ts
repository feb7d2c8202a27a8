import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Way } from '@sallyport/core/model/way.ts';
import type { FactsView } from '@sallyport/gateway/api/view/decision.ts';
import { paintFor } from './paint.ts';
import { wayLines } from './way-rows.ts';

test('a value of a record beside the one that was meant is told from one that was found nowhere', () => {
  const found = [{ entry: 'o_1', server: 'crm', tool: 'list', digest: 'd', path: 'people[1].mail' }];
  const of = (argument: string, over: object): object => ({ argument, role: 'destination', digest: 'd', ...over });
  const ways = [
    of('to', { origin: 'field', backing: 'nobody', found }),
    of('cc', { origin: 'unknown', backing: 'nobody', found: [] }),
    of('bcc', { origin: 'text', backing: 'text', found }),
  ] as unknown as readonly Way[];
  const [to, cc, bcc] = wayLines({ flow: { ways } } as unknown as FactsView, paintFor(false));
  assert.match(to ?? '', /^ {2}to .*nobody: a record beside the one they point at.*in crm\/list people\[1\]\.mail/);
  assert.match(cc ?? '', /^ {2}cc .*nobody {2}/);
  assert.doesNotMatch(cc ?? '', /beside/);
  assert.match(bcc ?? '', /^ {2}bcc .*only somebody’s text/);
});
