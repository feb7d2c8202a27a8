/** A C2SP tlog-proof as a file, read strictly. */
export interface ProofFile {
  readonly extra: Buffer;
  readonly index: number;
  /** From the leaf's sibling to the root's child. */
  readonly proof: readonly Buffer[];
  readonly checkpoint: string;
}

const linesMax = 128;

/** The file, or in words why it is none. */
export function readProofFile(text: string): ProofFile | string {
  const end = text.indexOf('\n\n');
  if (end < 0) return 'this is no tlog-proof: there is no checkpoint in it';
  const [first, extra = '', index = '', ...hashes] = text.slice(0, end).split('\n');
  if (first !== 'c2sp.org/tlog-proof@v1') return 'this is no tlog-proof: the first line is another';
  const bytes = extra.startsWith('extra ') ? strictBase64(extra.slice(6)) : undefined;
  if (bytes === undefined) return 'the line with the entry (extra) is missing or damaged';
  if (!/^index (0|[1-9][0-9]{0,15})$/.test(index)) return 'the line with the index is missing or damaged';
  if (hashes.length > linesMax) return 'the proof is longer than any can be';
  const proof = readHashes(hashes);
  if (proof === undefined) return 'a line of the proof is not a hash';
  return { extra: bytes, index: Number(index.slice(6)), proof, checkpoint: text.slice(end + 2) };
}

/** Undefined unless each is the base64 of 32 bytes. */
export function readHashes(lines: readonly unknown[]): readonly Buffer[] | undefined {
  const hashes = lines.map(line => (typeof line === 'string' ? strictBase64(line) : undefined));
  return hashes.every(hash => hash?.length === 32) ? (hashes as Buffer[]) : undefined;
}

function strictBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
