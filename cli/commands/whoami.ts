import type { Role } from '@sallyport/gateway/api/caller.ts';
import type { Command, Given, Outcome } from '../command.ts';
import { facts } from '../format/columns.ts';
import { operatorNote } from '../format/operator.ts';
import { safeLine } from '../format/safe.ts';
import { duration, moment } from '../format/time.ts';

export const whoami: Command = {
  name: 'whoami',
  group: 'Connect',
  summary: 'who you are to the gateway: your name, what you may do, and until when',
  about: 'The operator’s key goes first where it is at hand; otherwise it is the sign-in of `sallyport login`.',
  examples: [
    ['sallyport whoami', 'the name that stands in the record beside what you do'],
    ['sallyport whoami --json', 'the same for a program'],
  ],
  run,
};

/** Each role may do what those before it may (docs/reference/api.md). */
const may: Readonly<Record<Role, string>> = {
  viewer: 'look at everything, and change nothing',
  approver: 'look, and answer questions',
  operator: 'look, answer questions, stop and release agents, open, narrow, suspend and end tasks',
  admin: 'do everything',
};

interface Session {
  readonly name: string;
  readonly role: Role;
  readonly expiresAt?: number;
}

async function run(given: Given): Promise<Outcome> {
  const api = await given.api();
  const answer = await api.get<{ session: Session }>('session');
  const { name, role, expiresAt } = answer.session;
  const key = api.operatorKeyOf;
  return {
    json: { ...answer, url: api.url, proof: key === undefined ? 'sign-in' : 'operator-key' },
    text: facts(
      [
        ['you are', safeLine(name)],
        ['role', `${role}: may ${may[role]}`],
        ['gateway', safeLine(api.url)],
        ['proof', key === undefined ? 'a sign-in at it' : `the operator’s key in ${safeLine(key)}`],
        expiresAt === undefined
          ? undefined
          : ['until', `${moment(expiresAt)}, for ${duration(expiresAt - Date.now())} more`],
      ],
      given.paint.faint,
    ),
    notes: key === undefined ? [] : operatorNote(answer.operator, given.paint),
  };
}
