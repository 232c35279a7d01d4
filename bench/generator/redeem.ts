import type { Ask, Script } from './plan.ts';
import type { Keep, Turn } from './turns.ts';

/** The refresh token of a token endpoint's answer. */
export function refreshTokenIn(text: string): string {
  const { refresh_token } = JSON.parse(text) as { refresh_token?: string };
  if (refresh_token === undefined) throw new Error('an answer without a refresh token');
  return refresh_token;
}

/** Each request once, whichever connection is free. */
export function redeem({ asks }: Extract<Script, { name: 'redeem' }>, keep: Keep): () => Turn {
  const left = asks.values();
  return function* () {
    for (const ask of left) keep((yield ask).body.toString());
  };
}

const withToken = (ask: Ask, token: string): Ask => ({
  ...ask,
  body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token }).toString(),
});

/** Each answer has the token of the next request. */
export function refresh({ ask, tokens }: Extract<Script, { name: 'refresh' }>): (connection: number) => Turn {
  return function* (connection) {
    for (let token = tokens[connection]; token !== undefined; )
      token = refreshTokenIn((yield withToken(ask, token)).body.toString());
  };
}
