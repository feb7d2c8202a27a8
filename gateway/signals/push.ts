import type { ProofReason } from '@sallyport/core/identity/fault.ts';
import { jwsBytesMax } from '@sallyport/core/identity/jws.ts';
import { readBodyOf } from '../transports/http/body.ts';
import { sendJson } from '../transports/http/respond.ts';
import type { Handler } from '../transports/http/router.ts';
import type { Received } from './receiver.ts';

/** Push delivery (RFC 8935): one event a request, answered with 202 once it has been acted on, or 400 with a code. */
export function createPush(receive: (text: string) => Promise<Received>): Handler {
  return async exchange => {
    const { res } = exchange;
    if (exchange.method !== 'POST') return sendJson(res, 405, '{"err":"invalid_request"}');
    const body = await readBodyOf(exchange, jwsBytesMax, type => type === 'application/secevent+jwt');
    if (!body.ok) return sendJson(res, body.fault.status, '{"err":"invalid_request"}');
    const received = await receive(body.bytes.toString('latin1').trim());
    if (received.ok) {
      res.writeHead(202).end();
      return;
    }
    sendJson(res, 400, JSON.stringify({ err: errorOf(received.fault.reason), description: 'the event was not taken' }));
  };
}

function errorOf(reason: ProofReason): string {
  if (reason === 'issuer') return 'invalid_issuer';
  if (reason === 'audience') return 'invalid_audience';
  if (reason === 'signature' || reason.startsWith('key')) return 'invalid_key';
  return 'invalid_request';
}
