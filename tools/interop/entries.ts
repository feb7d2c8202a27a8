import { inspect, inspectorVersion, type Meant } from './inspector.ts';
import { type Form, forms, openWrappedHome, type WrappedHome } from './wrapped-home.ts';

/**
 * `npm run deep:entries`: the MCP Inspector's command line through the entry that `wrap` writes for each client, in both eras of the
 * protocol. Files that it knows it reads itself; of the others it is given the program and the words that stand in them. Exit code 1
 * if one does not list or call. The official clients go the same ways in `npm test`.
 */
const eras = ['legacy', 'auto'] as const;

function meant(form: Form, wrapped: WrappedHome, era: string): Meant {
  const { command, args, env } = wrapped.entryOf(form);
  const options = ['--protocol-era', era];
  if (form.isInspectors === undefined) return { options, program: [command, ...args], env };
  return { options: [...options, '--config', wrapped.fileOf(form), '--server', form.at.at(-1) ?? ''], env };
}

const began = performance.now();
let wrong = 0;
await using wrapped = await openWrappedHome();
for (const form of forms)
  for (const era of eras) {
    const start = performance.now();
    const faults = await inspect(meant(form, wrapped, era), ['read_note']);
    wrong += faults.length;
    const how = form.isInspectors ? 'its file' : 'its words';
    const mark = faults.length === 0 ? '✓' : '✗';
    console.log(`${mark} ${form.name}, ${how}, ${era}: tools/list, tools/call  ${seconds(start)} s`);
    for (const fault of faults) console.log(`    ${fault}`);
  }
console.log(
  `MCP Inspector ${inspectorVersion}: ${forms.length} entries, ${eras.length} eras, ${wrong} faults; ${seconds(began)} s`,
);
process.exitCode = wrong === 0 ? 0 : 1;

function seconds(since: number): string {
  return ((performance.now() - since) / 1_000).toFixed(1);
}
