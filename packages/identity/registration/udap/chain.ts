import { X509Certificate } from 'node:crypto';
import { extensionsOf, hasUsage, pathLengthOf } from './der.ts';

const mostCertificates = 5;
const longest_bytes = 8_192;
const leastRsa_bits = 2_048;
const curves = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

const basicConstraints = '551d13';
const keyUsage = '551d0f';
/**
 * The critical extensions whose meaning is heeded here (RFC 5280 4.2: any other must refuse the certificate; name and
 * policy constraints are not understood and so refuse). Subject alternative name, extended key usage, policies say
 * nothing that widens.
 */
const understood = new Set([basicConstraints, keyUsage, '551d11', '551d25', '551d20']);

const digitalSignature = 0;
const keyCertSign = 5;

/** Reads the header's certificates; undefined: too many, too long, not base64 DER. */
export function readChain(x5c: unknown): X509Certificate[] | undefined {
  const sound =
    Array.isArray(x5c) &&
    x5c.length >= 1 &&
    x5c.length <= mostCertificates &&
    x5c.every((one) => typeof one === 'string' && one.length <= longest_bytes && /^[A-Za-z0-9+/]+={0,2}$/.test(one));
  if (!sound) return undefined;
  try {
    return x5c.map((one: string) => new X509Certificate(Buffer.from(one, 'base64')));
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

const isNow = ({ validFrom, validTo }: X509Certificate, now: number): boolean =>
  Date.parse(validFrom) <= now && now <= Date.parse(validTo);

function isStrong({ publicKey: { asymmetricKeyType, asymmetricKeyDetails = {} } }: X509Certificate): boolean {
  if (asymmetricKeyType === 'rsa') return (asymmetricKeyDetails.modulusLength ?? 0) >= leastRsa_bits;
  return asymmetricKeyType === 'ec' && curves.has(asymmetricKeyDetails.namedCurve ?? '');
}

const weak = /sha1|md5|md2/i;
const signatureOf = (certificate: X509Certificate): string =>
  (certificate as X509Certificate & { readonly signatureAlgorithm?: string }).signatureAlgorithm ?? '';

/** What holds of every certificate of a path. */
const isSound = (certificate: X509Certificate, now: number): boolean =>
  isNow(certificate, now) &&
  isStrong(certificate) &&
  !weak.test(signatureOf(certificate)) &&
  [...extensionsOf(certificate.raw)].every(([oid, { critical }]) => !critical || understood.has(oid));

const mayUse = (certificate: X509Certificate, bit: number): boolean => {
  const usage = extensionsOf(certificate.raw).get(keyUsage);
  return usage === undefined || hasUsage(usage.value, bit);
};

/** An authority with `below` other authorities between itself and the leaf. */
function mayIssue(certificate: X509Certificate, below: number): boolean {
  const constraints = extensionsOf(certificate.raw).get(basicConstraints);
  if (!certificate.ca || constraints === undefined || !mayUse(certificate, keyCertSign)) return false;
  return below <= (pathLengthOf(constraints.value) ?? Number.POSITIVE_INFINITY);
}

const isIssuedBy = (one: X509Certificate, authority: X509Certificate): boolean =>
  one.checkIssued(authority) && one.verify(authority.publicKey);

/** The path from the leaf to one of the anchors, which is its end and may be left out by the sender. */
function pathTo(chain: readonly X509Certificate[], anchors: readonly X509Certificate[]): X509Certificate[] | undefined {
  const own = chain.findIndex((one) => anchors.some(({ raw }) => raw.equals(one.raw)));
  const sent = own === -1 ? chain : chain.slice(0, own);
  const last = sent.at(-1);
  const anchor = last === undefined ? undefined : anchors.find((one) => isIssuedBy(last, one));
  return anchor === undefined ? undefined : [...sent, anchor];
}

export interface Trusted {
  readonly leaf: X509Certificate;
  readonly anchor: X509Certificate;
}

/**
 * The leaf when the certificates lead from it to an anchor (RFC 5280 6.1, without policies, name constraints and
 * revocation lists): each issued and signed by the next, all valid now, every issuer an authority that may issue, as
 * many between as it may have, and a leaf that is none and may sign. With the anchor: who is who is its word alone.
 */
export function trustedLeaf(
  chain: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
  now: number,
): Trusted | undefined {
  try {
    const path = pathTo(chain, anchors);
    const [leaf, ...issuers] = path ?? [];
    if (path === undefined || leaf === undefined || leaf.ca || !mayUse(leaf, digitalSignature)) return undefined;
    const sound =
      path.every((one) => isSound(one, now)) &&
      issuers.every((issuer, index) => mayIssue(issuer, index) && isIssuedBy(path[index] as X509Certificate, issuer));
    return sound ? { leaf, anchor: path.at(-1) as X509Certificate } : undefined;
  } catch (error) {
    // What cannot be read is trusted no more than what cannot be proven.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** URIs among the subject's alternative names. Node quotes a name that could be read as two: then there are none. */
export function urisOf({ subjectAltName = '' }: X509Certificate): string[] {
  if (subjectAltName.includes('"')) return [];
  return subjectAltName
    .split(', ')
    .filter((name) => name.startsWith('URI:'))
    .map((name) => name.slice('URI:'.length));
}
