import { setTimeout } from 'node:timers/promises';
import type { CredentialView } from '@sallyport/gateway/api/view/credential.ts';
import type { Api } from '../api.ts';
import { arg, type Command, text } from '../command.ts';
import { CliError, usageError } from '../exit.ts';
import { table } from '../format/columns.ts';
import { counted } from '../format/counted.ts';
import { operatorNote } from '../format/operator.ts';
import type { Paint } from '../format/paint.ts';
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
    const rows = answer.credentials.flatMap(({ name, kind, state, signedIn = [], leases }) => [
      [given.paint.bold(safeLine(name)), kind, credentialState(state, given.paint), credentialAbout(state)],
      ...signedIn.map(({ principal, signedInAt }) => [
        given.paint.faint('  signed in'),
        safeLine(principal),
        `since ${moment(signedInAt)}`,
        '',
      ]),
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

/** How a credential fares, in a word and a sentence; for those that people sign in for, with where they do it. */
export function credentialState({ state }: CredentialView['state'], paint: Paint): string {
  return state === 'ready' ? paint.good(state) : paint.warn(state);
}

export function credentialAbout({ why, note, link, ageDays }: CredentialView['state']): string {
  const age = ageDays === undefined || note !== undefined ? undefined : `${counted(ageDays, 'day')} old`;
  return (
    safeLine([why, note, age, link === undefined ? undefined : `sign in: ${link}`].filter(Boolean).join('; ')) || '–'
  );
}

export const credentialsAuthorize: Command = {
  name: 'credentials authorize',
  group: 'Connect',
  args: '<name>',
  summary: 'sign in, so that tasks of a principal can act for them at a server',
  about: 'Shows a link that works once, and waits until the sign-in is done (10 minutes at most).',
  examples: [
    ['sallyport credentials authorize mail --principal user:emma', 'emma signs in; the gateway keeps what she leaves'],
  ],
  options: [{ flags: '--principal <id>', text: 'whose authority it is' }],
  run: async given => {
    const api = await given.api();
    const name = arg(given, 0);
    const principal = text(given, 'principal');
    if (principal === undefined) throw usageError('--principal is required', 'such as --principal user:emma');
    const before = await signedInAt(api, name, principal);
    const path = `credentials/${encodeURIComponent(name)}/authorize`;
    const begun = await api.post<{ signIn: { url: string } }>(path, { principal });
    given.terminal.err(
      `Whoever is ${safeLine(principal)} opens this in a browser, and signs in:\n\n  ${begun.signIn.url}\n\n`,
    );
    for (const end = Date.now() + waitMillisMax; Date.now() < end; await setTimeout(lookMillis)) {
      const at = await signedInAt(api, name, principal);
      if (at === undefined || at === before) continue;
      return {
        json: { operator: begun.operator, authorized: { principal, signedInAt: at } },
        text: `${safeLine(principal)} has signed in for ${safeLine(name)}`,
        notes: operatorNote(begun.operator, given.paint),
      };
    }
    throw new CliError('timeout', 'nobody signed in for ten minutes', 'begin again');
  },
};

const waitMillisMax = 600_000;
const lookMillis = 500;

async function signedInAt(api: Api, name: string, principal: string): Promise<number | undefined> {
  const { credentials: all } = await api.get<{ credentials: CredentialView[] }>('credentials');
  return all.find(each => each.name === name)?.signedIn?.find(each => each.principal === principal)?.signedInAt;
}
