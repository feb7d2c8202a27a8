import { resolve } from 'node:path';
import type { Fields } from '../yaml/fields.ts';
import type { SecretPlace } from './secret-source.ts';

const ways = ['file', 'env', 'command', 'keychain', 'onePassword', 'vault'] as const;
const all = '`file`, `env`, `command`, `keychain`, `onePassword` and `vault`';

/** A place of a secret below `field`. */
export function placeAt(fields: Fields, field: string, folder: string): SecretPlace {
  if (!fields.has(field)) throw fields.wrong(field, `is required: one of ${all}`);
  const place = fields.fields(field);
  const read = placeOf(place, folder);
  place.done();
  return read;
}

/** A secret is never written into the configuration itself. */
export function placeOf(fields: Fields, folder: string): SecretPlace {
  const given = ways.filter(name => fields.has(name));
  const [first] = given;
  if (first === undefined || given.length > 1) throw fields.wrong('file', `needs exactly one of ${all}`);
  switch (first) {
    case 'file':
      return { kind: 'file', file: resolve(folder, fields.required('file')) };
    case 'env':
      return { kind: 'env', variable: fields.required('env') };
    case 'command': {
      const argv = fields.strings('command') ?? [];
      if (argv.length === 0) throw fields.wrong('command', 'must be a list: the program and its words');
      return { kind: 'command', argv };
    }
    case 'keychain': {
      const item = fields.fields('keychain');
      const place = { service: word(item, 'service'), account: word(item, 'account') };
      item.done();
      return { kind: 'keychain', ...place };
    }
    case 'onePassword': {
      const reference = fields.required('onePassword');
      if (!/^op:\/\/[^/]+\/[^/]+\/.+$/.test(reference))
        throw fields.wrong('onePassword', 'must be a secret reference: op://VAULT/ITEM/FIELD');
      return { kind: 'one-password', reference };
    }
    case 'vault': {
      const item = fields.fields('vault');
      const place = { mount: item.string('mount') ?? 'secret', path: word(item, 'path'), field: word(item, 'field') };
      item.done();
      return { kind: 'vault', ...place };
    }
  }
}

/** It becomes a word of a command line: one that begins with `-` would be taken for an option. */
function word(fields: Fields, name: string): string {
  const text = fields.required(name);
  if (text.startsWith('-') || /\p{C}/u.test(text))
    throw fields.wrong(name, 'must be plain text, and not begin with `-`');
  return text;
}
