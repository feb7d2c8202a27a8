import { member } from '@sallyport/core/model/json.ts';
import { findTool } from '@sallyport/core/model/tool.ts';
import { type CredentialRoom, openCredentials } from '../credentials/open.ts';
import { now } from './host/ports.ts';
import { type Identity, openIdentity } from './identity/identity.ts';
import { type GatewayRecord, openRecord } from './record/record.ts';
import type { Start } from './start.ts';

/** What the state directory keeps from one run to the next. */
export interface Kept {
  readonly record: GatewayRecord;
  readonly identity: Identity;
  readonly lent: CredentialRoom;
}

/** Reads the record, what proofs are held against, and what was lent. */
export async function openKept(start: Start, opened: AsyncDisposableStack): Promise<Kept> {
  const { config, stateDir, version, newId, port, late, log } = start;
  const { tenant, servers } = config;
  const say = (line: string): void => log('info', line);
  const progress = start.onProgress ?? (() => {});
  const schemaOf = (server: string, tool: string) =>
    late.servers && member(findTool(late.servers.catalogue(), server, tool)?.definition, 'inputSchema');
  const recordPorts = { stateDir, tenant, version, now, newId, schemaOf, onFailure: start.onFailure };
  const record = opened.adopt(await openRecord({ ...recordPorts, notice: say, onProgress: progress }), room =>
    room.close(),
  );
  const { length } = servers;
  progress(length === 0 ? 'Loading the policies' : `Starting ${length} server${length === 1 ? '' : 's'}`);
  const { journal } = record;
  const identity = opened.adopt(
    await openIdentity({
      ...{ config, stateDir, journal, newId, port, agentsUid: start.agentsUid },
      ranBefore: record.log.recovery.size > 0,
      notice: line => log('warn', line),
    }),
    room => room.close(),
  );
  const lent = opened.adopt(
    await openCredentials({
      ...{ configs: config.credentials, stateDir, tenant, journal, newId, now, log: say },
      issuer: identity.addresses.issuer,
      onSignedIn: credential => late.servers?.hurry(credential),
    }),
    room => room.broker.close(),
  );
  return { record, identity, lent };
}
