import { type Frame, type Principal, page, type Route, seeOther } from '@safeguard/http';
import type { AccessApiDeps } from '../../api/ports.ts';
import { accessPages } from '../../pages/pages.ts';
import type { AccessPagesDeps } from '../../pages/ports.ts';
import { encoded, openHouse } from '../api/house.ts';
import { compiled } from '../grants/world.ts';

/** Identity's part, without accounts: whose pages they are, and where a step-up leads. */
const frame: Frame = {
  page: async (_context, { here: _here, around, ...parts }) =>
    page({ ...parts, brand: { name: 'Harbor Clinic' }, ...(around === undefined ? {} : { nav: around }) }),
  stepUp: async (context, return_to) => {
    context.found?.({ outcome: 'deny', reason: 'a factor has to be shown first' });
    return seeOther(`/sign-in/confirm#${return_to}`);
  },
};

export interface Posted {
  readonly as?: Principal | undefined;
  readonly fields?: Readonly<Record<string, string>>;
  /** Where the form stands. Default: our own pages. */
  readonly origin?: string;
}

/** The pages behind the real HTTP, over real requests and grants. */
export async function openSite() {
  const house = await openHouse();
  const logins = new Map<string, string>();

  const serve = async (change: Partial<AccessPagesDeps> = {}, altered: (route: Route) => Route = (route) => route) => {
    const made: Route[] = [];
    const more = (deps: AccessApiDeps): readonly Route[] => {
      const byLogin = async (_tenant: number, login: string) => {
        const id = logins.get(login);
        return id === undefined ? undefined : { id };
      };
      // The small policy that the requests of these tests are asked under.
      const policies = { ...deps.policies, active: async () => compiled };
      made.push(...accessPages({ ...deps, policies, frame, byLogin, ...change }).map(altered));
      return made;
    };
    const { url } = await house.serve({ explain: async () => undefined, viewers: async () => undefined }, more);
    const ask = async (method: string, path: string, { as, fields = {}, origin = url }: Posted = {}) => {
      const answer = await fetch(`${url}${path}`, {
        method,
        redirect: 'manual',
        headers: { origin, ...(as === undefined ? {} : { cookie: `s=${encoded(as)}` }) },
        ...(method === 'POST' ? { body: new URLSearchParams(fields) } : {}),
      });
      return { status: answer.status, to: answer.headers.get('location') ?? '', text: await answer.text() };
    };
    return { routes: made, ask };
  };
  return { ...house, logins, servePages: serve, ...(await serve()) };
}

export type Site = Awaited<ReturnType<typeof openSite>>;
