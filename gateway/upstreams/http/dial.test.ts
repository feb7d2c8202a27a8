import assert from 'node:assert/strict';
import dns from 'node:dns';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { dial } from './dial.ts';

/** RFC 5737: an address that is nobody's. */
const elsewhere = '192.0.2.1';

type Answer = (error: Error | null, found: readonly { readonly address: string; readonly family: number }[]) => void;

test('C-2 a name that leads to the gateway the second time is refused there, before a byte is sent', async t => {
  let bytes = 0;
  const ours = createServer(socket => socket.on('data', chunk => (bytes += chunk.length)).on('error', () => {}));
  await new Promise<void>(resolve => ours.listen(0, '127.0.0.1', resolve));
  t.after(() => ours.close());
  const { port } = ours.address() as AddressInfo;
  const answers = [[elsewhere], ['127.0.0.1'], [elsewhere, '127.0.0.1']];
  const lookup = t.mock.method(dns, 'lookup', (_name: string, _options: object, answer: Answer) =>
    answer(
      null,
      (answers.shift() ?? []).map(address => ({ address, family: 4 })),
    ),
  );
  const dialled = () =>
    dial({
      url: new URL(`http://rebinding.example:${port}/mcp`),
      millisMax: 1_500,
      listening: () => [{ host: '127.0.0.1', port }],
    });
  const whys: string[] = [];
  for (let time = 0; time < 3; time++) {
    const found = await dialled();
    assert.ok(!found.ok, 'no socket is handed on');
    whys.push(found.refusal.why);
  }
  assert.match(whys[0] ?? '', /^no connection/);
  assert.match(whys[1] ?? '', /this address is the gateway itself/);
  assert.match(whys[2] ?? '', /this address is the gateway itself/, 'nor as one of several answers');
  assert.equal(lookup.mock.callCount(), 3, 'asked anew for each connection: what is judged is where it leads now');
  assert.equal(bytes, 0);
});
