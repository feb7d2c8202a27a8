import { resolve } from 'node:path';
import { lineDiff } from '../clients/diff.ts';
import { keyAt, nameOf } from '../clients/key-store.ts';
import { WrapStore } from '../clients/record.ts';
import { clientsOn, thisMachine } from '../clients/table.ts';
import { letGo, planUndo, type Undo, undo } from '../clients/unwrap.ts';
import { type Command, confirmed, dryRunOption, flag, type Given, type Outcome, yesOption } from '../command.ts';
import { usageError } from '../exit.ts';
import { safeLine } from '../format/safe.ts';
import { chosenClients, clientIds } from '../given/client-choice.ts';
import { hasService } from '../service/service.ts';

export const unwrap: Command = {
  name: 'unwrap',
  group: 'Connect',
  args: '[clients...]',
  summary: 'give clients their servers back, byte for byte',
  about: `A file that nobody changed since is restored as it was. In one that was changed only our entries are undone, and shown first.`,
  examples: [
    ['sallyport unwrap cursor', 'one client; asks first'],
    ['sallyport unwrap --all', 'everything that wrap ever did, the gateway’s own configuration included'],
  ],
  options: [{ flags: '--all', text: 'every client, and what was added to the configuration' }, dryRunOption, yesOption],
  choices: clientIds,
  run,
};

async function run(given: Given): Promise<Outcome> {
  const machine = thisMachine(given.terminal.cwd, given.terminal.env);
  const all = clientsOn(machine);
  const store = new WrapStore(given.stateDir);
  const record = store.read();
  const everything = flag(given, 'all');
  if (!everything && given.args.length === 0)
    throw usageError(
      'say which clients, or --all',
      `wrapped: ${[...new Set(record.files.map(({ client }) => client))].join(', ') || 'none'}`,
    );
  const ids = chosenClients(given, all).map(({ id }) => id);
  const meant = record.files.filter(({ client }) => everything || ids.includes(client));
  // With the last client goes what was added to our own configuration.
  const rest = record.files.filter(file => !meant.includes(file));
  const files = rest.every(({ client }) => client === 'gateway') ? record.files : meant;
  if (files.length === 0) {
    // A crash may have come before anything but a secret was written.
    if (record.files.length === 0 && !flag(given, 'dryRun')) letGo(store, machine);
    return { json: { files: [] }, text: 'nothing is wrapped' };
  }
  const plan = planUndo(files, all, store);
  const secrets = record.secrets.flatMap(place => keyAt(place, machine) ?? []);
  const lines = plan.flatMap(step => undoLines(step, secrets));
  const json = { files: plan.map(({ kind, file }) => ({ path: file.target, done: kind })) };
  if (flag(given, 'dryRun')) return { json, text: lines.join('\n'), notes: ['nothing was changed: --dry-run'] };
  if (!given.json) given.terminal.err(`${lines.join('\n')}\n`);
  await confirmed(given, 'Go back?');
  const { failed, kept } = undo(plan, store, machine);
  const isWhole = failed.length === 0 && plan.every(({ kind }) => kind !== 'stuck');
  const notes = [
    ...failed.map(({ target, why }) => `${target}: ${why}; it is still on record`),
    ...kept.map(place => `the keychain did not let go of ${nameOf(place)}: take it out there`),
    ...(hasService(resolve(given.stateDir)) ? ['the service is still there: sallyport down --service'] : []),
  ];
  const isAsBefore = plan.every(({ kind }) => kind === 'restore' || kind === 'untouched');
  const text = !isWhole
    ? 'done, but for what is said above'
    : isAsBefore
      ? 'everything is as it was'
      : 'nothing of ours is left; what was changed since stays';
  return { status: isWhole ? 0 : 1, json: { ...json, failed }, text, notes };
}

function undoLines(step: Undo, secrets: readonly string[]): string[] {
  const path = safeLine(step.file.target);
  switch (step.kind) {
    case 'restore':
      return [`${path}: ${step.before === undefined ? 'removed; wrap made it' : 'restored, byte for byte'}`];
    case 'untouched':
      return [`${path}: ${step.file.before === undefined ? 'is not there, as before' : 'is as it was'}`];
    case 'gone':
      return [`${path}: is not there any more`];
    case 'aside':
      return [`${path}: was changed since; out of the client's way now, and kept as ${safeLine(step.to)}`];
    case 'stuck':
      return [`${path}: left alone: ${safeLine(step.why)}`];
    case 'entries':
      return [
        `${path}: was changed since, so only our entries are undone: ${step.names.map(safeLine).join(', ') || 'none is left'}${step.exact ? '; every other byte stays' : '; the lines around them are laid out anew'}`,
        ...lineDiff(step.now.toString('utf8'), step.after.toString('utf8'), secrets).map(
          line => `    ${safeLine(line)}`,
        ),
      ];
  }
}
