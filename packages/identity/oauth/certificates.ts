import { X509Certificate } from 'node:crypto';
import type { Clock } from '@safeguard/kernel';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { askedOf } from './asked.ts';

/** What of a certificate a client may be registered by (RFC 8705 2.1.2). */
export const certificateProperties = ['subject_dn', 'san_dns', 'san_uri', 'san_email', 'san_ip'] as const;

const labels: Readonly<Record<string, string>> = {
  tls_client_auth_san_dns: 'DNS',
  tls_client_auth_san_uri: 'URI',
  tls_client_auth_san_email: 'email',
  tls_client_auth_san_ip: 'IP Address',
};

export function shownCertificate(ctx: KoaContextWithOIDC): X509Certificate | undefined {
  const raw = askedOf(ctx)?.context.certificate?.()?.raw;
  return raw === undefined ? undefined : new X509Certificate(raw);
}

const isNow = ({ validFrom, validTo }: X509Certificate, now: number): boolean =>
  Date.parse(validFrom) <= now && now <= Date.parse(validTo);

/** Issued by one of the authorities of the settings, itself, and valid now. */
export function isAuthorized(ctx: KoaContextWithOIDC, authorities: readonly string[], clock: Clock): boolean {
  const shown = shownCertificate(ctx);
  if (shown === undefined || !isNow(shown, clock.now())) return false;
  return authorities
    .map((pem) => new X509Certificate(pem))
    .some((authority) => authority.ca && shown.checkIssued(authority) && shown.verify(authority.publicKey));
}

/** RFC 4514 writes the innermost part first, Node the outermost, one a line. */
const subjectOf = ({ subject }: X509Certificate): string => subject.split('\n').reverse().join(',');

/** A name with a comma or a quote in it is quoted by Node: such a one matches nothing, rather than something else. */
export function subjectMatches(ctx: KoaContextWithOIDC, property: string, expected: string): boolean {
  const shown = shownCertificate(ctx);
  if (shown === undefined) return false;
  if (property === 'tls_client_auth_subject_dn') return subjectOf(shown) === expected.replaceAll(/,\s+/g, ',');
  const names = shown.subjectAltName ?? '';
  const label = labels[property];
  return label !== undefined && !names.includes('"') && names.split(', ').includes(`${label}:${expected}`);
}
