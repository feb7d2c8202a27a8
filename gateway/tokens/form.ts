import { readBodyOf } from '../transports/http/body.ts';
import type { Exchange } from '../transports/http/router.ts';
import { OAuthFault } from './oauth-fault.ts';

const formBytesMax = 64 * 1024;
const parametersMax = 50;

/** Parameters of an OAuth request: each stands once (RFC 6749 §3.1, §3.2), and one without a value is not there. */
export class Parameters {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  required(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined) throw new OAuthFault('invalid_request', `\`${name}\` is missing`);
    return value;
  }
}

/** `application/x-www-form-urlencoded`, strictly: what two readers could decode differently is refused. */
export function parseParameters(text: string): Parameters {
  const values = new Map<string, string>();
  const pairs = text === '' ? [] : text.split('&');
  if (pairs.length > parametersMax) throw new OAuthFault('invalid_request', 'there are too many parameters');
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const name = decoded(at < 0 ? pair : pair.slice(0, at));
    const value = at < 0 ? '' : decoded(pair.slice(at + 1));
    if (values.has(name)) throw new OAuthFault('invalid_request', 'a parameter stands twice');
    if (value !== '') values.set(name, value);
  }
  return new Parameters(values);
}

function decoded(text: string): string {
  try {
    const plain = decodeURIComponent(text.replaceAll('+', ' '));
    if (!plain.includes('\u0000')) return plain;
  } catch {
    // Said below.
  }
  throw new OAuthFault('invalid_request', 'a parameter is not well encoded');
}

export async function readForm(exchange: Exchange): Promise<Parameters> {
  if (!isForm(exchange.headers.get('content-type') ?? ''))
    throw new OAuthFault('invalid_request', 'the body must be application/x-www-form-urlencoded');
  const body = await readBodyOf(exchange, formBytesMax, isForm);
  if (!body.ok) throw new OAuthFault('invalid_request', body.fault.why);
  const text = body.bytes.toString('latin1');
  if (!/^[\x20-\x7e]*$/.test(text)) throw new OAuthFault('invalid_request', 'a parameter is not well encoded');
  return parseParameters(text);
}

function isForm(type: string): boolean {
  return type.split(';', 1)[0]?.trim().toLowerCase() === 'application/x-www-form-urlencoded';
}
