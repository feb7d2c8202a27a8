import { isWellMade } from '@sallyport/gateway/secret/secret.ts';
import type { Given, Option } from '../command.ts';
import { namedFile } from './named-file.ts';

/** The file of `--token-file`. A token that it holds gives way to the newer one. */
export function tokenFile(given: Given): Promise<string | undefined> {
  return namedFile(given, 'tokenFile', held => isWellMade('spt', held.trimEnd()) || isWellMade('spa', held.trimEnd()));
}

export const tokenFileOption: Option = {
  flags: '--token-file <file>',
  text: 'write the token there (mode 0600) instead of showing it',
};
