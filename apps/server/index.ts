export { checkPolicy } from './policy-check.ts';
export { routesOf } from './routes.ts';
export { type RunningServer, type ServerOptions, startServer } from './server.ts';
