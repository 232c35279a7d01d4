import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browserOf, deviceOf } from '../../sessions/browser.ts';
import { cookieOf, cookies } from '../../sessions/cookies.ts';
import { createKnownSessions, type KnownSession } from '../../sessions/known.ts';
import { sessionCookie } from '../../sessions/types.ts';

test('cookies: this host alone, over TLS alone, no script, no other site', () => {
  const parts = (value: string) => value.split('; ').slice(1).sort();
  assert.match(cookies.set('sgn_x'), /^__Host-safeguard=sgn_x; /);
  assert.deepEqual(parts(cookies.set('sgn_x')), ['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure']);
  assert.deepEqual(parts(cookies.clear), ['HttpOnly', 'Max-Age=0', 'Path=/', 'SameSite=Lax', 'Secure']);
  assert.match(cookies.device('sgd_x'), /^__Host-safeguard-device=sgd_x; .*Max-Age=15552000$/);
});

test('one cookie of a header, by its whole name; one that stands there twice is nobody', () => {
  const read = (header: string | undefined) => cookieOf(header, sessionCookie);
  assert.equal(read('a=b; __Host-safeguard=sgn_x;c=d'), 'sgn_x');
  assert.equal(read('__Host-safeguard = sgn_x '), 'sgn_x');
  assert.equal(read('x__Host-safeguard=a; __Host-safeguard-device=b; __host-safeguard=c'), undefined);
  assert.equal(read('__Host-safeguard=a; __Host-safeguard=b'), undefined);
  assert.equal(read('__Host-safeguard'), undefined);
  assert.equal(read(''), undefined);
  assert.equal(read(undefined), undefined);
});

const agents: readonly (readonly [string, string])[] = [
  ['Edge on Windows', 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/143.0 Safari/537.36 Edg/143.0'],
  ['Chrome on Windows', 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/143.0 Safari/537.36'],
  ['Chrome on Android', 'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/143.0 Mobile Safari/537.36'],
  ['Samsung Internet on Android', 'Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28.0 Chrome/130.0 Safari/537.36'],
  ['Safari on iOS', 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1'],
  ['Chrome on iOS', 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) CriOS/143.0 Mobile Safari/604.1'],
  ['Safari on macOS', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/19.0 Safari/605.1.15'],
  ['Firefox on Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0'],
  ['Chrome on ChromeOS', 'Mozilla/5.0 (X11; CrOS x86_64) Chrome/143.0 Safari/537.36'],
  ['Opera on Windows', 'Mozilla/5.0 (Windows NT 10.0) Chrome/143.0 Safari/537.36 OPR/120.0'],
  ['A browser on an unknown system', 'curl/8.5.0'],
  ['A browser on an unknown system', '<script>alert(1)</script>'],
  ['A browser on an unknown system', ''],
];

test('a browser in words of ours; its hash stays through updates and differs from every other', () => {
  for (const [words, agent] of agents) assert.equal(deviceOf(agent), words);
  const hashes = agents.map(([, agent]) => browserOf(agent).toString('hex'));
  assert.equal(new Set(hashes.slice(0, 11)).size, 11);
  for (const [, agent] of agents) {
    const updated = agent.replace(/(\d+)\.(\d+)/g, (_, major: string) => `${Number(major) + 1}.9`);
    if (!agent.includes('Windows NT')) assert.ok(browserOf(agent).equals(browserOf(updated)), agent);
  }
  assert.ok(browserOf('curl/8.5.0').equals(browserOf('curl/8.6.0')));
  assert.ok(!browserOf('curl/8.5.0').equals(browserOf('wget/1.21')));
  assert.ok(browserOf(undefined).equals(browserOf('')));
});

test('what is remembered of sessions is bounded; the oldest makes room', async () => {
  const known = createKnownSessions(2);
  const entry = { who: { account: 'a' } } as unknown as KnownSession;
  for (const key of ['one', 'two', 'three']) await known.learn(key, async () => entry);
  assert.equal(known.get('one'), undefined);
  assert.ok(known.get('two') && known.get('three'));
  known.clear();
  assert.equal(known.get('three'), undefined);
});
