import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { homeOf } from '../home.ts';

/** A unit of systemd: what it is called to, and what stands in it. Whatever it needs is absolute. */
export interface Service {
  /** `user`: runs as whoever installed it. `system`: under an account of its own. */
  readonly scope: 'user' | 'system';
  readonly file: string;
  readonly text: string;
  readonly stateDir: string;
}

export const unitName = 'sallyport.service';
/** A system service's own user and group, and the name of its state directory. */
export const account = 'sallyport';
export const mark = '# Written by `sallyport up --service`; `sallyport down --service` takes it away.';
export const launcher = fileURLToPath(new URL('../bin/sallyport.js', import.meta.url));

/** It starts with the session of its user and is started again when it fails. */
export function userService(env: NodeJS.ProcessEnv, config: string, stateDir: string): Service {
  const home = env.XDG_CONFIG_HOME?.startsWith('/') ? env.XDG_CONFIG_HOME : join(homeOf(env), '.config');
  const text = unit({
    start: started(config, stateDir),
    service: [],
    wantedBy: 'default.target',
  });
  return { scope: 'user', file: join(home, 'systemd', 'user', unitName), text, stateDir };
}

/**
 * It starts with the machine, as a user that nobody else is. Servers that it starts run inside the same bounds. `root`: the
 * machine's own folders lie below it.
 */
export function systemService(config: string, agentsUid: number, root: string): Service {
  const stateDir = `/var/lib/${account}`;
  const text = unit({
    start: [...started(config, stateDir), '--agents-uid', String(agentsUid)],
    service: [
      `User=${account}`,
      `Group=${account}`,
      `StateDirectory=${account}`,
      'StateDirectoryMode=0700',
      `Environment=HOME=${stateDir}`,
      `WorkingDirectory=${stateDir}`,
      'CapabilityBoundingSet=',
      'ProtectSystem=strict',
      'ProtectHome=yes',
      'PrivateTmp=yes',
      'PrivateDevices=yes',
      'ProtectProc=invisible',
      'ProtectClock=yes',
      'ProtectHostname=yes',
      'ProtectKernelLogs=yes',
      'ProtectKernelModules=yes',
      'ProtectKernelTunables=yes',
      'ProtectControlGroups=yes',
      'RestrictNamespaces=yes',
      'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
      // No MemoryDenyWriteExecute: Node.js compiles what it runs.
      'SystemCallFilter=@system-service',
      'SystemCallFilter=~@privileged @resources',
      'SystemCallErrorNumber=EPERM',
      'RemoveIPC=yes',
      'KeyringMode=private',
    ],
    unit: ['After=network-online.target', 'Wants=network-online.target'],
    wantedBy: 'multi-user.target',
  });
  return {
    scope: 'system',
    file: join(root, 'etc', 'systemd', 'system', unitName),
    text,
    stateDir: join(root, stateDir),
  };
}

function started(config: string, stateDir: string): readonly string[] {
  return [process.execPath, launcher, 'up', '--foreground', '--config', config, '--state', stateDir];
}

interface Parts {
  readonly start: readonly string[];
  readonly service: readonly string[];
  readonly unit?: readonly string[];
  readonly wantedBy: string;
}

function unit({ start, service, unit: more = [], wantedBy }: Parts): string {
  const lines = [
    mark,
    '[Unit]',
    'Description=Sallyport: decides every action of an AI agent as it is made',
    ...more,
    'StartLimitIntervalSec=120',
    'StartLimitBurst=5',
    '',
    '[Service]',
    // It is started once it answers, and says so by `systemd-notify`, a process of its own.
    'Type=notify',
    'NotifyAccess=all',
    `ExecStart=${start.map(unitWord).join(' ')}`,
    'Restart=on-failure',
    'RestartSec=2',
    // Wrong words and a configuration that cannot be read stay wrong.
    'RestartPreventExitStatus=2',
    'TimeoutStartSec=90',
    'TimeoutStopSec=30',
    // The gateway ends its servers itself, in order; one that runs out of memory does not take it along.
    'KillMode=mixed',
    'OOMPolicy=continue',
    'UMask=0077',
    'LimitCORE=0',
    'NoNewPrivileges=yes',
    'LockPersonality=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'SystemCallArchitectures=native',
    ...service,
    '',
    '[Install]',
    `WantedBy=${wantedBy}`,
    '',
  ];
  return lines.join('\n');
}

/** A word of a command line in a unit: `%` and `$` would be replaced (systemd.service, "Command lines"). */
function unitWord(word: string): string {
  const plain = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@%+=:,./-]+$/.test(plain) ? plain : `"${plain}"`;
}
