import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Api, openApi } from '../api.ts';
import type { Command, Given, Outcome } from '../command.ts';
import type { GatedHalf, Half } from '../demo/halves.ts';
import { makePrivateCopy, type PrivateCopy, privateCopyIn } from '../demo/private-copy.ts';
import { exit } from '../exit.ts';
import { short } from '../format/ids.ts';
import { liveLine } from '../format/live-line.ts';
import { launch } from '../launch.ts';
import { readRunning } from '../running.ts';

export const demo: Command = {
  name: 'demo',
  group: 'Run',
  summary: 'watch a theft succeed without Sallyport, and be denied with it',
  about: `A scripted agent (no model) summarises a folder in which a README tells it to steal a key. First it talks to real MCP
servers itself, then through the gateway. The key is made up and no file of yours is touched. Uses the gateway that
\`npm start\` runs, otherwise one of its own on a free port with a state directory of its own.`,
  examples: [
    ['sallyport demo', 'about five seconds; no account, no network'],
    ['sallyport demo --json', 'what happened, for a program'],
  ],
  endsItself: true,
  run,
};

/** A gateway that serves a private copy of the example. */
interface Stage {
  readonly api: Api;
  readonly copy: PrivateCopy;
  readonly stateDir: string;
  readonly isOwn: boolean;
  readonly close: () => Promise<void>;
}

async function run(given: Given): Promise<Outcome> {
  // The MCP client is loaded here and not with the command line.
  const { madeUpKey, runThrough, runWithout } = await import('../demo/halves.ts');
  const { openingText, throughText, withoutText } = await import('../demo/story.ts');
  const { terminal, paint } = given;
  const show = (text: string): void => {
    if (!given.json) terminal.out(`${text}\n`);
  };
  show(openingText(paint));
  const starting = staged(given);
  // It starts while the first half runs; that it could not is said after that half.
  starting.catch(() => undefined);
  const without = await runWithout();
  show(withoutText(without, madeUpKey(), paint));
  const line = liveLine(terminal, 'Starting a gateway');
  const stage = await starting.finally(line.stop);
  try {
    const through = await runThrough(stage.api, stage.copy);
    show(throughText(through, stage.api.url, paint));
    return outcome(without, through, stage);
  } finally {
    await stage.close();
  }
}

async function staged({ stateDir, terminal }: Given): Promise<Stage> {
  const copy = privateCopyIn(stateDir);
  if (readRunning(stateDir)?.config === copy.config)
    return { api: openApi(stateDir), copy, stateDir: resolve(stateDir), isOwn: false, close: async () => {} };
  const own = mkdtempSync(join(tmpdir(), 'sallyport-demo-'));
  const ownCopy = makePrivateCopy(own, '127.0.0.1:0');
  const launched = await launch({
    config: ownCopy.config,
    stateDir: own,
    as: 'within',
    onProgress: () => {},
    signal: terminal.signal,
  });
  return { api: openApi(own), copy: ownCopy, stateDir: own, isOwn: true, close: launched.stop };
}

function outcome(without: Half, through: GatedHalf, stage: Stage): Outcome {
  const asTold =
    without.leaked !== undefined &&
    through.leaked === undefined &&
    through.why?.answer === 'deny' &&
    through.summarised;
  const decision = through.why?.id;
  const next = nextCommands(decision, stage);
  return {
    status: asTold ? exit.ok : exit.error,
    json: {
      scripted: true,
      asTold,
      without: halfJson(without),
      through: {
        ...halfJson(through),
        task: through.task,
        gateway: { url: stage.api.url, stateDir: stage.stateDir, own: stage.isOwn },
        ...(through.why === undefined ? {} : { denied: deniedJson(through.why) }),
      },
      next: next.map(([line]) => line),
    },
    notes: [
      ...(asTold ? [] : ['It did not go as it should: is the gateway in mode enforce? See `sallyport mode`.']),
      'Next:',
      ...next.flatMap(([line, purpose]) => [`  # ${purpose}`, `  ${line}`]),
    ],
  };
}

/** A gateway of the demo's own ends with it; its record stays, and can be served again. */
function nextCommands(decision: string | undefined, { isOwn, stateDir, copy }: Stage): [string, string][] {
  const state = isOwn ? ` --state ${stateDir}` : '';
  const why: [string, string] = [
    `sallyport why ${short(decision ?? '')}${state}`,
    'request, facts, policy, labels, what would permit',
  ];
  const verify: [string, string] = [`sallyport audit verify${state}`, 'prove that the record was not altered'];
  const serve: [string, string] = [`sallyport up${state} --config ${copy.config}`, 'serve this record again'];
  return isOwn ? [verify, serve, why] : [why, verify, ['sallyport tail --follow', 'every decision as it happens']];
}

function halfJson({ acts, leaked, summarised }: Half): object {
  return {
    leaked: leaked !== undefined,
    summarised,
    acts: acts.map(({ server, tool, about, injected, answer }) => ({
      tool: `${server}/${tool}`,
      about,
      injected,
      outcome: answer.refused ? 'refused' : 'done',
      ...(answer.decision === undefined ? {} : { decision: answer.decision }),
    })),
  };
}

function deniedJson({ id, reasons, labels, change }: NonNullable<GatedHalf['why']>): object {
  const [reason] = reasons;
  return { decision: id, rule: reason?.rule, reason: reason?.text, fix: reason?.fix, labels, change };
}
