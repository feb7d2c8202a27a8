import { connect } from 'node:net';

/** What came back for raw bytes: every response on the connection, as text. */
export interface RawAnswer {
  readonly responses: readonly RawResponse[];
  readonly closed: boolean;
}

export interface RawResponse {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/**
 * Writes `bytes` and reads until the server closes, or has answered in full and keeps the connection. A server that
 * closes while it is still being written to is an answer too, so write errors are no errors here.
 */
export function sendRaw(port: number, bytes: Buffer, millisMax = 10_000): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const received: Buffer[] = [];
    const finish = (closed: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ responses: split(Buffer.concat(received).toString('utf8')), closed });
    };
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no answer within ${millisMax} ms; so far: ${Buffer.concat(received).toString('utf8')}`));
    }, millisMax);
    socket.on('error', () => {});
    socket.on('close', () => finish(true));
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      if (isWhole(Buffer.concat(received).toString('utf8'))) finish(false);
    });
    socket.write(bytes);
  });
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0 || /^HTTP\/1\.1 100 /.test(text) || /\r\nconnection: close\r\n/i.test(text)) return false;
  const head = text.slice(0, end + 2);
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1];
  if (length !== undefined) return Buffer.byteLength(text.slice(end + 4)) >= Number(length);
  return /\r\ntransfer-encoding: chunked\r\n/i.test(head) ? text.endsWith('0\r\n\r\n') : / (?:202|204) /.test(head);
}

/** By status lines: bodies of ours never hold one. */
function split(text: string): RawResponse[] {
  return text
    .split(/(?=HTTP\/1\.1 \d{3} )/)
    .filter(part => part.startsWith('HTTP/1.1'))
    .map(part => {
      const end = part.indexOf('\r\n\r\n');
      const head = part.slice(0, end);
      const body = part.slice(end + 4);
      const chunked = /\r\ntransfer-encoding: chunked/i.test(head);
      return { status: Number(part.slice(9, 12)), head, body: chunked ? unchunk(body) : body };
    });
}

function unchunk(body: string): string {
  let rest = Buffer.from(body);
  let text = '';
  for (;;) {
    const at = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.subarray(0, Math.max(at, 0)).toString(), 16);
    if (at < 0 || !(size > 0)) return text;
    text += rest.subarray(at + 2, at + 2 + size).toString();
    rest = rest.subarray(at + 4 + size);
  }
}
