import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AgentView } from '@sallyport/gateway/api/view/agent.ts';
import type { StatusView } from '@sallyport/gateway/api/view/status.ts';
import { defaultStateDir } from '@sallyport/gateway/app/host/state-dir.ts';
import type { Api } from '../api.ts';
import { fireCanary, type Proof } from '../clients/canary.ts';
import { readDocument } from '../clients/edit/document.ts';
import { strayEntry, writtenEntry } from '../clients/entry-check.ts';
import type { Finding } from '../clients/finding.ts';
import { hookedClients, hookFindings } from '../clients/hooks/findings.ts';
import { keysElsewhere } from '../clients/keys-elsewhere.ts';
import { type KnownThere, knownThere, unknownEntry } from '../clients/known-there.ts';
import { managedFindings } from '../clients/managed.ts';
import { type FilePlan, memberAt, planFile } from '../clients/plan.ts';
import { WrapStore } from '../clients/record.ts';
import { isRecord, type OwnEntry } from '../clients/shape.ts';
import { type Client, clientsOn, thisMachine } from '../clients/table.ts';
import { versionFindings } from '../clients/versions.ts';
import { ownEntryOf } from '../clients/wrap.ts';
import { type Command, flag, type Given, type Outcome } from '../command.ts';
import { CliError, exit } from '../exit.ts';
import { counted } from '../format/counted.ts';
import { placed } from '../format/placed.ts';
import { safeLine } from '../format/safe.ts';
import { credentialAbout } from './credentials.ts';
import { downText, runsFromText, tokensLostFix, tokensLostText } from './status.ts';

export const doctor: Command = {
  name: 'doctor',
  group: 'Run',
  summary: 'what stands between your agents and their tools, and what goes round it',
  about: `Looks at the gateway, at every client's files and version, and for ways round it: other entries and layers that lead
to servers, and keys that stand elsewhere too. With --canary it starts each wrapped entry exactly as
its client does and fires a call that must be refused: *proven* means that the refusal came and stands in the record. Ends with 6 if
something is wrong.`,
  examples: [
    ['sallyport doctor', 'look, and change nothing'],
    ['sallyport doctor --canary', 'prove that a deny is a deny, entry by entry'],
  ],
  options: [{ flags: '--canary', text: 'fire a call that must be refused through each wrapped entry' }],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const machine = thisMachine(given.terminal.cwd, given.terminal.env);
  const gateway = await gatewayFindings(given);
  const files = clientsOn(machine).flatMap(client =>
    client.files.map(file => ({
      client,
      file,
      plan: planFile(client, file, {
        ownEntry: ownEntryOf([]),
        serverId: name => name,
        planned: () => undefined,
        refused: () => undefined,
      }),
    })),
  );
  const findings: Finding[] = [...gateway.findings, ...drift(given)];
  const canary = flag(given, 'canary') ? gateway.api : undefined;
  for (const { client, file, plan } of files) {
    if (plan === undefined) continue;
    if ('why' in plan)
      findings.push({ state: 'bad', about: client.name, says: placed(file.path, 'cannot be read', plan.why) });
    else findings.push(...(await fileFindings(client, plan, { given, known: gateway.known, api: canary })));
  }
  const clients = clientsOn(machine);
  const store = new WrapStore(given.stateDir);
  findings.push(
    ...(await hookFindings(machine, clients, resolve(given.stateDir), gateway.known, canary)),
    ...(await versionFindings(machine, clients, hookedClients(machine, resolve(given.stateDir)))),
    ...managedFindings(machine, clients, store),
    ...keysElsewhere(machine, clients, store),
  );
  const sick = findings.some(({ state }) => state === 'bad');
  return {
    status: sick ? exit.unhealthy : exit.ok,
    json: {
      healthy: !sick,
      findings: findings.map(each => (each.fix === undefined ? each : { ...each, fix: given.typed(each.fix) })),
    },
    text: findings.map(finding => lineOf(finding, given)).join('\n'),
    notes:
      flag(given, 'canary') || !findings.some(({ says }) => says.includes('unproven'))
        ? []
        : ['prove it: sallyport doctor --canary'],
  };
}

type CredentialToSee = NonNullable<StatusView['credentials']>[number];

interface Gateway {
  readonly api: Api | undefined;
  readonly known: KnownThere | undefined;
  readonly findings: Finding[];
}

