export { checkPolicy } from './policy-check.ts';
export { type RunningServer, type ServerOptions, startServer } from './server.ts';
