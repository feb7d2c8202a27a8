import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { World } from '@sallyport/core/mediate/ports.ts';
import { type Tool, toolKey } from '@sallyport/core/model/tool.ts';
import { type ActionSchema, cedarType, policySchema } from '@sallyport/core/policy/schema.ts';
import { isMentioned, leavesOf, mentionsOf } from '../engines/cedar/mentions.ts';
import type { LoadedPolicy } from '../engines/cedar/policy.ts';
import type { Scope } from '../engines/cedar/scope.ts';
import { saltsOf, sha256Text } from '../journal/hash.ts';
import { readPrivate, writePrivate } from '../secret/private-file.ts';

/**
 * What a world was, kept so that its decisions can be shown to have followed from it (docs/formats/receipt.md): the
 * policies with their scopes, and the tools. The entry that activates the world commits to all of it; each policy and
 * each tool can be shown without the others.
 */
export interface Evidence {
  readonly v: 1;
  readonly world: string;
  /** Of all the salts. Never leaves this file. */
  readonly seed: string;
  readonly policies: readonly PolicyEvidence[];
  readonly tools: readonly ToolEvidence[];
}

export interface PolicyEvidence {
  readonly id: string;
  /** Name of the file, without its folder. */
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly scope: Scope;
  /** Paths below `context` that its conditions look at, and `principal`; undefined if they may look anywhere. */
  readonly looksAt: readonly (readonly string[])[] | undefined;
}

export interface ToolEvidence {
  readonly server: string;
  readonly name: string;
  readonly pin: string;
  readonly classes: readonly string[];
  readonly segment: string;
  readonly status: string;
  /** Type of `context` for this tool, in Cedar's JSON schema format. */
  readonly context: unknown;
}

/** The hashes of which the commitment is made, and what opens them. */
export interface Opened {
  readonly root: string;
  readonly policies: readonly OpenedPolicy[];
  readonly tools: readonly { readonly text: string; readonly salt: string; readonly hash: string }[];
}

export interface OpenedPolicy {
  readonly scope: string;
  readonly scopeSalt: string;
  readonly text: string;
  readonly textSalt: string;
  readonly textHash: string;
}

/**
 * Keeps the evidence of a world in `dir` and answers with the commitment to it. A world that comes back has the evidence
 * it had. Throws if the disk refuses.
 */
export function keepEvidence(dir: string, world: World, policies: readonly LoadedPolicy[]): string {
  const known = readEvidence(dir, world.digest);
  if (known !== undefined) return openEvidence(known).root;
  const { actions } = policySchema(world.catalogue);
  const tools = [...world.catalogue.servers.values()].flatMap(server => [...server.tools.values()]);
  const evidence: Evidence = {
    v: 1,
    world: world.digest,
    seed: randomBytes(18).toString('base64url'),
    policies: policies.map(policyEvidence),
    tools: tools.map(tool => toolEvidence(tool, actions.get(toolKey(tool.server, tool.name)))),
  };
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writePrivate(fileOf(dir, world.digest), JSON.stringify(evidence));
  return openEvidence(evidence).root;
}

/** Undefined if there is none: the world is of an earlier version, or its file was removed. */
export function readEvidence(dir: string, world: string): Evidence | undefined {
  if (!/^[A-Za-z0-9_-]{43}$/.test(world)) return undefined;
  const text = readPrivate(fileOf(dir, world));
  return text === undefined ? undefined : (JSON.parse(text) as Evidence);
}

export function openEvidence({ world, seed, policies, tools }: Evidence): Opened {
  const salts = saltsOf(seed, 2 * policies.length + tools.length);
  const openedPolicies = policies.map(({ id, file, line, text, scope }, at): OpenedPolicy => {
    const [scopeSalt = '', textSalt = ''] = salts.slice(2 * at, 2 * at + 2);
    const shown = { scope: JSON.stringify(scope), scopeSalt, text: JSON.stringify({ id, file, line, text }), textSalt };
    return { ...shown, textHash: sha256Text(`sallyport policy text v1\n${textSalt}\n${shown.text}`) };
  });
  const openedTools = tools.map((tool, at) => {
    const [text, salt = ''] = [JSON.stringify(tool), salts[2 * policies.length + at]];
    return { text, salt, hash: sha256Text(`sallyport tool v1\n${salt}\n${text}`) };
  });
  const lines = [...openedPolicies.map(hashOfPolicy), '', ...openedTools.map(({ hash }) => hash)];
  const root = sha256Text(`sallyport evidence v1\n${world}\n${lines.join('\n')}`);
  return { root, policies: openedPolicies, tools: openedTools };
}

function hashOfPolicy({ scope, scopeSalt, textHash }: OpenedPolicy): string {
  const scopeHash = sha256Text(`sallyport policy scope v1\n${scopeSalt}\n${scope}`);
  return sha256Text(`sallyport policy v1\n${scopeHash}\n${textHash}`);
}

function fileOf(dir: string, world: string): string {
  return join(dir, `${world}.json`);
}

export function policyEvidence({ info, scope, conditions, text }: LoadedPolicy): PolicyEvidence {
  const { everything, context, principal } = mentionsOf(conditions);
  const paths = [...leavesOf(context)].map(({ path }) => path);
  const looksAtAgent = isMentioned(principal);
  const { id, line } = info;
  return {
    ...{ id, file: basename(info.file), line, text, scope },
    looksAt: everything ? undefined : [...paths, ...(looksAtAgent ? [['principal']] : [])],
  };
}

export function toolEvidence(tool: Tool, action: ActionSchema | undefined): ToolEvidence {
  const context = action === undefined ? null : cedarType(action.context);
  const { server, name, pin, classes, segment, status } = tool;
  return { server, name, pin, classes, segment, status: status.kind, context };
}
