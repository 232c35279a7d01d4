import { fault } from '@safeguard/kernel';
import { createTransport } from 'nodemailer';
import { isAddress, isHeaderText } from './address.ts';
import { readUrl } from './settings.ts';

export interface MailDeps {
  /** `smtps://user:password@mail.example:465` or `smtp://…` (STARTTLS). */
  readonly url: string;
  /** The mailbox that mail comes from. */
  readonly from: string;
  /** For tests: trusts this certificate authority (PEM) beside nothing else. */
  readonly authority?: string;
}

export interface Message {
  /** One mailbox. */
  readonly to: string;
  readonly subject: string;
  /** Plain text. There is no HTML, so nothing is loaded from elsewhere when it is read. */
  readonly text: string;
  /** A UUID; the same message sent twice has the same Message-ID, so that a mail server may drop the second. */
  readonly id: string;
}

export interface Mail {
  /**
   * Resolves when the mail server took it. Faults: `invalid` (what was given cannot be sent, now or later),
   * `unavailable` (the server did not take it; try again).
   */
  send(message: Message): Promise<void>;
  /**
   * Connects as for a message, signs in and leaves: whether the server is there, and who it says it is, under the same
   * terms as `send`. Fault `unavailable`.
   */
  verify(): Promise<void>;
  /** Whether mail can be sent there by us: one plain ASCII mailbox. */
  isAddress(text: string): boolean;
  close(): void;
}

const text_chars_most = 20_000;
const refusal = (what: string) => fault('invalid', `The message cannot be sent: ${what}.`);

function checkMessage({ to, subject, text, id }: Message): void {
  if (!isAddress(to)) throw refusal('the recipient is no plain mailbox');
  if (!isHeaderText(subject)) throw refusal('the subject is not one printable line');
  if (text.length > text_chars_most || !/^(?:[^\p{C}]|\n)*$/u.test(text)) throw refusal('the text is not plain');
  if (!/^[0-9a-f-]{36}$/.test(id)) throw refusal('its id is no UUID');
}

/** A refusal for good (RFC 5321 4.2.1: 5yz) of this recipient or message; everything else may be better later. */
const isFinal = (error: unknown): boolean => {
  const { responseCode, code } = error as { readonly responseCode?: number; readonly code?: string };
  return code === 'EENVELOPE' && responseCode !== undefined && responseCode >= 500;
};

/**
 * Sends mail through one SMTP server. TLS with a certificate that is verified, always; in clear only to this machine.
 * Nothing is read from files or URLs on a message's behalf, nothing is retried here.
 * @throws Fault `invalid` for settings that it refuses
 */
export function createMail({ url, from, authority }: MailDeps): Mail {
  if (!isAddress(from)) throw fault('invalid', 'The sender of mail is no plain mailbox.');
  const { host, port, secure, loopback, auth } = readUrl(url);
  const domain = from.slice(from.indexOf('@') + 1);
  const transport = createTransport({
    ...{ host, port, secure, requireTLS: !secure && !loopback, ignoreTLS: !secure && loopback },
    ...(auth === undefined ? {} : { auth }),
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true, ...(authority === undefined ? {} : { ca: authority }) },
    ...{ connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000, dnsTimeout: 5_000 },
    ...{ disableFileAccess: true, disableUrlAccess: true, logger: false },
  });
  return {
    async send(message) {
      checkMessage(message);
      const { to, subject, text, id } = message;
      try {
        await transport.sendMail({
          // As objects: an address in a text could be read as several.
          from: { name: 'Safeguard', address: from },
          to: { name: '', address: to },
          envelope: { from, to: [to] },
          ...{ subject, text, messageId: `<${id}@${domain}>` },
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
      } catch (cause) {
        if (isFinal(cause)) throw fault('invalid', 'The mail server refused the recipient or the message.', { cause });
        throw fault('unavailable', 'The mail server did not take the message.', { cause });
      }
    },
    async verify() {
      try {
        await transport.verify();
      } catch (cause) {
        throw fault('unavailable', 'The mail server was not reached, or not under TLS that holds.', { cause });
      }
    },
    isAddress,
    close: () => transport.close(),
  };
}
