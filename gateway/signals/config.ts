import { resolve } from 'node:path';
import { type KeySource, keySource } from '../identity/trust-config.ts';
import type { Fields } from '../yaml/fields.ts';
import { isOutsideUrl, outsideUrlRule } from '../yaml/outside-url.ts';

/** A transmitter of security events that is believed: one entry of `signals`. */
export interface SignalConfig {
  readonly name: string;
  readonly issuer: string;
  /** Whom its events have to be for; undefined: our own address for them. */
  readonly audience: string | undefined;
  readonly keys: KeySource;
  /** The transmitter's name of somebody → our principal. */
  readonly subjects: Readonly<Record<string, string>>;
  readonly poll:
    | { readonly url: string; readonly tokenFile: string | undefined; readonly everySeconds: number }
    | undefined;
}

/** The section `signals`: by name. Throws `ConfigError` naming file, line and field. */
export function signalsOf(section: Fields, folder: string): SignalConfig[] {
  return section.each(name => {
    const fields = section.fields(name);
    const issuer = fields.required('issuer');
    const config: SignalConfig = {
      name,
      issuer,
      audience: fields.string('audience'),
      keys: keySource(fields, 'keys', undefined, folder),
      subjects: fields.texts('subjects') ?? {},
      poll: pollOf(fields, folder),
    };
    fields.done();
    return config;
  });
}

function pollOf(fields: Fields, folder: string): SignalConfig['poll'] {
  if (!fields.has('poll')) return undefined;
  const poll = fields.fields('poll');
  const url = poll.required('url');
  if (!isOutsideUrl(url)) throw poll.wrong('url', outsideUrlRule);
  const tokenFile = poll.string('tokenFile');
  const everySeconds = poll.integer('everySeconds', 1, 3_600) ?? 30;
  poll.done();
  return { url, tokenFile: tokenFile === undefined ? undefined : resolve(folder, tokenFile), everySeconds };
}
