import { resolve } from 'node:path';
import { didYouMean } from '@sallyport/core/model/nearest.ts';
import type { Config } from '@sallyport/gateway/app/config/config.ts';
import { hypothetical } from '@sallyport/gateway/app/rules/attempt.ts';
import type { Configured } from '@sallyport/gateway/replay/replay.ts';
import type { Toolsets } from '@sallyport/gateway/replay/toolsets.ts';
import { type Given, text } from './command.ts';
import { CliError, usageError } from './exit.ts';
import { safeLine } from './format/safe.ts';
import { meantConfig, toolsetsWith } from './known-tools.ts';

/** What decides recorded runs. */
export interface ReplaySetting {
  readonly policies: string;
  readonly toolsets: Toolsets;
  readonly configured?: Configured;
  /** What whoever asked may not expect. */
  readonly notes: readonly string[];
}

/** As the gateway of this configuration would decide: its agents, its modes, and its tools with all that is said of them. */
export function configuredSetting(given: Given): ReplaySetting {
  const config = meantConfig(given);
  if (config === undefined)
    throw usageError(
      'what decides is not named, and no gateway runs here whose configuration could be taken',
      'Name --config FILE, or both --policies DIR and --tools TOOLS.json.',
    );
  const [policies, file] = ['policies', 'tools'].map(name => pathOf(given, name));
  const toolsets = toolsetsWith(config, file, given.stateDir);
  if (toolsets.byName.size === 0)
    throw new CliError(
      'not-found',
      `no tools of these servers are known in ${given.stateDir}`,
      'Name the state directory of the gateway (--state DIR), or its tools: --tools TOOLS.json.',
    );
  const agents = new Map(config.agents.map(agent => [agent.id, hypothetical(agent)]));
  return {
    policies: policies ?? config.policies,
    toolsets,
    configured: { agents, modes: config.modes, timeZone: config.timeZone },
    notes: [`decided as ${config.file} says`, ...strangers(toolsets, config)],
  };
}

/** Toolsets that the configuration says nothing of are no error: a server may have gone from it since. */
function strangers({ byName }: Toolsets, { servers, peers, hooks }: Config): string[] {
  const known = [...servers, ...peers].map(({ id }) => id);
  const own = hooks.length > 0 ? ['workspace'] : [];
  return [...byName.keys()]
    .filter(name => ![...known, ...own].includes(name))
    .map(name => {
      const said = 'the configuration has no such server, so it says nothing of its tools';
      return `${safeLine(name)}: ${said}${didYouMean(name, known)}`;
    });
}

function pathOf(given: Given, name: string): string | undefined {
  const value = text(given, name);
  return value === undefined ? undefined : resolve(given.terminal.cwd, value);
}
