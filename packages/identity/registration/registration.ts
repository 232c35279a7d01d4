import type { Route } from '@safeguard/http';
import { createApplications, createLocked } from './applications.ts';
import { createInvitations } from './dynamic/invitations.ts';
import { endRegistration, readRegistration, replaceRegistration } from './dynamic/manage.ts';
import { register, registrationPath } from './dynamic/register.ts';
import { portalRoutes } from './pages/routes.ts';
import { sweepRegistration } from './sweep.ts';
import type { Registration, RegistrationDeps } from './types.ts';
import { registerMember, type UdapDeps } from './udap/register.ts';
import { udapMetadata } from './udap/well-known.ts';

const json = ['application/json'];
/** A statement with five certificates, and the metadata beside it. */
const limit_bytes = 65_536;

const open = (method: Route['method'], path: string, action: string, handle: Route['handle']): Route => ({
  method,
  path,
  action,
  auth: 'none',
  errors: 'oauth',
  crossSite: true,
  ...(method === 'POST' || method === 'PUT' ? { accepts: json, limit_bytes } : {}),
  handle,
});

/** Software that registers itself: by an invitation (RFC 7591, 7592), or as a member of a community (UDAP). */
const softwareRoutes = (deps: UdapDeps): Route[] => [
  open('POST', registrationPath, 'client-register', (context) => register(deps, context)),
  open('GET', `${registrationPath}/:id`, 'client-register-read', (context) => readRegistration(deps, context)),
  open('PUT', `${registrationPath}/:id`, 'client-register-change', (context) => replaceRegistration(deps, context)),
  open('DELETE', `${registrationPath}/:id`, 'client-register-end', (context) => endRegistration(deps, context)),
  open('POST', `${registrationPath}/:tenant`, 'udap-register', (context) => registerMember(deps, context)),
  open('GET', '/.well-known/udap', 'discovery', (context) => udapMetadata(deps, context)),
  open('GET', '/fhir/R4/.well-known/udap', 'discovery', (context) => udapMetadata(deps, context)),
];

/** Registration of applications: asked for, reviewed, in force. See README.md. */
export function createRegistration(deps: RegistrationDeps & Pick<UdapDeps, 'leafOf'>): Registration {
  const { segment, clock, guard, pages, scopes } = deps;
  const applications = createApplications(deps);
  const invitations = createInvitations(segment, clock);
  const software = { ...deps, applications, locked: createLocked(deps) };
  const portal = pages && { registration: { applications }, guard, pages, describe: scopes.describe };
  return {
    routes: () => [...(portal === undefined ? [] : portalRoutes(portal)), ...softwareRoutes(software)],
    applications,
    invitations,
    sweep: () => sweepRegistration(segment, clock),
  };
}
