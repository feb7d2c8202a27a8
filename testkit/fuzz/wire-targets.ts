import assert from 'node:assert/strict';
import { callJsonLimits, normalText, parseJson, parseJsonBytes } from '@sallyport/core/model/json.ts';
import { FrameReader } from '@sallyport/gateway/transports/stdio/frames.ts';
import { EventReader } from '@sallyport/gateway/upstreams/http/events.ts';
import { LineBuffer } from '@sallyport/gateway/upstreams/stdio/lines.ts';
import type { FuzzTarget } from './fuzz.ts';
import { inPieces } from './mutate.ts';

const buffers = (...texts: string[]): Buffer[] => texts.map(text => Buffer.from(text));

const messages = buffers(
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_file","arguments":{"path":"/a/b","n":1.0}}}',
  '{"a":[1,-2,3.5e2,true,false,null,"x\\u00e9\\n\\"y\\\\"],"b":{"c":{"d":[[],{}]}},"":""}',
  ' [ "a" , 0 , { "k" : "v" } ] ',
  '"text"',
  '-12.5',
);

/** Whatever is accepted has one meaning, the one that JSON.parse sees; whatever is valid is not called a syntax error. */
export const json: FuzzTarget = {
  name: 'json',
  seeds: messages,
  check: bytes => {
    const parsed = parseJsonBytes(bytes, callJsonLimits);
    if (!parsed.ok) {
      if (parsed.fault.code === 'syntax')
        assert.throws(() => JSON.parse(bytes.toString('utf8')), 'valid JSON is called a syntax error');
      return;
    }
    const text = normalText(parsed.node);
    const again = parseJson(text, callJsonLimits);
    assert.ok(again.ok, 'the normal form is refused');
    assert.equal(normalText(again.node), text, 'the normal form has another normal form');
    assert.equal(
      JSON.stringify(JSON.parse(text)),
      JSON.stringify(JSON.parse(bytes.toString('utf8'))),
      'the meaning changed',
    );
  },
};

/** Events are the same however the bytes are cut, and the same as a plain reading of WHATWG HTML §9.2.6 gives. */
export const sse: FuzzTarget = {
  name: 'sse',
  seeds: buffers(
    'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n',
    'event: message\r\nid: 7\r\ndata: a\r\ndata:b\r\n\r\n: comment\r\rdata\n\n',
    'retry: 10\ndata: x\n\ndata: \n\ndata:  y\rdata: z\r\r',
  ),
  check: (bytes, random) => {
    const events: string[] = [];
    const reader = new EventReader(1 << 20, data => events.push(data.toString('latin1')));
    for (const piece of inPieces(bytes, random)) assert.ok(reader.push(piece));
    assert.deepEqual(events, plainEvents(bytes.toString('latin1')));
  },
};

function plainEvents(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/).slice(0, -1);
  const events: string[] = [];
  let data: string[] = [];
  for (const line of lines) {
    const [, name, value = ''] = /^([^:]*):? ?([\s\S]*)$/.exec(line) ?? [];
    if (line === '') {
      if (data.join('\n') !== '') events.push(data.join('\n'));
      data = [];
    } else if (name === 'data') data.push(value);
  }
  return events;
}

const lineBytesMax = 200;

/** Lines are the same however the bytes are cut; one that is too long is never held, and nothing before it is lost. */
export const framing: FuzzTarget = {
  name: 'framing',
  seeds: [
    ...messages.map(message => Buffer.concat([message, Buffer.from('\n')])),
    ...buffers('{"a":1}\n\n\r\n{"b":2}\n', 'noise\n{"id":1'),
  ],
  check: (bytes, random) => {
    const [buffer, reader] = [new LineBuffer(lineBytesMax), new FrameReader(lineBytesMax)];
    const [lines, frames]: [Uint8Array[], Buffer[]] = [[], []];
    let [linesOk, framesOk] = [true, true];
    for (const piece of inPieces(bytes, random)) {
      const [more, further] = [linesOk ? buffer.push(piece) : undefined, framesOk ? reader.push(piece) : 'too-large'];
      if (more === undefined) linesOk = false;
      else lines.push(...more.map(line => Buffer.from(line)));
      if (further === 'too-large') framesOk = false;
      else frames.push(...further.map(frame => Buffer.from(frame)));
    }
    const all = bytes.toString('latin1').split('\n');
    const fits = all.every(line => line.length <= lineBytesMax);
    assert.deepEqual([linesOk, framesOk], [fits, fits], 'a length is taken for another');
    const whole = all.slice(0, -1);
    const texts = (found: readonly Uint8Array[]): string[] => found.map(line => Buffer.from(line).toString('latin1'));
    if (!fits) return;
    assert.deepEqual(texts(frames), whole);
    assert.deepEqual(
      texts(lines),
      whole.filter(line => !(line.length < 3 && /^[\r \t]*$/.test(line))),
    );
  },
};
