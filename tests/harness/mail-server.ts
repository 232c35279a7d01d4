import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail as the server was given it. */
export interface Mail {
  readonly to: readonly string[];
  /** Headers and body, as they came over the wire. */
  readonly raw: string;
  readonly headers: string;
  /** As a reader sees it. */
  readonly text: string;
}

export interface MailServer {
  readonly url: string;
  readonly taken: readonly Mail[];
  /** What it answered 451 to: come again later (RFC 5321 4.2.1). */
  readonly refused: readonly Mail[];
  /** While true it takes nothing. */
  busy(isBusy: boolean): void;
  close(): Promise<void>;
}

const octets = (text: string): string =>
  Buffer.from(
    text.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');

/** Quoted-printable and format=flowed (RFC 2045 6.7, RFC 3676), as far as the mails of Safeguard go. */
function readable(headers: string, body: string): string {
  const lines = body.replaceAll('\r\n', '\n');
  if (/^content-transfer-encoding: quoted-printable/im.test(headers)) return octets(lines.replaceAll('=\n', ''));
  return /format=flowed/i.test(headers) ? lines.replaceAll(' \n', ' ') : lines;
}

function mailOf(to: readonly string[], raw: string): Mail {
  const end = raw.indexOf('\r\n\r\n');
  const headers = raw.slice(0, end);
  return { to, raw, headers, text: readable(headers, raw.slice(end + 4)) };
}

/** A mail server on this machine, in clear: as a relay of the house would stand beside Safeguard. */
export async function startMailServer(): Promise<MailServer> {
  const taken: Mail[] = [];
  const refused: Mail[] = [];
  let isBusy = false;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        (isBusy ? refused : taken).push(mailOf(to, Buffer.concat(parts).toString()));
        done(isBusy ? Object.assign(new Error('come again later'), { responseCode: 451 }) : null);
      });
    },
  });
  // A connection that breaks off is the client's: what it sent is asked about, not how it left.
  server.on('error', () => undefined);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    taken,
    refused,
    busy: (whether) => {
      isBusy = whether;
    },
    close: () => new Promise<void>((done) => server.close(done)),
  };
}
