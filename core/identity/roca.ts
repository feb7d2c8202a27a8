/**
 * RSA keys that certain chips made (CVE-2017-15361) are powers of 65537 modulo small primes, and can be factored. The
 * test is that of its finders: a sound key passes it with a probability of about 2⁻²⁷.
 */
const primes = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157] as const;

const powers: ReadonlyMap<number, ReadonlySet<number>> = new Map(
  primes.map(prime => {
    const reached = new Set<number>();
    for (let power = 1; !reached.has(power); power = (power * 65_537) % prime) reached.add(power);
    return [prime, reached];
  }),
);

/** `modulus` as big-endian bytes. */
export function looksFactorable(modulus: Uint8Array): boolean {
  return primes.every(prime => {
    let rest = 0;
    for (const byte of modulus) rest = (rest * 256 + byte) % prime;
    return powers.get(prime)?.has(rest) ?? false;
  });
}
