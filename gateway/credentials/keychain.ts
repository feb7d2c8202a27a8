import { programFor } from './secret-program.ts';

/** An item of the operating system's own keychain. */
export interface KeychainItem {
  readonly service: string;
  readonly account: string;
}

/** A program to run without a shell. The secret goes to its standard input: whoever lists processes reads arguments. */
export interface KeychainCall {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export function reading(item: KeychainItem, platform: NodeJS.Platform): KeychainCall {
  const { argv, env } = programFor({ kind: 'keychain', ...item }, platform);
  return { argv, ...(env === undefined ? {} : { env }) };
}

/** Keeps a secret under this name, in place of one that is there. */
export function keeping({ service, account }: KeychainItem, secret: string, platform: NodeJS.Platform): KeychainCall {
  switch (platform) {
    case 'darwin':
      // `-i` takes its commands from standard input, and `-X` the secret in hexadecimal, so that nothing in it is read as words.
      return {
        argv: ['security', '-i'],
        input: `add-generic-password -U -s ${service} -a ${account} -X ${Buffer.from(secret).toString('hex')}\n`,
      };
    case 'win32':
      return powershell(
        'Set-Secret -Name $env:SALLYPORT_SECRET -Secret ([Console]::In.ReadToEnd())',
        service,
        account,
        secret,
      );
    default:
      return {
        argv: ['secret-tool', 'store', '--label', `${service} ${account}`, 'service', service, 'account', account],
        input: secret,
      };
  }
}

export function dropping({ service, account }: KeychainItem, platform: NodeJS.Platform): KeychainCall {
  switch (platform) {
    case 'darwin':
      return { argv: ['security', 'delete-generic-password', '-s', service, '-a', account] };
    case 'win32':
      return powershell('Get-SecretInfo -Name $env:SALLYPORT_SECRET | Remove-Secret', service, account);
    default:
      return { argv: ['secret-tool', 'clear', 'service', service, 'account', account] };
  }
}

function powershell(script: string, service: string, account: string, input?: string): KeychainCall {
  return {
    argv: ['powershell.exe', '-NoProfile', '-NonInteractive', '-Command', script],
    env: { SALLYPORT_SECRET: `${service}/${account}` },
    ...(input === undefined ? {} : { input }),
  };
}
