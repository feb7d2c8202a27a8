import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** X.509 certificates for tests, DER by hand (RFC 5280 §4.1): P-256 keys, ECDSA with SHA-256. */
export interface Certified {
  readonly der: Buffer;
  readonly pem: string;
  readonly key: KeyObject;
  readonly keyPem: string;
  readonly name: string;
}

export interface CertificateTerms {
  readonly name: string;
  readonly issuer?: Certified;
  readonly ca?: boolean;
  /** Names of the subject: `URI:spiffe://…`, `DNS:…`, `IP:127.0.0.1`. */
  readonly names?: readonly string[];
  readonly from?: Date;
  readonly until?: Date;
  /** False: it does not say what its key may be used for. */
  readonly keyUsage?: false;
}

const hour = 3_600_000;

export function certify(terms: CertificateTerms): Certified {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { name, issuer, ca = false, names = [] } = terms;
  const from = terms.from ?? new Date(Date.now() - hour);
  const until = terms.until ?? new Date(Date.now() + hour);
  const extensions = [
    extension('551d13', true, sequence(ca ? der(0x01, Buffer.from([0xff])) : Buffer.alloc(0))),
    ...(terms.keyUsage === false
      ? []
      : [extension('551d0f', true, der(0x03, Buffer.from(ca ? [0x01, 0x06] : [0x07, 0x80])))]),
    ...(names.length === 0 ? [] : [extension('551d11', false, sequence(...names.map(alternative)))]),
  ];
  const body = sequence(
    ...[der(0xa0, der(0x02, Buffer.from([2]))), der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)]))],
    ...[ecdsaSha256, nameOf(issuer?.name ?? name), sequence(time(from), time(until)), nameOf(name)],
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, issuer?.key ?? privateKey);
  const whole = sequence(body, ecdsaSha256, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const text = whole.toString('base64').replace(/(.{64})/g, '$1\n');
  return {
    ...{ der: whole, key: privateKey, name, keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
    pem: `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`,
  };
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const bytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

const objectId = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const ecdsaSha256 = sequence(objectId('2a8648ce3d040302'));

function nameOf(text: string): Buffer {
  return sequence(der(0x31, sequence(objectId('550403'), der(0x0c, Buffer.from(text)))));
}

function time(date: Date): Buffer {
  const text = date.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return der(0x18, Buffer.from(`${text}Z`));
}

function extension(oid: string, critical: boolean, content: Buffer): Buffer {
  const flag = critical ? [der(0x01, Buffer.from([0xff]))] : [];
  return sequence(objectId(oid), ...flag, der(0x04, content));
}

function alternative(text: string): Buffer {
  const [kind, value = ''] = text.split(/:(.*)/s, 2);
  if (kind === 'IP') return der(0x87, Buffer.from(value.split('.').map(Number)));
  return der(kind === 'URI' ? 0x86 : 0x82, Buffer.from(value));
}
