export { type AuthorityDeps, type LocalAuthority, localAuthority } from './authority.ts';
export { answerOfFault, asFault, oauthError, operationOutcome, problem } from './errors.ts';
export { createHttp, type Http, type HttpDeps } from './http.ts';
export { createLog, type Log, type LogFields, type LogLevel } from './log.ts';
export { type OwnCertificateDeps, ownCertificate } from './own-certificate.ts';
export type { HttpSettings } from './settings.ts';
export { statusOf } from './status.ts';
export type { Credentials, KeyPair } from './tls.ts';
export * from './types.ts';
