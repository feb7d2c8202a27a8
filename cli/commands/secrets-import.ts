import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { lineDiff } from '../clients/diff.ts';
import { type KeyStore, putKeys } from '../clients/key-store.ts';
import { moveSecrets } from '../clients/move-secrets.ts';
import { replaceFile } from '../clients/replace-file.ts';
import { thisMachine } from '../clients/table.ts';
import { type Command, confirmed, dryRunOption, flag, type Given, type Outcome, yesOption } from '../command.ts';
import { CliError } from '../exit.ts';
import { safeLine } from '../format/safe.ts';
import { chosenKeys, keysOption } from '../given/key-choice.ts';
import { configFile } from './up.ts';

export const secretsImport: Command = {
  name: 'secrets import',
  group: 'Connect',
  summary: 'move keys out of the configuration into private files',
  about: `Finds variables and headers of servers that hold a key in plain text, keeps each in your keychain, or in a file of its own that only you can read,
and puts a credential in its place. You see the change, without the keys, before anything is written.`,
  examples: [
    ['sallyport secrets import --dry-run', 'what would be moved'],
    ['sallyport secrets import --config sallyport.yaml', 'asks first'],
  ],
  options: [{ flags: '--config <file>', text: 'the configuration file' }, keysOption, dryRunOption, yesOption],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const file = realpathSync(configFile(given));
  const before = readFileSync(file, 'utf8');
  const folder = join(given.stateDir, 'credentials', 'imported');
  const host = thisMachine(given.terminal.cwd, given.terminal.env);
  const keys = chosenKeys(given, host, folder);
  const moved = movedIn(before, keys.store, file);
  const json = {
    config: file,
    moved: moved.secrets.map(({ at, credential }) => ({ at, credential })),
    left: moved.left,
  };
  const notes = moved.left.map(
    at =>
      `${safeLine(at)} looks like a key: every process here can read arguments. Give it as a variable, if its server takes one.`,
  );
  if (moved.secrets.length === 0) return { json, text: `no key stands in ${safeLine(file)}`, notes };
  const hidden = moved.secrets.map(({ secret }) => secret);
  const diff = lineDiff(before, moved.after, hidden).map(safeLine).join('\n');
  if (flag(given, 'dryRun'))
    return { json, text: diff, notes: [...notes, `nothing was changed in ${safeLine(file)}: --dry-run`] };
  if (!given.json) given.terminal.err(`${file}\n${diff}\n`);
  await confirmed(given, `Move ${moved.secrets.length === 1 ? 'this key' : `these ${moved.secrets.length} keys`}?`);
  // First the keys, then the file that leads to them: after a crash in between everything is where it was.
  putKeys(moved.secrets, host);
  replaceFile(file, Buffer.from(moved.after));
  return {
    json,
    text: moved.secrets.map(({ at, credential }) => `${safeLine(at)} is the credential ${credential} now`).join('\n'),
    notes: [
      ...notes,
      'Restart the gateway to use it: sallyport down, sallyport up.',
      'The keys were readable until now, and may stand in backups and version control: change them where you can.',
    ],
  };
}

function movedIn(before: string, store: KeyStore, file: string): ReturnType<typeof moveSecrets> {
  try {
    return moveSecrets(before, store);
  } catch (thrown) {
    if (thrown instanceof SyntaxError)
      throw new CliError('malformed', `${file}: ${thrown.message}`, 'see: sallyport up');
    throw thrown;
  }
}
