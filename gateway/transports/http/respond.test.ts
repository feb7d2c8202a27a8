import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { onceSent, sendJson } from './respond.ts';

test('what is put off until answers are sent runs behind an answer that was made later in the same turn', async () => {
  const order: string[] = [];
  const done = Promise.withResolvers<void>();
  await using server = createServer((_, res) => {
    const end = res.end.bind(res);
    res.end = ((text: string, encoding: BufferEncoding) => {
      order.push('sent');
      return end(text, encoding);
    }) as typeof res.end;
    onceSent(() => {
      order.push('the work');
      done.resolve();
    });
    sendJson(res, 200, '{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/`);
  assert.equal(await response.text(), '{}');
  await done.promise;
  assert.deepEqual(order, ['sent', 'the work']);
});
