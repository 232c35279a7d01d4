import { randomBytes } from 'node:crypto';

/** What browsers keep: 32 random bytes each, in the database as SHA-256 alone (see ../secrets.ts for why). */
const random = (): string => randomBytes(32).toString('base64url');

/** The value of the session cookie. */
export const newSessionSecret = (): string => `sgn_${random()}`;
/** The value of the device cookie. */
export const newDeviceSecret = (): string => `sgd_${random()}`;
export const isSessionSecret = (text: string): boolean => /^sgn_[A-Za-z0-9_-]{43}$/.test(text);
export const isDeviceSecret = (text: string): boolean => /^sgd_[A-Za-z0-9_-]{43}$/.test(text);
