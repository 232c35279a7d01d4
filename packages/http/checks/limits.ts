import { type Check, resultOf } from '@safeguard/kernel';
import type { HttpCheckDeps } from './checks.ts';
import { sayRaw, statusOfRaw } from './wire.ts';

/** A larger limit than this is not filled by a check: it would cost more than it shows. */
const body_most = 16 * 1024 * 1024;

interface Tried {
  readonly name: string;
  readonly status: number;
  readonly wanted: readonly number[];
}

async function tooLarge({ probe, settings: { limits } }: HttpCheckDeps): Promise<Tried[]> {
  if (limits.body_bytes > body_most) return [];
  const body = `"${'x'.repeat(limits.body_bytes)}"`;
  const headers = { 'content-type': 'application/fhir+json' };
  const { status } = await probe.ask({ method: 'POST', path: '/fhir/R4/Patient', headers, body, as: 'first' });
  return [{ name: 'a body longer than limits.body_bytes', status, wanted: [413] }];
}

/** 45 CFR 164.308(a)(7), 164.312(a)(1): nobody can take the server's memory by sending much. */
export const limits = (deps: HttpCheckDeps): Check => ({
  id: 'http.limits',
  title: 'What is too large is refused',
  query: 'A body, headers and an address longer than their limits. Wants 413, 431 and 414.',
  every_s: 21_600,
  async run() {
    const { probe, settings } = deps;
    const { header_bytes, url_bytes } = settings.limits;
    const end = 'Host: localhost\r\nConnection: close\r\n';
    const header = await sayRaw(probe, `GET /healthz HTTP/1.1\r\n${end}X-Long: ${'x'.repeat(header_bytes)}\r\n\r\n`);
    const address = await sayRaw(probe, `GET /${'x'.repeat(url_bytes)} HTTP/1.1\r\n${end}\r\n`);
    const tried: readonly Tried[] = [
      ...(await tooLarge(deps)),
      { name: 'headers longer than limits.header_bytes', status: statusOfRaw(header), wanted: [431] },
      // The address is a part of the headers: where their limit is the smaller one, it speaks first.
      { name: 'an address longer than limits.url_bytes', status: statusOfRaw(address), wanted: [414, 431] },
    ];
    return resultOf({
      examined: tried.length,
      wrong: tried
        .filter(({ status, wanted }) => !wanted.includes(status))
        .map(({ name, status, wanted }) => `${name}: answered with ${status}, ${wanted[0]} was due`),
      met: `${tried.length} requests that were too large were refused as such.`,
      unmet: 'A request larger than the limits was not refused: much of it could stop the server.',
      todo: 'Look at the settings under limits, and at what a proxy in front does with large requests.',
    });
  },
});
