import { hash, randomBytes } from 'node:crypto';

/**
 * Client secrets (`sgs_…`), access tokens (`sgt_…`) and refresh tokens (`sgr_…`): 32 random bytes in base64url after a
 * prefix by which a secret scanner, or a person reading a leaked file, recognises them.
 *
 * They are kept as plain SHA-256. A slow, salted hash (argon2id) protects what a person chose and an attacker can
 * guess; 256 random bits cannot be guessed, so there is nothing to slow down, and a token is checked at every request.
 */
const secretForm = /^sgs_[A-Za-z0-9_-]{43}$/;
const tokenForm = /^sgt_[A-Za-z0-9_-]{43}$/;
const refreshForm = /^sgr_[A-Za-z0-9_-]{43}$/;

const random = (): string => randomBytes(32).toString('base64url');

export const newSecret = (): string => `sgs_${random()}`;
export const newToken = (): string => `sgt_${random()}`;
export const newRefreshToken = (): string => `sgr_${random()}`;
export const isSecret = (text: string): boolean => secretForm.test(text);
export const isToken = (text: string): boolean => tokenForm.test(text);
export const isRefreshToken = (text: string): boolean => refreshForm.test(text);

/** The 32 bytes that stand in the database for a secret or a token. */
export const sha256 = (text: string): Buffer => hash('sha256', text, 'buffer');
