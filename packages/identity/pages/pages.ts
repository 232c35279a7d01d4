import { type Answer, assetRoute, type Frame, type PageError, type Route } from '@safeguard/http';
import type { Fault } from '@safeguard/kernel';
import { addFactorRoutes } from './account/add-factor.ts';
import { appRoutes } from './account/apps.ts';
import { recoveryCodeRoutes } from './account/codes.ts';
import { factorRoutes } from './account/factors.ts';
import { createFrame } from './account/frame.ts';
import { overviewRoutes } from './account/overview.ts';
import { passwordRoutes } from './account/password.ts';
import { sessionRoutes } from './account/sessions.ts';
import { codesRoutes } from './codes.ts';
import { confirmRoutes } from './confirm.ts';
import { enrolRoutes } from './enrol.ts';
import { errorPage } from './errors.ts';
import { doneRoute } from './flow.ts';
import { linkRoutes } from './links.ts';
import { passkeyAsset } from './passkey-asset.ts';
import type { PageDeps } from './ports.ts';
import { secondRoutes } from './second.ts';
import { setUpRoutes } from './set-up.ts';
import { signInRoutes } from './sign-in.ts';
import { signOutRoutes } from './sign-out.ts';

export interface Pages {
  readonly routes: Route[];
  /** For `HttpPorts.page`. */
  page(told: Fault, asked: PageError): Answer;
  /** For the pages of other packages. */
  readonly frame: Frame;
}

/** What people see: signing in and out, setting up an account, and keeping it. Server-rendered; see README.md. */
export const createPages = (deps: PageDeps): Pages => ({
  routes: [
    ...signInRoutes(deps),
    ...confirmRoutes(deps),
    ...secondRoutes(deps),
    ...setUpRoutes(deps),
    ...enrolRoutes(deps),
    ...codesRoutes(deps),
    doneRoute(deps),
    ...linkRoutes(deps),
    ...signOutRoutes(deps),
    ...overviewRoutes(deps),
    ...factorRoutes(deps),
    ...addFactorRoutes(deps),
    ...passwordRoutes(deps),
    ...recoveryCodeRoutes(deps),
    ...sessionRoutes(deps),
    ...appRoutes(deps),
    assetRoute([passkeyAsset]),
  ],
  page: errorPage,
  frame: createFrame(deps),
});
