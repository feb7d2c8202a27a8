import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readPrivate } from '../secret/private-file.ts';
import { ConfigError } from '../yaml/fields.ts';
import { type ChannelConfig, isChannelAddress } from './config.ts';
import { type Notice, slackMessage, webhookBody } from './notice.ts';

/**
 * A way to tell people that a question waits. It carries words out and never an answer in: whoever is told looks at the
 * question on its own page and answers there. Rejects, in words without secrets, where the message was not taken.
 */
export interface Channel {
  readonly id: string;
  /** Who alone reads it. */
  readonly person?: string | undefined;
  readonly send: (notice: Notice) => Promise<void>;
}

const sendMillisMax = 5_000;

export interface ChannelPorts {
  readonly now: () => number;
  readonly fetch: typeof fetch;
}

export function createChannel(config: ChannelConfig, { now, fetch }: ChannelPorts): Channel {
  return {
    id: config.id,
    person: config.person,
    send: async notice => {
      const body = config.kind === 'slack' ? slackMessage(notice, config.content) : webhookBody(notice, config.content);
      const headers = {
        'content-type': 'application/json',
        ...(config.secretFile === undefined ? {} : signed(body, keyIn(config.secretFile), now())),
      };
      const signal = AbortSignal.timeout(sendMillisMax);
      // A redirect would carry the message to where nobody configured it.
      const init: RequestInit = { method: 'POST', headers, body, signal, redirect: 'error' };
      const response = await fetch(addressOf(config), init).catch(() => {
        throw new Error(signal.aborted ? `did not answer within ${sendMillisMax / 1_000} s` : 'cannot be reached');
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`answered with HTTP ${response.status}`);
    },
  };
}

/** At the start, while somebody looks: later only a question would find out that nobody can be told of it. */
export function requireFiles(config: ChannelConfig): void {
  try {
    if (config.secretFile !== undefined) keyIn(config.secretFile);
    addressOf(config);
  } catch (thrown) {
    throw new ConfigError(
      `\`approvals.channels.${config.id}\` ${thrown instanceof Error ? thrown.message : 'cannot be used'}`,
    );
  }
}

/**
 * `Sallyport-Signature: t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>", hex>`. The time is part of what is signed, so that
 * an old message cannot be sent again as a new one.
 */
function signed(body: string, key: string, now: number): Record<string, string> {
  const seconds = Math.floor(now / 1_000);
  const mac = createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex');
  return { 'sallyport-signature': `t=${seconds},v1=${mac}` };
}

/** Read for each message, so that a key can be changed without a restart. */
function keyIn(file: string): string {
  const key = readPrivate(file)?.trim();
  if (key === undefined || key.length < 32)
    throw new Error(`has no signing key of at least 32 characters in ${file}; make one: openssl rand -base64 48`);
  return key;
}

function addressOf({ url }: ChannelConfig): string {
  if ('value' in url) return url.value;
  const text = existsSync(url.file) ? readFileSync(url.file, 'utf8').trim() : '';
  if (!isChannelAddress(text)) throw new Error(`has no https address in ${url.file}`);
  return text;
}
