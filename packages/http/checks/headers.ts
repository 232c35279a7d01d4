import { type Check, type Probe, type ProbeAnswer, resultOf } from '@safeguard/kernel';
import type { HttpCheckDeps } from './checks.ts';
import { placeOf } from './wire.ts';

type Asked = Parameters<Probe['ask']>[0];

const asked: readonly Asked[] = [
  { path: '/' },
  { path: '/healthz' },
  { path: '/fhir/R4/metadata' },
  { path: '/fhir/R4/Patient?_count=1', as: 'first' },
  { path: '/fhir/R4/Patient?_count=1' },
  { path: '/api/v1/nothing-is-here' },
  { path: '/account', headers: { accept: 'text/html' } },
];

const hsts_least_s = 31_536_000;

interface Rule {
  readonly what: string;
  holds(headers: Readonly<Record<string, string>>, secure: boolean): boolean;
}

const rules: readonly Rule[] = [
  {
    what: 'browsers are not told to keep to TLS (Strict-Transport-Security)',
    holds: (headers) =>
      Number(/max-age=(\d+)/.exec(headers['strict-transport-security'] ?? '')?.[1] ?? 0) >= hsts_least_s,
  },
  {
    what: 'browsers may guess what it is (X-Content-Type-Options)',
    holds: (headers) => headers['x-content-type-options'] === 'nosniff',
  },
  {
    what: 'scripts of others may run, or others may frame it (Content-Security-Policy)',
    holds: ({ 'content-security-policy': policy = '' }) =>
      /default-src 'none'|default-src 'self'/.test(policy) &&
      /frame-ancestors 'none'/.test(policy) &&
      !/'unsafe-(?:inline|eval)'/.test(policy),
  },
  {
    what: 'it may be kept by caches on the way (Cache-Control)',
    holds: (headers) => /\bno-store\b/.test(headers['cache-control'] ?? ''),
  },
  {
    what: 'it names the software that made it (Server, X-Powered-By)',
    holds: (headers) => headers.server === undefined && headers['x-powered-by'] === undefined,
  },
];

const faultsOf = ({ path, as = 'nobody' }: Asked, { headers }: ProbeAnswer, secure: boolean): string[] =>
  rules.filter(({ holds }) => !holds(headers, secure)).map(({ what }) => `${path} as ${as}: ${what}`);

/** 45 CFR 164.312(e)(1), 164.310(b): browsers and caches keep nothing, run nothing foreign, and stay with TLS. */
export const headers = ({ probe }: HttpCheckDeps): Check => ({
  id: 'http.headers',
  title: 'Answers protect themselves',
  query:
    'Pages, API and FHIR answers, as a client and as nobody: each says no-store, nosniff, a Content-Security-Policy, ' +
    'Strict-Transport-Security, and nothing of the software.',
  every_s: 3_600,
  async run() {
    const { secure } = placeOf(probe);
    const answers = await Promise.all(asked.map((one) => probe.ask(one)));
    return resultOf({
      examined: asked.length,
      wrong: asked.flatMap((one, at) => {
        const answer = answers[at];
        return answer === undefined ? [] : faultsOf(one, answer, secure);
      }),
      met: `${asked.length} answers carry what keeps browsers and caches from leaking them.`,
      unmet: 'An answer lacks what keeps browsers and caches from keeping, running or passing on what is in it.',
      todo: 'Switch TLS on; find the route, or the proxy in front, that takes the named header away.',
    });
  },
});
