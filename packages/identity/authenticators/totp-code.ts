import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

/** RFC 6238 with what every authenticator app knows. */
const period_s = 30;
const issuer = 'Safeguard';
/** RFC 6238 5.2: one step of a clock that is wrong, either way. */
const window = [-1, 0, 1];

const totpOf = (secret: string, label = ''): TOTP =>
  new TOTP({ issuer, label, algorithm: 'SHA1', digits: 6, period: period_s, secret: Secret.fromBase32(secret) });

/** 20 random bytes in base32: RFC 4226 4 asks 16 at least, and recommends 20. */
export function newTotpSecret(): string {
  return new Secret({ buffer: new Uint8Array(randomBytes(20)).buffer }).base32;
}

/** `otpauth://totp/…`: what the QR code holds. */
export const totpUri = (secret: string, login: string): string => totpOf(secret, login).toString();

const digits = (code: unknown): string | undefined => {
  const plain = typeof code === 'string' && code.length <= 20 ? code.replace(/[\s-]/g, '') : '';
  return /^\d{6}$/.test(plain) ? plain : undefined;
};

/**
 * The step whose code was given, of those around now and after `last_step`; undefined: none. All steps are computed and
 * compared in constant time, whichever is right.
 */
export function stepOfCode(secret: string, code: unknown, now_ms: number, last_step = -1): number | undefined {
  const given = digits(code);
  if (given === undefined) return undefined;
  const totp = totpOf(secret);
  const now = Math.floor(now_ms / 1000 / period_s);
  const right = window
    .map((offset) => now + offset)
    .filter((step) => {
      const expected = totp.generate({ timestamp: step * period_s * 1000 });
      return timingSafeEqual(Buffer.from(expected), Buffer.from(given)) && step > last_step;
    });
  return right[0];
}
