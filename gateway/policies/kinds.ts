import { basename } from 'node:path';
import { agentIdPattern, serverIdPattern } from '@sallyport/core/model/ids.ts';
import { didYouMean } from '@sallyport/core/model/nearest.ts';
import { sensitivitiesLowestFirst } from '@sallyport/core/model/sensitivity.ts';
import { type Manifest, reservedTaskKinds, type TaskLimits, taskKindPattern } from '@sallyport/core/model/task.ts';
import type { TaskKindRule } from '@sallyport/core/task/kind.ts';
import { manifestParts, patternFault } from '@sallyport/core/task/manifest.ts';
import type { PolicyProblem } from '../engines/cedar/problem.ts';
import { ConfigError, type Fields, readYaml } from '../yaml/fields.ts';
import type { PolicySource } from './policy-files.ts';

const kindSuffix = '.kind.yaml';

export interface ReadKinds {
  readonly kinds: ReadonlyMap<string, TaskKindRule>;
  readonly problems: readonly PolicyProblem[];
}

/** Reads `NAME.kind.yaml` files strictly: a misspelt bound must not be no bound. `segments`: those there are; undefined: not known here. */
export function readKinds(sources: readonly PolicySource[], segments?: ReadonlySet<string>): ReadKinds {
  const kinds = new Map<string, TaskKindRule>();
  const problems: PolicyProblem[] = [];
  for (const { file, text } of sources) {
    try {
      const kind = readKind(file, text, segments);
      kinds.set(kind.name, kind);
    } catch (thrown) {
      if (!(thrown instanceof ConfigError)) throw thrown;
      const line = Number(/:(\d+)(?::\d+)?: /.exec(thrown.message)?.[1] ?? 1);
      problems.push({ file, line, message: thrown.message.replace(/^.*?\.kind\.yaml(:\d+)*: /, '') });
    }
  }
  return { kinds, problems };
}

function readKind(file: string, text: string, segments: ReadonlySet<string> | undefined): TaskKindRule {
  const root = readYaml(file, text);
  const name = basename(file).slice(0, -kindSuffix.length);
  if (!taskKindPattern.test(name) || reservedTaskKinds.includes(name))
    throw new ConfigError(
      `${file}: the file's name must be NAME.kind.yaml: lower-case letters, digits and \`-\`, and not ${reservedTaskKinds.join(' or ')}`,
    );
  const kind: TaskKindRule = {
    name,
    about: root.string('about') ?? '',
    agents: idsOf(root, 'agents', agentIdPattern),
    openers: openersOf(root),
    manifest: manifestOf(root.fields('manifest')),
    ceiling: root.oneOf('ceiling', sensitivitiesLowestFirst) ?? 'secret',
    segments: segmentsOf(root, segments),
    audience: idsOf(root, 'audience', serverIdPattern),
    limits: limitsOf(root.fields('limits')),
    ...learnOf(root),
  };
  root.done();
  return kind;
}

/** In a segment that is none nothing lies: every call of such a task would be a step out of it. */
function segmentsOf(root: Fields, known: ReadonlySet<string> | undefined): readonly string[] | undefined {
  const names = root.strings('segments');
  const stray = names?.find(name => known?.has(name) === false);
  if (stray === undefined) return names;
  throw root.wrong('segments', `has one that is no segment${didYouMean(stray, known ?? [])}`);
}

function learnOf(root: Fields): Pick<TaskKindRule, 'learn'> {
  const learns = root.boolean('learn') ?? false;
  const text = root.string('learnSince');
  if (text === undefined) return learns ? { learn: {} } : {};
  const since = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(since)) throw root.wrong('learnSince', 'must be a day such as 2026-12-01');
  if (!learns) throw root.wrong('learnSince', 'says nothing without `learn: true`');
  return { learn: { since } };
}

function idsOf(root: Fields, field: string, pattern: RegExp): readonly string[] | undefined {
  const ids = root.strings(field);
  const odd = ids?.find(id => !pattern.test(id));
  if (odd !== undefined) throw root.wrong(field, 'has one that is no id: lower-case letters, digits and `-`');
  return ids;
}

function openersOf(root: Fields): readonly string[] {
  const openers = root.strings('openers') ?? ['operator', 'principal'];
  const odd = openers.find(word => !/^(operator|principal|agent:[a-z0-9][a-z0-9._-]{0,63})$/.test(word));
  if (odd === undefined) return openers;
  throw root.wrong('openers', 'must hold `operator`, `principal` or `agent:ID`');
}

function manifestOf(fields: Fields): Manifest {
  const [tools, resources, destinations] = manifestParts.map(part => {
    const words = fields.strings(part);
    const fault = words?.map(word => patternFault(part, word)).find(each => each !== undefined);
    if (fault !== undefined) throw fields.wrong(part, fault);
    return words;
  });
  fields.done();
  return { tools, resources, destinations };
}

function limitsOf(fields: Fields): Partial<TaskLimits> {
  const names = { callsMax: 1, spendCentsMax: 0, secondsMax: 1, bytesMax: 1, depthMax: 0, idleSecondsMax: 1 } as const;
  const stated = Object.entries(names).flatMap(([name, least]) => {
    const value = fields.integer(name, least, Number.MAX_SAFE_INTEGER);
    return value === undefined ? [] : [[name, value]];
  });
  fields.done();
  return Object.fromEntries(stated);
}
