import type { Socket } from 'node:net';
import { faultText, type HttpFault, httpFault } from './fault.ts';
import { sayLast } from './in-order.ts';

type ParserFault = Error & { readonly code?: string };

/** What Node's own parser refuses: said in our form, and the connection closed. */
export function answerClientError(error: ParserFault, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  sayLast(socket, () => sayRaw(socket, faultOf(error)));
}

/** There is no response to say it with. */
export function sayRaw(socket: Socket, fault: HttpFault): void {
  if (!socket.writable) return;
  const text = faultText(fault);
  const head = `HTTP/1.1 ${fault.status} Refused\r\ncontent-type: application/json\r\nconnection: close`;
  socket.end(`${head}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

function faultOf({ code = '' }: ParserFault): HttpFault {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return httpFault(
        431,
        'headers-too-large',
        'headers',
        'the headers are too large',
        'send fewer or shorter headers',
      );
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return httpFault(
        408,
        'request-timeout',
        'request',
        'the request took too long to arrive',
        'send it again, without pauses',
      );
    case 'HPE_INVALID_EOF_STATE':
      return httpFault(400, 'http-malformed', 'request', 'it ended early', 'send it again as a whole');
  }
  const field = fields[code] ?? 'request';
  const why = field === 'request' ? 'this is not well-formed HTTP/1.1' : 'this is not as HTTP/1.1 has it';
  const fix = 'send a request of HTTP/1.1, and over TLS where the gateway speaks TLS';
  return httpFault(400, 'http-malformed', field, why, fix);
}

/** The parser's errors that tell where it stopped (llhttp.h). */
const fields: Readonly<Record<string, string>> = {
  HPE_INVALID_CONTENT_LENGTH: 'content-length',
  HPE_UNEXPECTED_CONTENT_LENGTH: 'content-length',
  HPE_INVALID_TRANSFER_ENCODING: 'transfer-encoding',
  HPE_INVALID_HEADER_TOKEN: 'headers',
  HPE_INVALID_URL: 'request-target',
  HPE_INVALID_CHUNK_SIZE: 'body',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'body',
};

export const tooManyAhead = httpFault(
  400,
  'too-many-ahead',
  'request',
  'too many requests were sent before the answers to those before them were read',
  'wait for an answer before the next request, or use further connections',
);

/** CONNECT asks for a tunnel: this is no proxy. */
export const noTunnel = httpFault(
  405,
  'method-not-allowed',
  'method',
  'CONNECT is not offered here',
  'send the request to the path that is meant',
);
