export { createMail, type Mail, type MailDeps, type Message } from './mail.ts';
