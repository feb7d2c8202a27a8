import { fileStore, type KeychainHost, type KeyStore, keychainMissing, keychainStore } from '../clients/key-store.ts';
import { type Given, text } from '../command.ts';
import { CliError, usageError } from '../exit.ts';

export const keysOption = {
  flags: '--keys <store>',
  text: 'where keys go: `keychain` or `file` (default: the keychain, where there is one that answers)',
};

export interface ChosenKeys {
  readonly store: KeyStore;
  /** Why no keychain is used, once somebody asked for a place. */
  readonly why: () => string | undefined;
}

/** A keychain is only looked for when there is a key to keep. Throws where one was asked for and there is none. */
export function chosenKeys(given: Given, host: KeychainHost, folder: string): ChosenKeys {
  const wanted = text(given, 'keys');
  if (wanted !== undefined && wanted !== 'keychain' && wanted !== 'file')
    throw usageError('--keys is `keychain` or `file`', 'sallyport wrap --keys file');
  const [files, keychain] = [fileStore(folder), keychainStore(given.stateDir)];
  let why: string | undefined;
  let chosen = wanted === 'file' ? files : undefined;
  const choose = (): KeyStore => {
    why = keychainMissing(host);
    if (why !== undefined && wanted === 'keychain')
      throw new CliError('keychain', `no keychain can be used: ${why}`, 'Keep keys in private files: --keys file');
    return why === undefined ? keychain : files;
  };
  return {
    store: credential => {
      chosen ??= choose();
      return chosen(credential);
    },
    why: () => why,
  };
}
