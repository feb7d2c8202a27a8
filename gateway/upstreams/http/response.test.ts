import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ResponseReader } from './response.ts';

/** One reader for a connection: its answers are read one after the other. */
class Reading {
  seen: Seen = nothingSeen();
  readonly #reader = new ResponseReader(
    {
      head: ({ status }) => {
        this.seen.status = status;
      },
      body: (bytes, from, to) => {
        this.seen.body += bytes.toString('latin1', from, to);
      },
      end: reusable => {
        this.seen.outcome = reusable ? 'reusable' : 'ended';
      },
      fault: why => {
        this.seen.outcome = why;
      },
    },
    1_000,
    { known: undefined },
  );

  answer(text: string, cuts: readonly number[], finish: boolean): Seen {
    this.seen = nothingSeen();
    this.#reader.begin();
    const bytes = Buffer.from(text, 'latin1');
    let at = 0;
    for (const cut of [...cuts, bytes.length]) {
      if (at < bytes.length) this.#reader.push(bytes.subarray(at, at + cut));
      at += cut;
    }
    if (finish) this.#reader.finish();
    return this.seen;
  }
}

interface Seen {
  status: number;
  body: string;
  outcome: string;
}

function nothingSeen(): Seen {
  return { status: 0, body: '', outcome: 'unfinished' };
}

function read(text: string, cuts: readonly number[] = [], finish = true): Seen {
  return new Reading().answer(text, cuts, finish);
}

const head = 'HTTP/1.1 200 OK\r\n';

test('answers are read whole, however the bytes were cut', () => {
  const answers: readonly (readonly [string, string, string])[] = [
    [`${head}Content-Length: 5\r\n\r\nhello`, 'hello', 'reusable'],
    [`${head}content-length:0\r\n\r\n`, '', 'reusable'],
    [`${head}Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6 \r\n world\r\n0\r\n\r\n`, 'hello world', 'reusable'],
    [`${head}Transfer-Encoding: CHUNKED\r\n\r\n0\r\nX-Trailer: 1\r\n\r\n`, '', 'reusable'],
    [`${head}Connection: close\r\nContent-Length: 2\r\n\r\nok`, 'ok', 'ended'],
    [`${head}\r\nuntil the end`, 'until the end', 'ended'],
    [`HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok`, 'ok', 'ended'],
    [`HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 100 \r\n\r\n${head}Content-Length: 2\r\n\r\nok`, 'ok', 'reusable'],
    ['HTTP/1.1 204 No Content\r\n\r\n', '', 'reusable'],
    [`${head}X: a\r\nX: b\r\nContent-Length: 1\r\n\r\nz`, 'z', 'reusable'],
  ];
  fc.assert(
    fc.property(fc.constantFrom(...answers), fc.array(fc.nat(9)), ([text, body, outcome], cuts) => {
      assert.deepEqual({ body: read(text, cuts).body, outcome: read(text, cuts).outcome }, { body, outcome });
    }),
    { numRuns: 500 },
  );
});

test('A-16 an answer whose length could be read in two ways is refused', () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    [`${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, /two ways/],
    [`${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, /not a number/],
    [`${head}Content-Length: 5, 5\r\n\r\nhello`, /not a number/],
    [`${head}Content-Length: +5\r\n\r\nhello`, /not a number/],
    [`${head}Content-Length: 0x5\r\n\r\nhello`, /not a number/],
    [`${head}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, /coding/],
    [`${head}Transfer-Encoding: identity\r\n\r\n`, /coding/],
    [`${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`, /header that is not one/],
    [`${head}X: a\r\n folded: b\r\n\r\n`, /header that is not one/],
    [`${head}X: a\nContent-Length: 5\r\n\r\n`, /header that is not one/],
    [`${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n0\r\n\r\n`, /longer than it says/],
    [`${head}Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n`, /no length/],
    [`${head}Transfer-Encoding: chunked\r\n\r\n${'0'.repeat(400)}`, /no length/],
    ['HTTP/2 200\r\n\r\n', /not HTTP/],
    ['HTTP/1.1 200OK\r\n\r\n', /not HTTP/],
    ['hello\r\n\r\n', /not HTTP/],
    ['HTTP/1.1 101 Switching\r\n\r\n', /another protocol/],
    [`${head}X: ${'a'.repeat(2_000)}\r\n\r\n`, /longer than 1000/],
    [`${head}${'X: a\r\n'.repeat(120)}\r\n`, /more than 100/],
    [`${head}Content-Length: 5\r\n\r\nhell`, /in the middle/],
    ['', /in the middle/],
  ];
  for (const [text, why] of refused) assert.match(read(text).outcome, why, JSON.stringify(text.slice(0, 80)));
});

test('A-16 a head is read in a time that grows with its length alone', () => {
  const events = { head: () => {}, body: () => {}, end: () => {}, fault: () => {} };
  for (const value of [`${' '.repeat(3_000)}\0`, `a${' '.repeat(30_000)}b`, `${'\t '.repeat(1_500)}\n`]) {
    const reader = new ResponseReader(events, 40_000, { known: undefined });
    const began = performance.now();
    reader.push(Buffer.from(`${head}X:${value}\r\n\r\n`, 'latin1'));
    assert.ok(
      performance.now() - began < 100,
      `${Math.round(performance.now() - began)} ms for ${value.length} characters`,
    );
  }
});

test('A-16 heads before an answer are bounded together', () => {
  const early = 'HTTP/1.1 103 Early\r\n\r\n';
  assert.equal(read(`${early.repeat(20)}${head}Content-Length: 2\r\n\r\nok`).body, 'ok');
  assert.match(read(`${early.repeat(200)}${head}Content-Length: 2\r\n\r\nok`).outcome, /longer than 1000 bytes/);
  assert.match(read(early.repeat(200), [], false).outcome, /longer than 1000 bytes/);
});

test('bytes behind the end make the connection one that is not used again', () => {
  assert.equal(read(`${head}Content-Length: 2\r\n\r\nok${head}Content-Length: 4\r\n\r\nevil`).outcome, 'ended');
});

test('A-16 nothing of an answer is left for the next one of its connection', () => {
  const trailers = `X: ${'t'.repeat(5_000)}\r\n`;
  const answers: readonly string[] = [
    `${head}Content-Length: 5\r\n\r\nhello`,
    `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`,
    `${head}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n${trailers}\r\n`,
    'HTTP/1.1 204 No Content\r\n\r\n',
    `HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno`,
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...answers), { maxLength: 6 }), fc.array(fc.nat(90)), (texts, cuts) => {
      const connection = new Reading();
      for (const text of texts) {
        const alone = read(text, cuts, false);
        assert.equal(alone.outcome, 'reusable');
        assert.deepEqual(connection.answer(text, cuts, false), alone);
      }
    }),
  );
});
