import { randomBytes } from 'node:crypto';

/** The value of the flow cookie: 32 random bytes, in the database as SHA-256 alone (see ../secrets.ts for why). */
export const newFlowSecret = (): string => `sgf_${randomBytes(32).toString('base64url')}`;
export const isFlowSecret = (text: string): boolean => /^sgf_[A-Za-z0-9_-]{43}$/.test(text);
