import { createHmac } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, exportSPKI, type JWTPayload, jwtVerify } from 'jose';
import { createConnections, type OidcProvider } from '../../federation/oidc/connect.ts';
import { readLogoutToken } from '../../federation/oidc/logout-token.ts';
import { redeem } from '../../federation/oidc/redeem.ts';
import { createProviderRows } from '../../federation/providers/rows.ts';
import type { OidcSettings } from '../../federation/types.ts';
import { base, type House } from './house.ts';
import { client_secret, publicKey, type Stub } from './stub-idp.ts';

const pem = await exportSPKI(publicKey);

/** Lets the header choose the algorithm, and takes for its key what text is at hand: our secret, or a public key. */
export function headerChoosing(token: string): JWTPayload | undefined {
  const { alg } = decodeProtectedHeader(token);
  const [head, body, signature] = token.split('.');
  const holds = (key: string) => createHmac('sha256', key).update(`${head}.${body}`).digest('base64url') === signature;
  const isTaken = alg === 'none' || (alg === 'HS256' && [client_secret, pem].some(holds));
  return isTaken ? decodeJwt(token) : undefined;
}

/** Believes the key that a token brings in its header, or the one that is handed in. */
export const believingKey = async (token: string, given?: Parameters<typeof jwtVerify>[1]): Promise<JWTPayload> =>
  (await jwtVerify(token, given ?? (decodeProtectedHeader(token).jwk as never))).payload;

/** Checks the signature, and asks for nothing beside it: whose it is, for whom, when, what for. */
export const signatureAlone = async (token: string): Promise<JWTPayload> =>
  (await jwtVerify(token, publicKey, { currentDate: new Date(decodeJwt(token).iat ?? 0) })).payload;

export interface Bent {
  readonly settings?: Partial<OidcSettings>;
  /** Of the clock, seconds. */
  readonly ahead_s?: number;
  readonly nonce?: string;
}

/** The product's own check, with one expectation bent: what it then takes was refused for that expectation alone. */
export function createBentCheck(house: House, stub: Stub, id: string) {
  const parts = async ({ settings = {}, ahead_s = 0 }: Bent) => {
    const found = (await createProviderRows(house.segment, house.deps.vault).one(id)) as OidcProvider;
    const clock = { now: () => house.clock.now() + ahead_s * 1000 };
    stub.metadata = settings.issuer === undefined ? {} : { issuer: settings.issuer };
    const provider: OidcProvider = { ...found, settings: { ...found.settings, ...settings } };
    return { provider, clock, connections: createConnections(stub.fetch, clock) };
  };
  return {
    async idToken(token: string, nonce: string, bent: Bent): Promise<string> {
      const { provider, connections } = await parts(bent);
      stub.id_token = token;
      const secrets = { verifier: 'v'.repeat(43), nonce: bent.nonce ?? nonce };
      const came = { query: new URLSearchParams({ code: 'c', state: 's' }), state: 's', secrets };
      try {
        return (await redeem(connections, provider, base, came)).subject;
      } finally {
        stub.metadata = {};
      }
    },
    async logoutToken(token: string, bent: Bent): Promise<string> {
      const { provider, clock, connections } = await parts(bent);
      try {
        return (await readLogoutToken(connections, clock, provider, token)).subject;
      } finally {
        stub.metadata = {};
      }
    },
  };
}
