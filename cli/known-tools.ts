import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildCatalogue } from '@sallyport/core/catalogue/build.ts';
import type { Catalogue } from '@sallyport/core/model/tool.ts';
import { type Config, readConfig } from '@sallyport/gateway/app/config/config.ts';
import { ownServers } from '@sallyport/gateway/app/config/own-servers.ts';
import { sha256 } from '@sallyport/gateway/app/host/ports.ts';
import { filePinStore } from '@sallyport/gateway/discovery/pin-store.ts';
import { readToolsets, type Toolsets, toolsetsOf } from '@sallyport/gateway/replay/toolsets.ts';
import { type Given, text } from './command.ts';
import { readRunning } from './running.ts';

/** The tools that policies are checked against without a gateway. */
export interface KnownTools {
  readonly catalogue: Catalogue;
  readonly count: number;
  /** `pins`: what this state directory has pinned; `file`: --tools; `none`: no server has been reached yet. */
  readonly from: 'pins' | 'file' | 'none';
}

export function knownTools(given: Given, config: Config | undefined): KnownTools {
  const said = text(given, 'tools');
  const file = said === undefined ? undefined : resolve(given.terminal.cwd, said);
  const { stateDir } = given;
  const catalogue = config === undefined ? toolsAlone(file, stateDir) : toolsetsWith(config, file, stateDir).catalogue;
  return known(catalogue, file === undefined ? 'pins' : 'file');
}

/** Where nobody says anything about them. */
function toolsAlone(file: string | undefined, stateDir: string): Catalogue {
  if (file !== undefined) return readToolsets(readFileSync(file), file, sha256).catalogue;
  const book = filePinStore(join(stateDir, 'pins.json')).load();
  const terms = [...book.keys()].map(id => ({ id, segment: id }));
  return buildCatalogue(terms, book, sha256);
}

/** What a gateway with this configuration has on this state directory; `file`: the tools of a TOOLS.json in place of those pinned there. */
export function toolsetsWith(config: Config, file: string | undefined, stateDir: string): Toolsets {
  const { servers } = config;
  const read =
    file === undefined
      ? toolsetsOf(buildCatalogue(servers, filePinStore(join(stateDir, 'pins.json')).load(), sha256))
      : readToolsets(readFileSync(file), file, sha256, servers);
  const own = toolsetsOf({ servers: new Map(ownServers(config, sha256).map(server => [server.id, server])) });
  const all = new Map([...read.catalogue.servers, ...own.catalogue.servers]);
  return { catalogue: { ...read.catalogue, servers: all }, byName: new Map([...read.byName, ...own.byName]) };
}

function known(catalogue: Catalogue, from: 'pins' | 'file'): KnownTools {
  const count = [...catalogue.servers.values()].reduce((sum, { tools }) => sum + tools.size, 0);
  return { catalogue, count, from: count === 0 ? 'none' : from };
}

/** The configuration that is meant: --config, else that of the gateway that runs on this state. */
export function meantConfig(given: Given): Config | undefined {
  const named = text(given, 'config');
  const file = named === undefined ? readRunning(given.stateDir)?.config : resolve(given.terminal.cwd, named);
  return file === undefined || file === '' ? undefined : readConfig(file);
}
