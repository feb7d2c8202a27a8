import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import type { CommandLaunch, PackageLaunch } from '../config.ts';

/** What is run: a program and its arguments, handed to the system as they are. There is no shell. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

export function commandOf(launch: PackageLaunch | CommandLaunch): Checked<Command> {
  if (launch.kind === 'package') return packageCommand(launch);
  const file = launch.command === 'node' ? process.execPath : launch.command;
  return passed({ file, args: launch.args });
}

/** The package's own command, run with the gateway's Node: found as Node finds modules, and never downloaded. */
function packageCommand(launch: PackageLaunch): Checked<Command> {
  const folder = findPackage(launch.name, launch.from);
  if (folder === undefined)
    return unavailable(
      launch,
      `the npm package ${launch.name} is not installed for ${launch.from}; install it there with npm`,
      `npm install ${launch.name}`,
    );
  const script = binOf(folder, launch.name);
  if (script === undefined) return unavailable(launch, `the npm package ${launch.name} has no command of its own`);
  return passed({ file: process.execPath, args: [script, ...launch.args] });
}

function findPackage(name: string, from: string): string | undefined {
  for (let at = resolve(from); ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (existsSync(join(folder, 'package.json'))) return realpathSync(folder);
    if (at === dirname(at)) return undefined;
  }
}

/** `bin` is a path, or a map of commands: the one that is named like the package, or the only one. */
function binOf(folder: string, name: string): string | undefined {
  try {
    const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      bin?: string | Record<string, string>;
    };
    const commands = typeof bin === 'object' ? Object.entries(bin) : [];
    const own = commands.find(([command]) => command === name.split('/').at(-1));
    const path = typeof bin === 'string' ? bin : (own?.[1] ?? (commands.length === 1 ? commands[0]?.[1] : undefined));
    if (path === undefined) return undefined;
    const script = realpathSync(join(folder, path));
    return relative(folder, script).startsWith('..') ? undefined : script;
  } catch {
    return undefined;
  }
}

function unavailable(launch: PackageLaunch, why: string, fix?: string): Checked<Command> {
  return refused({ code: 'upstream-unavailable', what: launch.name, why, ...(fix === undefined ? {} : { fix }) });
}
