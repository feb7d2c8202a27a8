import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { readPrivate } from '@sallyport/gateway/secret/private-file.ts';
import { CliError, type ExitStatus, exit } from './exit.ts';
import { safeLine } from './format/safe.ts';
import { moment } from './format/time.ts';
import { readLogin } from './login.ts';
import { type Running, readRunning } from './running.ts';

/** The control API of one gateway (docs/reference/api.md), spoken with the operator's key or a person's sign-in. */
export interface Api {
  readonly url: string;
  /** Undefined: as a person who signed in. */
  readonly operatorKeyOf: string | undefined;
  readonly get: <T>(path: string, query?: Query) => Promise<Answer<T>>;
  readonly post: <T>(path: string, body?: object) => Promise<Answer<T>>;
  /** NDJSON, one value a line, until `signal` is aborted or the gateway stops. */
  readonly follow: <T>(path: string, query: Query, signal: AbortSignal) => AsyncIterable<T>;
  /** Resolves when the other side ends what this connection holds; rejects if it breaks. */
  readonly hold: (path: string, signal: AbortSignal) => Promise<void>;
}

export type Query = Readonly<Record<string, string | number | undefined>>;

/** Every answer says how much the operator's proof is worth: `separate uid` or `advisory: shared uid`. */
export type Answer<T> = T & { readonly v: 1; readonly operator: string };

const answerSecondsMax = 60;
const keyFile = 'operator.key';

export function openApi(stateDir: string): Api {
  const { running, key, operatorKeyOf } = held(stateDir);
  const send = (method: 'GET' | 'POST', path: string, body: object | undefined, signal: AbortSignal) =>
    exchange(`${running.url}/api/v1/${path}`, method, key, body, signal);
  const whole = async <T>(method: 'GET' | 'POST', path: string, body: object | undefined): Promise<Answer<T>> => {
    const response = await send(method, path, body, AbortSignal.timeout(answerSecondsMax * 1_000));
    return parse<Answer<T>>(response.statusCode ?? 0, await bodyOf(response));
  };
  return {
    url: running.url,
    operatorKeyOf,
    get: (path, query) => whole('GET', path + textOf(query ?? {}), undefined),
    post: (path, body) => whole('POST', path, body ?? {}),
    follow: async function* <T>(path: string, query: Query, signal: AbortSignal): AsyncGenerator<T> {
      const response = await send('GET', path + textOf({ ...query, follow: 1 }), undefined, signal);
      if (response.statusCode !== 200) parse(response.statusCode ?? 0, await bodyOf(response));
      yield* linesOf<T>(response, signal);
    },
    hold: async (path, signal) => {
      const response = await send('POST', path, {}, signal);
      if (response.statusCode !== 200) parse(response.statusCode ?? 0, await bodyOf(response));
      for await (const _ of linesOf<never>(response, signal));
    },
  };
}

/** The gateway that runs here with the operator's key, or one elsewhere at which a person signed in. */
function held(stateDir: string): {
  readonly running: { readonly url: string };
  readonly key: string;
  readonly operatorKeyOf: string | undefined;
} {
  const running = readRunning(stateDir);
  if (running !== undefined) return { running, key: readKey(stateDir), operatorKeyOf: stateDir };
  const login = readLogin(stateDir);
  if (login === undefined) throw notRunning(stateDir);
  if (login.expiresAt <= Date.now()) throw signInOver(login);
  return { running: login, key: login.token, operatorKeyOf: undefined };
}

function signInOver({ url, expiresAt }: { readonly url: string; readonly expiresAt: number }): CliError {
  const message = `the sign-in at ${url} ran out at ${moment(expiresAt)}`;
  return new CliError('sign-in', message, `Sign in again: \`sallyport login --url ${url}\`.`);
}

function notRunning(stateDir: string): CliError {
  return new CliError(
    'not-running',
    `no gateway is running on ${stateDir}`,
    'Start one with `sallyport up`, name its state directory with --state DIR, or sign in with `sallyport login --url URL` where it runs elsewhere.',
    exit.unhealthy,
  );
}

