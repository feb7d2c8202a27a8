import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { arg, type Command, type Given, type Outcome } from '../command.ts';
import { CliError, exit, usageError } from '../exit.ts';

export const backup: Command = {
  name: 'backup',
  group: 'Run',
  args: '<folder>',
  summary: 'copy the state directory, also while the gateway runs',
  about: `FOLDER is made, for you alone, and holds what a gateway can be started on again; it is there whole or not at all, and its record
is proven to be unaltered. Copied by other means while the gateway writes, the files of a state do not fit together, and a start refuses them. It holds every key
that the state holds. The configuration, the policy files and files of secrets that the configuration names are not in it.`,
  examples: [['sallyport backup /backups/sallyport-monday', 'then keep it where this machine cannot lose it']],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const { copyState } = await import('@sallyport/gateway/app/record/copy-state.ts');
  const { holdsRecord } = await import('@sallyport/gateway/journal/layout.ts');
  const { verifyJournal } = await import('@sallyport/gateway/journal/verify/verify.ts');
  const from = given.stateDir;
  const to = resolve(given.terminal.cwd, arg(given, 0));
  if (!holdsRecord(join(from, 'journal')))
    throw new CliError('not-found', `no gateway has run in ${from}`, 'Name its state directory: --state DIR.');
  if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) throw thereAlready(to);
  if (`${realpathSync(dirname(to))}${sep}`.startsWith(`${realpathSync(from)}${sep}`))
    throw usageError(`${to} lies in the state directory itself`, 'Name a folder elsewhere, best on another disk.');
  const passedOver = unlessTaken(to, () => copyState(from, to));
  const dir = join(to, 'journal');
  const { fault, entries } = verifyJournal({ dir, vkey: readFileSync(join(dir, 'vkey'), 'utf8') });
  if (fault !== undefined)
    throw new CliError(
      'altered',
      `it was copied to ${to}, and the record in it is not as it was written: ${fault.what}`,
      'See whether that of the gateway is: sallyport audit verify',
      exit.unhealthy,
    );
  return {
    json: { from, to, entries, passedOver },
    text: `copied   ${from}\nto       ${to}: ${entries} entries, which verify`,
    notes: [
      'It holds every key of this gateway: keep it as you would keep those.',
      ...passedOver.slice(0, namedMax).map(path => `Not in it, because it cannot be read: ${path}`),
      ...(passedOver.length > namedMax
        ? [`And ${passedOver.length - namedMax} more of its servers: --json names them.`]
        : []),
    ],
  };
}

/** What servers keep is no part of what a gateway needs: a few names say what there is to look at. */
const namedMax = 5;

/** Somebody else may have made it while the copy was. */
function unlessTaken<T>(to: string, copy: () => T): T {
  try {
    return copy();
  } catch (thrown) {
    const { code, syscall } = thrown as NodeJS.ErrnoException;
    throw syscall === 'rename' && ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(String(code)) ? thereAlready(to) : thrown;
  }
}

function thereAlready(to: string): CliError {
  return usageError(`${to} is there already`, 'Name a folder that is not there yet: a copy replaces nothing.');
}
