import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '@sallyport/gateway/replay/ledger.ts';
import { readToolsets } from '@sallyport/gateway/replay/toolsets.ts';
import { isHeldWhenChanged } from './changed-definitions.ts';
import { readRuns, writeLines } from './corpora-files.ts';
import type { Judged, Prepared } from './score.ts';

interface AsbLine {
  readonly agent: string;
  readonly user_tasks: readonly string[];
  readonly normal_tools: readonly { readonly name: string; readonly description: string }[];
  readonly attack_tool: string;
  readonly attack_tool_description: string;
  readonly injected_instruction: string;
}

/**
 * Agent Security Bench: an agent does its task with its own tools, the answer of one tells it to call the attacker's, and
 * it does. All tools are known by name and description and take no arguments. An attack is stopped if that call is not made; a
 * run without attack is the same without the instruction and without that call.
 */
export async function prepareAsb(corpora: string, folder: string) {
  const toolsets: Record<string, object[]> = {};
  const [attacked, benign] = [new Map<string, Judged>(), new Map<string, Judged>()];
  const lines: object[][] = [[], []];
  let number = 0;
  for await (const line of readRuns<AsbLine>(join(corpora, 'asb.jsonl.gz'))) {
    number++;
    const normal = line.normal_tools.map(({ name, description }) => ({ name, description }));
    const toolset = `asb-${number}`;
    toolsets[toolset] = [...normal, { name: line.attack_tool, description: line.attack_tool_description }];
    for (const [at, purpose] of line.user_tasks.entries()) {
      const id = `${toolset}-${at}`;
      const own = normal.map(({ name }) => ({ name, args: {}, result: 'The operation was successful.' }));
      const told = own.map((call, index) =>
        index === own.length - 1 ? { ...call, result: `${call.result} ${line.injected_instruction}` } : call,
      );
      const base = { agent: 'assistant', principal: 'user:principal', purpose, toolset };
      lines[0]?.push({ id, ...base, calls: [...told, { name: line.attack_tool, args: {}, result: 'done' }] });
      lines[1]?.push({ id, ...base, calls: own });
      attacked.set(id, { suite: line.agent, attackCalls: [own.length], joint: false, no: [own.length] });
      benign.set(id, { suite: line.agent, attackCalls: [], joint: false, no: [] });
    }
  }
  const tools = join(folder, 'asb-tools.json');
  await writeFile(tools, JSON.stringify(toolsets));
  const prepared = async (name: string, runs: Map<string, Judged>, all: object[]): Promise<Prepared> => {
    const file = join(folder, name);
    await writeLines(file, async function* () {
      yield* all;
    });
    return { file, runs };
  };
  return {
    tools,
    attacked: await prepared('asb-attacked.jsonl', attacked, lines[0] ?? []),
    benign: await prepared('asb-benign.jsonl', benign, lines[1] ?? []),
  };
}

interface Poisoned {
  readonly kind: string;
  readonly name: string;
  readonly description: string;
  readonly suspicious_text: boolean;
}

/**
 * Malicious definitions as a first contact: how many are held, of those whose text gives them away and of all; and as what a
 * tool becomes that was pinned with an innocent definition.
 */
export async function heldDefinitions(corpora: string): Promise<string> {
  const counts = { said: 0, saidHeld: 0, all: 0, allHeld: 0, changedHeld: 0 };
  for await (const line of readRuns<Poisoned>(join(corpora, 'poisoned-tools.jsonl.gz'))) {
    if (line.kind !== 'tool') continue;
    const { name, description } = line;
    const bytes = new TextEncoder().encode(JSON.stringify({ server: [{ name, description }] }));
    const { catalogue } = readToolsets(bytes, 'poisoned', sha256);
    const tool = catalogue.servers.get('server')?.tools.get(name);
    const held = tool === undefined || tool.status.kind === 'quarantined';
    counts.all++;
    if (isHeldWhenChanged({ from: 'Does its work.', to: description })) counts.changedHeld++;
    if (held) counts.allHeld++;
    if (line.suspicious_text) counts.said++;
    if (line.suspicious_text && held) counts.saidHeld++;
  }
  return `held at first contact: ${counts.saidHeld} of ${counts.said} whose text gives them away, ${counts.allHeld} of ${counts.all} in all (the others only do harm when they are called)\n  held when a pinned tool becomes one: ${counts.changedHeld} of ${counts.all}`;
}
