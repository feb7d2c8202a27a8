import assert from 'node:assert/strict';
import test from 'node:test';
import { type Heard, readMessage } from './message.ts';

const read = (text: string | Buffer): Heard => readMessage(Buffer.from(text as string));
const noise = (text: string | Buffer): string => {
  const heard = read(text);
  assert.equal(heard.kind, 'noise', JSON.stringify(heard));
  return heard.kind === 'noise' ? heard.why : '';
};

test('A-5 only a positive integer with its own text is one of our ids', () => {
  assert.equal(read('{"jsonrpc":"2.0","id":7,"result":{}}').kind, 'result');
  for (const id of ['"7"', '7.0', '70e-1', '-7', '0', 'null', 'true', '[7]', '{"a":7}', '1e3'])
    assert.equal(read(`{"jsonrpc":"2.0","id":${id},"result":{}}`).kind, 'stray', id);
  assert.equal(read('{"jsonrpc":"2.0","result":{}}').kind, 'stray');
});

test('A-15 what is not one JSON-RPC message is noise, with a reason', () => {
  assert.match(noise('Server ready'), /expected a JSON value/);
  assert.match(noise('{"jsonrpc":"2.0","id":1,"result":{}} {"jsonrpc":"2.0","id":2,"result":{}}'), /text after/);
  assert.match(noise('[{"jsonrpc":"2.0","id":1,"result":{}}]'), /not an object/);
  assert.match(noise('{"id":1,"result":{}}'), /not JSON-RPC 2.0/);
  assert.match(noise('{"jsonrpc":"1.0","id":1,"result":{}}'), /not JSON-RPC 2.0/);
  assert.match(noise('{"jsonrpc":"2.0","method":7}'), /method is not text/);
  assert.match(noise('{"jsonrpc":"2.0","method":"x","params":[]}'), /params/);
  assert.match(noise('{"jsonrpc":"2.0","method":"x","id":null}'), /id is neither/);
  assert.match(noise(Buffer.from('{"jsonrpc":"2.0","id":1,"result":{"a":"\xff"}}', 'latin1')), /UTF-8/);
  assert.match(noise('\ufeff{"jsonrpc":"2.0","id":1,"result":{}}'), /byte order mark/);
});

test('DF8 DF9 an answer that two parsers could read differently is spoilt, and says where', () => {
  const cases = [
    ['{"jsonrpc":"2.0","id":3,"result":{"amount":9007199254740993}}', 'result.amount: a number cannot be held exactly'],
    ['{"jsonrpc":"2.0","id":3,"result":{"a":1,"\\u0061":2}}', 'result.a: the member stands twice'],
    ['{"jsonrpc":"2.0","id":3,"result":{"a":"\\ud800"}}', 'result.a: a string holds half of a surrogate pair'],
    [`{"jsonrpc":"2.0","id":3,"result":{"a":${'['.repeat(200)}${']'.repeat(200)}}}`, 'nested deeper'],
    ['{"jsonrpc":"2.0","id":3,"result":{"obey me":{"a":1,"a":2}}}', 'the member stands twice'],
    ['{"jsonrpc":"2.0","id":3,"result":[]}', 'its result is not an object'],
    ['{"jsonrpc":"2.0","id":3,"result":{},"error":{"code":1,"message":"x"}}', 'a result and an error at once'],
  ] as const;
  for (const [text, part] of cases) {
    const heard = read(text);
    assert.ok(
      heard.kind === 'spoilt' && heard.id === 3 && heard.why.includes(part),
      `${text}: ${JSON.stringify(heard)}`,
    );
  }
});

test('errors keep their code, message and object; what is missing is filled in', () => {
  assert.deepEqual(read('{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no","data":{}}}'), {
    kind: 'error',
    id: 1,
    error: { code: -32000, message: 'no', data: { kind: 'object', members: new Map() } },
  });
  assert.deepEqual(read('{"jsonrpc":"2.0","id":null,"error":"no"}'), {
    kind: 'error',
    id: undefined,
    error: { code: -32603, message: '', data: undefined },
  });
});
