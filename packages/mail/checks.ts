import { type Check, type CheckResult, isFault, resultOf } from '@safeguard/kernel';
import { createMail, type MailDeps } from './mail.ts';
import { readUrl } from './settings.ts';

export interface MailCheckDeps {
  /** How notices are sent; undefined: no mail is configured. */
  readonly mail: MailDeps | undefined;
}

const none: CheckResult = {
  result: 'met',
  examined: 1,
  saw: 'No mail server is configured: no mail leaves this platform.',
};

const causes: readonly (readonly [form: RegExp, what: string])[] = [
  [/CERT_HAS_EXPIRED|certificate has expired/, 'its certificate has expired'],
  [/ALTNAME_INVALID|altnames/, 'its certificate does not name it'],
  [
    /SELF_SIGNED|UNABLE_TO_|self-signed|unable to (?:get|verify)/,
    'its certificate is signed by nobody that is trusted',
  ],
  [/STARTTLS/, 'it offers no TLS, and nothing is sent in clear'],
  [/EAUTH|535/, 'it refuses the user or the password'],
  [/ECONNREFUSED|ETIMEDOUT|ENOTFOUND|EDNS|ECONNECTION|ESOCKET/, 'it does not answer, or not in TLS'],
];

/** In fixed words: what the server said may quote its name, or an address. */
function causeOf(error: unknown): string {
  const { cause } = error as { readonly cause?: { readonly code?: unknown; readonly message?: unknown } };
  const text = `${String(cause?.code ?? '')} ${String(cause?.message ?? '')}`;
  return causes.find(([form]) => form.test(text))?.[1] ?? 'it ended the conversation';
}

/** What is wrong with how mail would leave; empty: nothing. */
async function faultsOf(deps: MailDeps): Promise<string[]> {
  try {
    const mail = createMail(deps);
    try {
      await mail.verify();
      return [];
    } finally {
      mail.close();
    }
  } catch (error) {
    if (!isFault(error)) throw error;
    return [error.kind === 'invalid' ? 'the settings of mail are refused' : `the mail server: ${causeOf(error)}`];
  }
}

const isNear = ({ url }: MailDeps): boolean => {
  const { loopback, secure } = readUrl(url);
  return loopback && !secure;
};

/** The checks of mail: how notices travel. */
export const mailChecks = ({ mail }: MailCheckDeps): Check[] => [
  {
    // 45 CFR 164.312(e)(1): nothing leaves in clear.
    id: 'mail.transport',
    title: 'Mail leaves under TLS',
    query:
      'Connects to the configured mail server under the terms that mail is sent under (TLS 1.2 or ' +
      'newer from the first ' +
      'byte or by STARTTLS, a verified certificate), signs in, and leaves. In clear only to this machine itself.',
    every_s: 21_600,
    async run() {
      if (mail === undefined) return none;
      const wrong = await faultsOf(mail);
      const near = wrong.length === 0 && isNear(mail);
      return resultOf({
        examined: 1,
        wrong,
        met: near
          ? 'Mail is handed to a server on this machine alone, which takes it on.'
          : 'The mail server was reached under TLS with a certificate that holds.',
        unmet: 'Mail cannot leave under TLS that holds, so notices do not go out; nothing is sent in clear.',
        todo: 'Correct mail.url, or the certificate of the mail server; notices stand on the pages meanwhile.',
      });
    },
  },
];
