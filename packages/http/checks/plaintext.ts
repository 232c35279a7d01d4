import { type Check, resultOf } from '@safeguard/kernel';
import type { HttpCheckDeps } from './checks.ts';
import { placeOf, sayPlain } from './wire.ts';

const lines = ['GET /healthz HTTP/1.1', 'GET / HTTP/1.0', 'POST /fhir/R4/Patient HTTP/1.1'];

/** 45 CFR 164.312(e)(1): who asks without TLS is told nothing, not even where to go. */
export const plaintextRefused = ({ probe }: HttpCheckDeps): Check => ({
  id: 'http.plaintext-refused',
  title: 'Plain HTTP is refused',
  query: "Plain HTTP requests to the server's port. Wants the connection to end without an answer of HTTP.",
  every_s: 900,
  async run() {
    const heard = await Promise.all(
      lines.map((line) =>
        sayPlain(probe, `${line}\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`),
      ),
    );
    const off = placeOf(probe).secure ? [] : ['TLS is off: plain HTTP is all that the server speaks'];
    return resultOf({
      examined: lines.length,
      wrong: [
        ...off,
        ...lines.filter((_, at) => /HTTP\/1/.test(heard[at] ?? '')).map((line) => `${line}: was answered`),
      ],
      met: `${lines.length} plain requests were ended without an answer.`,
      unmet: 'The server answers over plain HTTP, so what it says can be read and changed on the way.',
      todo: 'Set tls to "on"; where a proxy ends TLS in front, let nobody reach this port but the proxy.',
    });
  },
});
