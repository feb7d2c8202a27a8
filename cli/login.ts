import { hash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openStateDir } from '@sallyport/gateway/app/host/state-dir.ts';
import { readPrivate, removePrivate, writePrivate } from '@sallyport/gateway/secret/private-file.ts';
import { CliError, exit } from './exit.ts';

/** A person's sign-in at a gateway, as commands use it where the operator's key is not at hand. */
export interface Login {
  /** `https://gateway.example.com` */
  readonly url: string;
  readonly token: string;
  readonly role: string;
  readonly expiresAt: number;
}

const fileName = 'login.json';
const answerMillisMax = 10_000;
/** How long a person may take in the browser. */
export const personMillisMax = 10 * 60_000;

/** The newest sign-in here, also one that has run out. */
export function readLogin(stateDir: string): Login | undefined {
  try {
    const login = JSON.parse(readPrivate(join(stateDir, fileName)) ?? '') as Partial<Login>;
    const { url, token, role, expiresAt } = login;
    if (typeof url !== 'string' || typeof token !== 'string' || typeof role !== 'string') return undefined;
    return typeof expiresAt === 'number' ? { url, token, role, expiresAt } : undefined;
  } catch {
    return undefined;
  }
}

/** On a machine where no gateway ever ran the directory is made. */
export function writeLogin(stateDir: string, login: Login): void {
  writePrivate(join(openStateDir(stateDir), fileName), `${JSON.stringify(login)}\n`);
}

export function removeLogin(stateDir: string): void {
  removePrivate(join(stateDir, fileName));
}

/**
 * Signs a person in as a native client (RFC 8252): the browser does the talking, a free port of this machine takes the
 * code, PKCE keeps it from everybody else. `show` gets the address to open.
 */
export async function signIn(base: string, show: (url: string) => void): Promise<Login> {
  const metadata = await document(`${base}/.well-known/oauth-authorization-server/oauth`);
  if (metadata.issuer !== `${base}/oauth`)
    throw wrong(
      'the gateway at this address calls itself by another one',
      `use the address in \`url\` of its configuration`,
    );
  // Nobody could come back from a page that says so.
  if (metadata.sallyport_signs_people_in === false)
    throw wrong(
      'nobody can sign in at this gateway: its configuration names no provider of an organisation',
      "Name one there under `people`. On the gateway's own machine commands act with the operator's key, without a sign-in.",
    );
  const [verifier, state] = [randomBytes(32).toString('base64url'), randomBytes(16).toString('base64url')];
  await using listener = await listen();
  const authorize = new URL(String(metadata.authorization_endpoint));
  const parameters = {
    ...{ client_id: 'sallyport-cli', response_type: 'code', redirect_uri: listener.redirectUri, state },
    ...{ code_challenge_method: 'S256', code_challenge: hash('sha256', verifier, 'base64url') },
  };
  for (const [name, value] of Object.entries(parameters)) authorize.searchParams.set(name, value);
  show(authorize.href);
  const back = await listener.returned;
  if (back.get('state') !== state || back.get('iss') !== metadata.issuer)
    throw wrong('the answer in the browser is not that of this sign-in', 'begin again');
  const code = back.get('code');
  if (code === null) throw wrong(back.get('error_description') ?? 'the sign-in was refused', 'ask an admin for a role');
  const form = { grant_type: 'authorization_code', client_id: 'sallyport-cli', code, code_verifier: verifier };
  const answer = await document(String(metadata.token_endpoint), { ...form, redirect_uri: listener.redirectUri });
  const seconds = Number(answer.expires_in);
  const role = String(answer.scope).replace('role:', '');
  return { url: base, token: String(answer.access_token), role, expiresAt: Date.now() + seconds * 1000 };
}

async function document(url: string, form?: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  const init = form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) };
  const response = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(answerMillisMax) }).catch(
    () => {
      throw new CliError(
        'unreachable',
        `the gateway at ${new URL(url).host} cannot be reached`,
        'See `sallyport status` there.',
        exit.unhealthy,
      );
    },
  );
  const value = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (response.ok) return value;
  throw wrong(String(value.error_description ?? `the gateway answered HTTP ${response.status}`), 'begin again');
}

function wrong(message: string, fix: string): CliError {
  return new CliError('sign-in', message, fix, exit.error);
}

interface Listening {
  readonly redirectUri: string;
  readonly returned: Promise<URLSearchParams>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

async function listen(): Promise<Listening> {
  const { promise, resolve, reject } = Promise.withResolvers<URLSearchParams>();
  const server = process.getBuiltinModule('node:http').createServer((req: IncomingMessage, res: ServerResponse) => {
    const url = new URL(req.url ?? '/', 'http://127.0.0.1');
    const here = url.pathname === '/callback';
    res.writeHead(here ? 200 : 404, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
    res.end(here ? 'Done. You can close this page.\n' : '');
    if (here) resolve(url.searchParams);
  });
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready));
  const timer = setTimeout(() => reject(wrong('nobody came back from the browser', 'begin again')), personMillisMax);
  return {
    redirectUri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`,
    returned: promise,
    [Symbol.asyncDispose]: () => {
      clearTimeout(timer);
      promise.catch(() => undefined);
      return new Promise(done => {
        server.close(() => done());
        server.closeAllConnections();
      });
    },
  };
}
