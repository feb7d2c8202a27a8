import assert from 'node:assert/strict';
import test from 'node:test';
import { callJsonLimits, normalText, parseJson, resultJsonLimits } from '@sallyport/core/model/json.ts';
import fc from 'fast-check';
import { type Envelope, metaText, requestText } from './frame.ts';

const envelopes: readonly Envelope[] = [
  { era: 'legacy' },
  { era: 'legacy', progressToken: 7 },
  { era: 'modern' },
  { era: 'modern', progressToken: 7, logLevel: 'in"fo' },
];

test('I7 whatever the params, the frame holds them byte for byte, and ends in our _meta alone', () => {
  const params = fc
    .dictionary(fc.string(), fc.jsonValue())
    .map(value => parseJson(JSON.stringify(value), callJsonLimits))
    .filter(parsed => parsed.ok && parsed.node.kind === 'object' && !parsed.node.members.has('_meta'))
    .map(parsed => (parsed.ok ? normalText(parsed.node) : ''));
  fc.assert(
    fc.property(params, fc.constantFrom(...envelopes), (text, envelope) => {
      const meta = metaText(envelope);
      const frame = requestText(9, 'tools/call', text, meta);
      const head = '{"jsonrpc":"2.0","id":9,"method":"tools/call","params":';
      assert.ok(frame.startsWith(head + text.slice(0, -1)), frame);
      const rest = frame.slice(head.length + text.length - 1);
      const comma = text === '{}' ? '' : ',';
      assert.equal(rest, meta === undefined ? '}}' : `${comma}"_meta":${meta}}}`);
      assert.ok(parseJson(frame, resultJsonLimits).ok, 'and the whole is JSON still');
      assert.ok(!frame.includes('\n'), 'on one line');
    }),
  );
});

test('DF8 number text goes through as it came', () => {
  const text = '{"name":"pay","arguments":{"amount":1.0,"rate":1E-3,"n":-0,"big":9007199254740991}}';
  assert.ok(requestText(1, 'tools/call', text, undefined).includes(text));
});

test('the modern era names its version and offers nothing', () => {
  const meta = metaText({ era: 'modern' }) ?? '';
  assert.deepEqual(JSON.parse(meta), {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'sallyport', version: '0.1.0' },
    'io.modelcontextprotocol/clientCapabilities': {},
  });
  assert.equal(metaText({ era: 'legacy' }), undefined);
});
