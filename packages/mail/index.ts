export { type MailCheckDeps, mailChecks } from './checks.ts';
export { createMail, type Mail, type MailDeps, type Message } from './mail.ts';