async function gatewayFindings(given: Given): Promise<Gateway> {
  try {
    const api = await given.api();
    const { status, operator } = await api.get<{ status: StatusView }>('status');
    const { agents } = await api.get<{ agents: AgentView[] }>('agents');
    const down = status.servers.filter(({ state }) => state === 'down');
    const findings: Finding[] = [
      {
        state: 'good',
        about: 'gateway',
        says: `runs at ${api.url}, ${counted(agents.length, 'agent')}, ${counted(status.servers.length, 'server')}`,
      },
      ...down.map(
        ({ id, transport, ...found }): Finding => ({
          state: 'bad',
          about: `server ${id}`,
          says: `is down: ${downText({ why: 'it cannot be reached', ...found })}`,
          fix: `${transport === 'stdio' ? 'run what the configuration names for it by hand, and see what it says' : 'see whether its address answers'}; the gateway goes on trying`,
        }),
      ),
    ];
    findings.push(...(status.credentials ?? []).map(credentialFinding));
    const { tokensLost } = status;
    if (tokensLost !== undefined)
      findings.push({
        state: 'advice',
        about: 'tokens',
        says: tokensLostText(tokensLost),
        fix: tokensLostFix(tokensLost),
      });
    if (status.runsFrom?.kind === 'sources')
      findings.push({
        state: 'advice',
        about: 'gateway',
        says: `runs from ${runsFromText(status.runsFrom)}; it takes more memory so, and longer to start`,
        fix: 'mend that, and start it again: sallyport down, sallyport up',
      });
    if (operator.startsWith('advisory'))
      findings.push({
        state: 'advice',
        about: 'operator',
        says: `${operator}: an agent under your user id could read the operator's key and answer its own questions`,
        fix: 'docs/how-to/run-it-as-a-service.md: a user of its own',
      });
    return { api, known: knownThere(agents, status, given.stateDir), findings };
  } catch (thrown) {
    if (!(thrown instanceof CliError)) throw thrown;
    const { message, fix } = thrown;
    return {
      ...{ api: undefined, known: undefined },
      findings: [{ state: 'bad', about: 'gateway', says: message, ...(fix === undefined ? {} : { fix }) }],
    };
  }
}

/** Of one that somebody should look at. */
function credentialFinding({ name, state }: CredentialToSee): Finding {
  const [about, why] = [`credential ${safeLine(name)}`, credentialAbout(state)];
  if (state.state === 'ready') return { state: 'advice', about, says: why };
  if (state.state === 'needs-authorization') return { state: 'advice', about, says: `needs a sign-in: ${why}` };
  const fix = 'mend what the configuration names for it; the gateway goes on trying';
  return { state: 'bad', about, says: `is failing: ${why}`, fix };
}

/** Files that wrap changed and that are not as it left them. */
function drift(given: Given): Finding[] {
  const { files } = new WrapStore(given.stateDir).read();
  const gone = new Set(files.map(({ target }) => target).filter(target => !existsSync(target)));
  return [...gone].map(target => ({
    state: 'bad',
    about: target,
    says: 'was wrapped, and is not there any more',
    fix: 'sallyport unwrap, then wrap',
  }));
}

interface Looking {
  readonly given: Given;
  /** Undefined: no gateway runs. */
  readonly known: KnownThere | undefined;
  /** Where a call is to be fired through each entry. */
  readonly api: Api | undefined;
}

async function fileFindings(client: Client, plan: FilePlan, looking: Looking): Promise<Finding[]> {
  const about = (name: string): string => `${client.name} ${name}`;
  const findings: Finding[] = [];
  for (const { name, path, fate } of plan.entries) {
    if (fate.kind === 'left')
      findings.push({ state: 'advice', about: about(name), says: `goes round the gateway: ${fate.why}` });
    if (fate.kind === 'wrap')
      findings.push({
        state: 'bad',
        about: about(name),
        says: 'goes round the gateway',
        fix: `sallyport wrap ${client.id}`,
      });
    if (fate.kind === 'ours') findings.push(await proofOf(about(name), client, plan, path, looking));
  }
  return findings;
}

async function proofOf(
  about: string,
  client: Client,
  { before, target }: FilePlan,
  path: readonly string[],
  { given, known, api }: Looking,
): Promise<Finding> {
  const there = memberAt(readDocument(client.format, before.toString('utf8')), path);
  const written = writtenEntry(new WrapStore(given.stateDir), client, target, path);
  const stray = strayEntry(there, written, given.stateDir, defaultStateDir(given.terminal.env));
  if (stray !== undefined)
    return { state: 'bad', about, says: `unproven: ${stray}`, fix: 'take the entry out, and wrap the server again' };
  const entry = ownEntryIn(there);
  const unknown = unknownEntry(entry.args, known);
  if (unknown !== undefined) return { state: 'bad', about, ...unknown };
  if (api === undefined) return { state: 'advice', about, says: 'is wrapped; unproven' };
  const agent = entry.args[entry.args.indexOf('--entry') + 1] ?? '';
  const proof: Proof = await fireCanary(entry, agent, api);
  if (proof.kind === 'proven')
    return { state: 'good', about, says: 'proven: a call that must be refused was refused, and is on record' };
  return {
    state: 'bad',
    about,
    says: `unproven: ${proof.why}`,
    fix: 'sallyport status, and restart with: sallyport down, sallyport up',
  };
}

/** The program and its words as the client would start them. */
function ownEntryIn(entry: unknown): OwnEntry {
  const members = isRecord(entry) ? entry : {};
  const words = [members.command ?? members.cmd, members.args].flat().filter(word => typeof word === 'string');
  return { command: words[0] ?? '', args: words.slice(1) };
}

function lineOf({ state, about, says, fix }: Finding, { paint }: Given): string {
  const mark = state === 'good' ? paint.good('ok  ') : state === 'bad' ? paint.bad('BAD ') : paint.warn('note');
  return `${mark}  ${safeLine(about)}: ${safeLine(says)}${fix === undefined ? '' : paint.faint(`  → ${safeLine(fix)}`)}`;
}
