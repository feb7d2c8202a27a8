import { type HttpFault, httpFault } from './fault.ts';
import type { Exchange } from './router.ts';

export type Body = { readonly ok: true; readonly bytes: Buffer } | { readonly ok: false; readonly fault: HttpFault };

/**
 * Reads a JSON body of at most `bytesMax`: at once if all of it has come, as it mostly has when its sender has been proved.
 * How long it may take otherwise is the server's `requestTimeout`.
 */
export function readJsonBody(exchange: Exchange, bytesMax: number): Body | Promise<Body> {
  return readBodyOf(exchange, bytesMax, isJson);
}

/** The same of another media type, which `accepts` is told as it came. */
export function readBodyOf(
  exchange: Exchange,
  bytesMax: number,
  accepts: (type: string) => boolean,
): Body | Promise<Body> {
  const fault = bodyHeadFault(exchange, bytesMax, accepts);
  if (fault !== undefined) return { ok: false, fault };
  return hasCome(exchange) ? takeWhole(exchange, bytesMax) : collect(exchange, bytesMax);
}

/** Its last byte may be here before Node says so: the length that the head declares is what the parser holds it to. */
function hasCome({ req, headers }: Exchange): boolean {
  return req.complete || String(req.readableLength) === headers.get('content-length');
}

function bodyHeadFault(
  { headers }: Exchange,
  bytesMax: number,
  accepts: (type: string) => boolean,
): HttpFault | undefined {
  const type = headers.get('content-type');
  if (type === undefined || !accepts(type))
    return httpFault(
      415,
      'content-type',
      'content-type',
      'the body must be application/json in UTF-8',
      'send it as application/json',
    );
  // Decompression would let a kilobyte become a gigabyte, and a second reader might not decompress at all.
  if (headers.has('content-encoding'))
    return httpFault(
      415,
      'content-encoding',
      'content-encoding',
      'an encoded body is not accepted',
      'send it uncompressed',
    );
  if (Number(headers.get('content-length') ?? 0) > bytesMax) return tooLarge(bytesMax);
  return undefined;
}

function isJson(type: string): boolean {
  return type === 'application/json' || /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type);
}

function takeWhole({ req }: Exchange, bytesMax: number): Body {
  if (req.readableLength > bytesMax) return { ok: false, fault: tooLarge(bytesMax) };
  const bytes: Buffer | null = req.read();
  return { ok: true, bytes: bytes ?? Buffer.alloc(0) };
}

/** Chunks of one byte each hold hundreds of times their size: a body comes in pieces of some hundred bytes at least, on the whole. */
const piecesFree = 1_024;
const pieceBytesMin = 256;

function collect({ req }: Exchange, bytesMax: number): Promise<Body> {
  const piecesMax = piecesFree + bytesMax / pieceBytesMin;
  return new Promise(resolve => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= bytesMax && chunks.length < piecesMax) chunks.push(chunk);
      else {
        req.pause();
        chunks.length = 0;
        resolve({ ok: false, fault: size > bytesMax ? tooLarge(bytesMax) : inPieces });
      }
    });
    req.on('end', () => {
      const [first] = chunks;
      resolve({ ok: true, bytes: chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks) });
    });
    // `close` comes after every request, `end` only after whole ones; a client that hangs up has no other sign.
    req.on('close', () => {
      if (!req.complete) resolve({ ok: false, fault: incomplete });
    });
  });
}

const incomplete = httpFault(400, 'body-incomplete', 'body', 'the body ended early', 'send it again as a whole');

const inPieces = httpFault(
  400,
  'body-in-pieces',
  'body',
  'the body comes in too many small pieces',
  'send it in larger ones',
);

function tooLarge(bytesMax: number): HttpFault {
  return httpFault(413, 'body-too-large', 'body', `the body is larger than ${bytesMax} bytes`, 'send less at a time');
}
