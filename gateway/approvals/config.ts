import { resolve } from 'node:path';
import { staysOnThisMachine } from '@sallyport/core/facts/url.ts';
import type { Fields } from '../yaml/fields.ts';

/** `approvals:` of the configuration file. */
export interface ApprovalConfig {
  /** Group → names of its people, besides those whom an identity provider puts there. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Who is away → who answers for them. */
  readonly deputies: ReadonlyMap<string, readonly string[]>;
  /** In the order in which they are tried. */
  readonly channels: readonly ChannelConfig[];
  /** How long a call is held for an answer before it is refused. */
  readonly heldSecondsMax: {
    /** Where its client hears of progress meanwhile: it knows that it waits. */
    readonly told: number;
    readonly untold: number;
  };
}

const waitSecondsMax = 300;
/** Where nothing is configured: shorter than the shortest time after which a client gives up. */
const waitSecondsDefault = 25;

export interface ChannelConfig {
  readonly id: string;
  /** `webhook`: our signed JSON. `slack`: what Slack-compatible incoming webhooks take. */
  readonly kind: 'webhook' | 'slack';
  /** Slack's address is a secret by itself, so it lies in a file; so may that of a webhook. */
  readonly url: { readonly value: string } | { readonly file: string };
  /** The key of a webhook's signatures. */
  readonly secretFile: string | undefined;
  /** Whether arguments and the purpose are sent along. */
  readonly content: boolean;
  /** Who alone reads it: links in its messages let them answer without signing in. Undefined: whoever follows one signs in. */
  readonly person: string | undefined;
}

export const noApprovalConfig: ApprovalConfig = {
  groups: new Map(),
  deputies: new Map(),
  channels: [],
  heldSecondsMax: { told: waitSecondsDefault, untold: 0 },
};

export function readApprovalConfig(root: Fields, folder: string): ApprovalConfig {
  const fields = root.fields('approvals');
  const seconds = fields.integer('waitSeconds', 0, waitSecondsMax);
  const config: ApprovalConfig = {
    groups: namesOf(fields.fields('groups')),
    deputies: namesOf(fields.fields('deputies')),
    channels: channelsOf(fields.fields('channels'), folder),
    heldSecondsMax: seconds === undefined ? noApprovalConfig.heldSecondsMax : { told: seconds, untold: seconds },
  };
  fields.done();
  return config;
}

function namesOf(fields: Fields): Map<string, readonly string[]> {
  return new Map(
    fields.names().map(name => {
      const people = fields.strings(name) ?? [];
      if (people.length === 0) throw fields.wrong(name, 'names nobody');
      return [name, people];
    }),
  );
}

function channelsOf(all: Fields, folder: string): ChannelConfig[] {
  return all.each(id => {
    const fields = all.fields(id);
    const kind = fields.oneOf('kind', ['webhook', 'slack']);
    if (kind === undefined) throw fields.wrong('kind', 'is required: webhook or slack');
    const secret = fields.string('secretFile');
    if (kind === 'webhook' && secret === undefined)
      throw fields.wrong('secretFile', 'is required: what is sent is signed with it');
    const channel: ChannelConfig = {
      id,
      kind,
      url: addressOf(fields, folder),
      secretFile: secret === undefined ? undefined : resolve(folder, secret),
      content: fields.boolean('content') ?? false,
      person: fields.string('person'),
    };
    fields.done();
    return channel;
  });
}

function addressOf(fields: Fields, folder: string): ChannelConfig['url'] {
  const [value, file] = [fields.string('url'), fields.string('urlFile')];
  if ((value === undefined) === (file === undefined)) throw fields.wrong('url', 'needs exactly one of url and urlFile');
  if (file !== undefined) return { file: resolve(folder, file) };
  if (!isChannelAddress(value ?? '')) throw fields.wrong('url', 'must be an https address, or http on this machine');
  return { value: value ?? '' };
}

/** Questions say what agents are about to do: in the clear they stay on this machine. */
export function isChannelAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && staysOnThisMachine(url.hostname));
}
