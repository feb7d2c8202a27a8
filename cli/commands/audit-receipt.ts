import { join } from 'node:path';
import { toolKey } from '@sallyport/core/model/tool.ts';
import type { Receipt } from '@sallyport/gateway/receipt/receipt.ts';
import { ReceiptError } from '@sallyport/gateway/receipt/receipt-error.ts';
import { arg, type Command, type Given, type Outcome, text } from '../command.ts';
import { CliError } from '../exit.ts';
import { facts } from '../format/columns.ts';
import { safeLine } from '../format/safe.ts';
import { namedFile, replaceOption, writeNamed } from '../given/named-file.ts';

const out = [{ flags: '-o, --out <file>', text: 'write it there instead of standard output' }, replaceOption];

export const auditReceipt: Command = {
  name: 'audit receipt',
  group: 'Evidence',
  args: '<id>',
  summary: 'proof that a decision stands in the record, and of the policies that applied',
  about: `Makes a C2SP tlog-proof of one decision: the entry, its place in the signed tree, the world it was decided in and the
policies that could apply. It shows no argument and no fact. No gateway needed; the newest second is not signed yet.`,
  examples: [['sallyport audit receipt d_7k3m9q2x -o decision.tlog-proof', 'the receipt of one decision']],
  options: out,
  run: given => run(given, []),
};

export const auditDisclose: Command = {
  name: 'audit disclose',
  group: 'Evidence',
  args: '<id>',
  summary: 'a receipt that also shows chosen facts, so that an outsider can decide again',
  about: `Like \`sallyport audit receipt\`, and with the facts named: \`needed\` (what the policies look at; the default), \`all\`, kinds of facts
(agent, actors, task, flow, env), \`arguments\` or single ones (arguments.path). Of what is not named, nothing can be learned from the
file. Whoever holds the log's public key checks it with \`sallyport audit check\`.`,
  examples: [
    ['sallyport audit disclose d_7k3m9q2x -o shown.tlog-proof', 'what it takes to decide again, and no more'],
    ['sallyport audit disclose d_7k3m9q2x --fields needed,arguments.path', 'and one argument'],
  ],
  options: [{ flags: '--fields <names>', text: 'what to show, separated by commas (default: needed)' }, ...out],
  run: given =>
    run(
      given,
      (text(given, 'fields') ?? 'needed').split(',').map(name => name.trim()),
    ),
};

async function run(given: Given, fields: readonly string[]): Promise<Outcome> {
  const receipt = await made(given, fields);
  const file = await namedFile(given, 'out');
  const { decision, shown, hidden, needed, notes } = receipt;
  if (file !== undefined) writeNamed(file, receipt.text);
  const about = { decision: decision.id, seq: decision.seq, shown, hidden, needed };
  return {
    json: { ...about, notes, ...(file === undefined ? { receipt: receipt.text } : { file }) },
    ...(file === undefined ? { text: receipt.text.trimEnd() } : { text: summary(receipt, file) }),
    notes: [
      ...notes,
      ...(file === undefined
        ? []
        : [`check it: sallyport audit check ${file} --vkey ${join(given.stateDir, 'journal', 'vkey')}`]),
    ],
  };
}

async function made(given: Given, fields: readonly string[]): Promise<Receipt> {
  const { makeReceipt } = await import('@sallyport/gateway/receipt/receipt.ts');
  try {
    return await makeReceipt({ stateDir: given.stateDir, id: arg(given, 0), fields });
  } catch (thrown) {
    if (thrown instanceof ReceiptError) throw new CliError(thrown.code, thrown.message, thrown.fix);
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT')
      throw new CliError(
        'not-found',
        `there is no journal in ${given.stateDir}`,
        'Name the state directory: --state DIR.',
      );
    throw thrown;
  }
}

function summary({ decision, shown, hidden }: Receipt, file: string): string {
  const { action, answer } = decision;
  return facts(
    [
      ['receipt', file],
      ['decision', `${decision.id}  ${safeLine(toolKey(action.server, action.tool))}  ${answer}`],
      shown.length === 0 ? undefined : ['shows', safeLine(shown.join(', '))],
      hidden.length === 0 ? undefined : ['hides', safeLine(hidden.join(', '))],
    ],
    name => name,
  );
}
