import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { addressOf, asset } from '@safeguard/http';

/** The browser's half of WebAuthn, as bundled. The package names its entry alone: the way goes from there. */
const webauthn = (): Buffer => {
  const entry = createRequire(import.meta.url).resolve('@simplewebauthn/browser');
  return readFileSync(join(dirname(entry), '..', 'dist', 'bundle', 'index.umd.min.js'));
};
const own = readFileSync(new URL('./assets/passkey.js', import.meta.url));

export const passkeyAsset = asset(
  'passkey',
  'js',
  'text/javascript; charset=utf-8',
  Buffer.concat([webauthn(), Buffer.from('\n'), own]),
);
/** Its address, for `page`. */
export const passkeyScript = addressOf(passkeyAsset);