function readKey(stateDir: string): string {
  const key = readPrivate(join(stateDir, keyFile));
  if (key !== undefined) return key.trimEnd();
  throw new CliError(
    'operator-proof',
    `there is no operator's key in ${stateDir}`,
    'The gateway makes it when it starts: `sallyport down`, then `sallyport up`.',
  );
}

function textOf(query: Query): string {
  const present = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) present.set(name, String(value));
  return present.size === 0 ? '' : `?${present}`;
}

function exchange(
  url: string,
  method: 'GET' | 'POST',
  key: string,
  body: object | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers: Record<string, string | number> = { authorization: `Bearer ${key}`, accept: 'application/json' };
  if (text !== undefined) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = Buffer.byteLength(text);
  }
  return new Promise((resolve, reject) => {
    // To `import` it would load Node's own fetch as well, which takes longer than most commands.
    const { request } = process.getBuiltinModule(url.startsWith('https:') ? 'node:https' : 'node:http');
    const outgoing = request(url, { method, headers, signal, agent: false }, resolve);
    outgoing.on('error', (error: NodeJS.ErrnoException) => reject(unreachable(url, error)));
    outgoing.end(text);
  });
}

function unreachable(url: string, error: NodeJS.ErrnoException): CliError {
  const slow = error.name === 'AbortError' || error.name === 'TimeoutError';
  return new CliError(
    'unreachable',
    slow
      ? `the gateway at ${new URL(url).host} did not answer`
      : `the gateway at ${new URL(url).host} cannot be reached (${error.code ?? error.message})`,
    'Look at gateway.log in the state directory, then `sallyport down` and `sallyport up`.',
    exit.unhealthy,
  );
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Statuses that are not the command's fault and not the gateway's: the rest is `error`. */
const statuses: Readonly<Record<string, ExitStatus>> = { malformed: exit.usage, unavailable: exit.unhealthy };

function parse<T>(httpStatus: number, text: string): T {
  let value: { v?: unknown; error?: { code?: string; field?: string; message?: string; fix?: string } };
  try {
    value = JSON.parse(text);
  } catch {
    value = {};
  }
  if (httpStatus >= 200 && httpStatus < 300 && value.v === 1) return value as T;
  const { code, field, message, fix } = value.error ?? {};
  if (code === undefined || message === undefined)
    throw new CliError(
      'unreachable',
      `something that is not Sallyport answered (HTTP ${httpStatus})`,
      'Look which program listens there; `sallyport status` shows the address.',
      exit.unhealthy,
    );
  throw new CliError(code, told(code, field, message), fix, statuses[code] ?? exit.error, field);
}

/** The field is named where it has to be corrected, or where the message speaks of it; a sentence of its own says nothing more with it. */
function told(code: string, field: string | undefined, message: string): string {
  const isSentence = code !== 'malformed' && (/^(?:there|more than one|the|this) /.test(message) || field === 'id');
  return field === undefined || isSentence ? message : `${field}: ${message}`;
}

async function* linesOf<T>(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<T> {
  let rest = '';
  response.setEncoding('utf8');
  try {
    for await (const chunk of response as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as T;
    }
  } catch (thrown) {
    if (signal.aborted) return;
    const why = thrown instanceof SyntaxError ? 'sent something that is no JSON' : 'went away';
    throw new CliError('unreachable', `the gateway ${why}`, 'See `sallyport status`.', exit.unhealthy);
  }
}

/** `wanted`: the configuration with which another one would have been started; `apart`: how one is started beside it. */
export function alreadyRunning(
  { url, pid, config }: Running,
  wanted: string,
  apart = 'with another --state DIR',
): CliError {
  const isOther = config !== wanted;
  return new CliError(
    'already-running',
    `a gateway is running on this state directory already, at ${url} (process ${pid})${isOther ? `, with another configuration: ${safeLine(config)}` : ''}`,
    `${isOther ? 'Stop it first: `sallyport down`.' : 'Use it: `sallyport status`. Stop it: `sallyport down`.'} Or start another one ${apart}.`,
  );
}
