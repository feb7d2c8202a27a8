import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CredentialView } from '@sallyport/gateway/api/view/credential.ts';
import { arg, type Command, text } from '../command.ts';
import { CliError, usageError } from '../exit.ts';
import { table } from '../format/columns.ts';
import { operatorNote } from '../format/operator.ts';
import { safeLine } from '../format/safe.ts';
import { moment } from '../format/time.ts';

export const credentials: Command = {
  name: 'credentials',
  group: 'See',
  summary: 'what servers are given: who holds which credential, and until when',
  about: 'A credential is obtained for a task and ends with it. Its value is never shown, here or anywhere.',
  examples: [['sallyport credentials', 'each credential, how it fares, and who holds it']],
  run: async given => {
    const answer = await (await given.api()).get<{ credentials: CredentialView[] }>('credentials');
    if (answer.credentials.length === 0)
      return {
        json: answer,
        notes: ['No credential is configured: see `credentials:` in the configuration reference.'],
      };
    const rows = answer.credentials.flatMap(({ name, kind, state, leases }) => [
      [
        given.paint.bold(safeLine(name)),
        kind,
        state.state,
        safeLine([state.why, state.note].filter(Boolean).join('; ')) || '–',
      ],
      ...leases.map(lease => [
        given.paint.faint('  lent'),
        safeLine(`${lease.agent} for ${lease.principal}`),
        safeLine(`${lease.server}${lease.scope === '' ? '' : `: ${lease.scope}`}`),
        lease.expiresAt === undefined ? 'until its task ends' : `until ${moment(lease.expiresAt)} at the latest`,
      ]),
    ]);
    return { json: answer, text: table(['credential', 'kind', 'state', ''], rows, given.paint.faint) };
  },
};

export const credentialsAuthorize: Command = {
  name: 'credentials authorize',
  group: 'Connect',
  args: '<name>',
  summary: 'sign in, so that tasks of a principal can act for them at a server',
  about:
    'Shows an address to open in a browser on this machine, and waits until the sign-in is done (10 minutes at most).',
  examples: [
    ['sallyport credentials authorize mail --principal user:emma', 'emma signs in; the gateway keeps what she leaves'],
  ],
  options: [{ flags: '--principal <id>', text: 'whose authority it is' }],
  run: async given => {
    const api = await given.api();
    const name = arg(given, 0);
    const principal = text(given, 'principal');
    if (principal === undefined) throw usageError('--principal is required', 'such as --principal user:emma');
    const path = `credentials/${encodeURIComponent(name)}`;
    await using callback = await openCallback();
    const begun = await api.post<{ signIn: { url: string } }>(`${path}/authorize`, {
      principal,
      redirectUri: callback.uri,
    });
    given.terminal.err(
      `Open this in a browser on this machine, and sign in as ${safeLine(principal)}:\n\n  ${begun.signIn.url}\n\n`,
    );
    const { code, state } = await callback.answer;
    const answer = await api.post<{ authorized: { principal: string } }>(`${path}/authorized`, { code, state });
    return {
      json: answer,
      text: `${safeLine(answer.authorized.principal)} has signed in for ${safeLine(name)}`,
      notes: operatorNote(answer.operator, given.paint),
    };
  },
};

interface Callback {
  readonly uri: string;
  readonly answer: Promise<{ readonly code: string; readonly state: string }>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

const waitMillisMax = 600_000;

/** The loopback address that the browser is sent back to (RFC 8252 §7.3). One answer, and it is closed. */
async function openCallback(): Promise<Callback> {
  const { promise: answer, resolve, reject } = Promise.withResolvers<{ code: string; state: string }>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    const [code, state, error] = ['code', 'state', 'error'].map(name => url.searchParams.get(name) ?? '');
    const page = url.pathname === '/callback' && (code !== '' || error !== '');
    const says =
      error === '' ? 'You are signed in. You can close this page.' : 'The sign-in was refused. Look at the terminal.';
    response.writeHead(page ? 200 : 404, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
    response.end(page ? says : 'not here');
    if (!page) return;
    if (error === '') resolve({ code: code ?? '', state: state ?? '' });
    else reject(new CliError('refused', `the sign-in was refused: ${safeLine(error ?? '')}`, 'begin again'));
  });
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening));
  const late = new CliError('timeout', 'nobody signed in for ten minutes', 'begin again');
  const timer = setTimeout(() => reject(late), waitMillisMax);
  answer.catch(() => undefined);
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`,
    answer,
    [Symbol.asyncDispose]: async () => {
      clearTimeout(timer);
      server.closeAllConnections();
      server.close();
    },
  };
}
