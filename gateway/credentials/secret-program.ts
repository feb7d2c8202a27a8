/** Programs that people keep secrets in, by the command lines that they document. No secret is ever in an argument. */
export type SecretKeeper =
  /** The operating system's own: Keychain on macOS, the Secret Service on Linux, SecretManagement on Windows. */
  | { readonly kind: 'keychain'; readonly service: string; readonly account: string }
  /** 1Password: `op://vault/item/field`. */
  | { readonly kind: 'one-password'; readonly reference: string }
  /** HashiCorp Vault, key/value engine. */
  | { readonly kind: 'vault'; readonly mount: string; readonly path: string; readonly field: string };

export interface SecretProgram {
  readonly argv: readonly string[];
  /** Beside the gateway's own environment, where these programs find who is signed in. */
  readonly env?: Readonly<Record<string, string>>;
  /** What went wrong, from how it ended and what it said. What it said is never repeated: it may hold a secret. */
  readonly why: (exitCode: number | undefined, complaint: string) => string | undefined;
}

export function programFor(keeper: SecretKeeper, platform: NodeJS.Platform = process.platform): SecretProgram {
  switch (keeper.kind) {
    case 'keychain':
      return keychain(keeper, platform);
    case 'one-password':
      return {
        argv: ['op', 'read', '--no-newline', keeper.reference],
        why: (_code, complaint) => {
          if (
            /not (?:currently )?signed in|no accounts? configured|session expired|authorization timeout/i.test(
              complaint,
            )
          )
            return 'nobody is signed in to 1Password: `op signin`, or OP_SERVICE_ACCOUNT_TOKEN for the gateway';
          return /isn't an item|isn't a vault|isn't a field|could not find|no item found/i.test(complaint)
            ? '1Password has nothing at this reference'
            : undefined;
        },
      };
    case 'vault':
      return {
        argv: ['vault', 'kv', 'get', `-mount=${keeper.mount}`, `-field=${keeper.field}`, keeper.path],
        why: (_code, complaint) => {
          if (/permission denied|missing client token|invalid token/i.test(complaint))
            return 'Vault does not let the gateway read it: look at its token and policies';
          if (/connection refused|no such host|i\/o timeout|server gave HTTP response/i.test(complaint))
            return 'Vault cannot be reached: look at VAULT_ADDR of the gateway';
          if (/sealed/i.test(complaint)) return 'Vault is sealed';
          return /no value found|not present in secret|no secret exists/i.test(complaint)
            ? 'Vault has nothing at this path, or not this field'
            : undefined;
        },
      };
  }
}

function keychain(
  { service, account }: { readonly service: string; readonly account: string },
  platform: NodeJS.Platform,
): SecretProgram {
  const none = 'the keychain has no such item';
  if (platform === 'darwin')
    return {
      argv: ['security', 'find-generic-password', '-w', '-s', service, '-a', account],
      // errSecItemNotFound and errSecInteractionNotAllowed, as `security` ends with them.
      why: code =>
        code === 44 ? none : code === 36 ? 'the keychain is locked, and nobody is there to open it' : undefined,
    };
  if (platform === 'win32')
    return {
      argv: [
        'powershell.exe',
        '-NoProfile',
        '-NonInteractive',
        '-Command',
        'Get-Secret -AsPlainText -Name $env:SALLYPORT_SECRET',
      ],
      env: { SALLYPORT_SECRET: `${service}/${account}` },
      why: (_code, complaint) => {
        if (/is not recognized|CommandNotFound/i.test(complaint))
          return 'PowerShell’s SecretManagement is not installed: Install-Module Microsoft.PowerShell.SecretManagement';
        return /was not found/i.test(complaint) ? none : undefined;
      },
    };
  return {
    argv: ['secret-tool', 'lookup', 'service', service, 'account', account],
    why: (code, complaint) => {
      if (/cannot autolaunch|not provided by any|org\.freedesktop\.secrets|could not connect/i.test(complaint))
        return 'no Secret Service runs in the gateway’s session';
      return code === 1 && complaint.trim() === '' ? none : undefined;
    },
  };
}
