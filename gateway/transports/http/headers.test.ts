import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { sendRaw } from '@sallyport/testkit/scenarios/raw-http.ts';
import fc from 'fast-check';
import { HeaderList, lowerName } from './headers.ts';
import { AskedRequest } from './request.ts';

test('a name is lower-cased as JavaScript lower-cases it, known or not', () => {
  const usual = [
    'Host',
    'host',
    'HOST',
    'Content-Type',
    'content-length',
    'MCP-Session-Id',
    'Accept',
    'DPoP',
    'Origin',
  ];
  const names = fc.oneof(fc.constantFrom(...usual), fc.stringMatching(/^[!-~]{1,24}$/));
  fc.assert(fc.property(names, name => assert.equal(lowerName(name), name.toLowerCase())));
});

test('A-16 a list of headers answers as a table of them would', () => {
  const names = fc.constantFrom('host', 'accept', 'content-type', 'x-other', 'x-othes', 'mcp-name');
  fc.assert(
    fc.property(fc.uniqueArray(names), names, (there, asked) => {
      const table = new Map(there.map((name, at) => [name, `${at}`]));
      const list = new HeaderList([...table].flat());
      assert.deepEqual([list.get(asked), list.has(asked)], [table.get(asked), table.has(asked)]);
    }),
  );
  // A value is no name.
  const list = new HeaderList(['accept', 'host']);
  assert.deepEqual([list.get('host'), list.has('host')], [undefined, false]);
});

/** What two servers answer to the same bytes: one as Node makes it, and one that is asked as ours is. */
async function bothAnswer(bytes: string): Promise<readonly string[]> {
  const answers = [{}, { IncomingMessage: AskedRequest }].map(async options => {
    const server = createServer({ ...options, requireHostHeader: true }, (_req, res) => {
      res.sendDate = false;
      res.end('taken');
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    server.on('checkExpectation', (_req, res) => {
      res.writeHead(417);
      res.end('no');
    });
    const { port } = server.address() as { port: number };
    const { responses } = await sendRaw(port, Buffer.from(bytes));
    await new Promise(resolve => server.close(resolve));
    return responses.map(({ head, body }) => `${head}\n${body}`.replace(/^date:.*\r?\n?/im, '')).join('\n---\n');
  });
  return await Promise.all(answers);
}

test('A-16 Node itself judges a request as it does without our answers to it', async () => {
  const heads = [
    '1.1\r\nHost: a',
    '1.1\r\nhOsT: a',
    '1.1\r\nHost:',
    '1.1\r\nX-Host: a',
    '1.1',
    '1.0',
    '1.0\r\nHost: a\r\nTE: chunked',
    '1.1\r\nHost: a\r\nExpect: 100-continue',
    '1.1\r\nexpect: 200-nothing\r\nHost: a',
    '1.1\r\nHost: a\r\nHost: b',
    '1.1\r\nExpect: 100-continue',
  ];
  for (const head of heads) {
    const [plain, asked] = await bothAnswer(`GET / HTTP/${head}\r\nConnection: close\r\n\r\n`);
    assert.equal(asked, plain, head);
    assert.notEqual(plain, '', head);
  }
});
