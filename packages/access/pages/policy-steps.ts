import { type Answer, checkFresh, type RequestContext, type Route, seeOther, tried } from '@safeguard/http';
import type { PolicyVersion } from '../policies/types.ts';
import { gated } from './gated.ts';
import { show } from './policy.ts';
import { activate, activatePage, rollBackPage } from './policy-activate.ts';
import { decide, decidePage } from './policy-decide.ts';
import { lookOf, path } from './policy-look.ts';
import type { AccessPagesDeps } from './ports.ts';
import { ways } from './ways.ts';

/** A step without a form of its own: what is wrong is told at the page of the version. */
const stepped = (
  deps: AccessPagesDeps,
  context: RequestContext,
  work: (of: PolicyVersion) => Promise<Answer>,
  back = '',
): Promise<Answer> =>
  tried(
    context,
    {
      ...{ frame: deps.frame, back: `${path}/${context.params['version']}${back}`, words: {} },
      again: (refused) => show(deps, context, refused),
    },
    async () => work((await lookOf(deps, context)).of),
  );

function steps(deps: AccessPagesDeps): Route[] {
  const { post } = ways(deps);
  const { policies } = deps;
  const at = `${path}/:version`;
  return [
    post(`${at}/simulate`, 'policy-simulate', (context) =>
      stepped(deps, context, async ({ tenant, version }) =>
        show(deps, context, { simulation: await policies.simulate(tenant, version) }),
      ),
    ),
    post(`${at}/submit`, 'policy-submit', (context) =>
      stepped(deps, context, async ({ version }) => {
        await policies.submit(context.principal, version);
        return seeOther(`${path}/${version}?done=submitted`);
      }),
    ),
    post(`${at}/withdraw`, 'policy-withdraw', (context) =>
      stepped(deps, context, async ({ version }) => {
        await policies.withdraw(context.principal, version);
        return seeOther(`${path}/${version}?done=withdrawn`);
      }),
    ),
    post(`${at}/roll-back`, 'policy-activate', (context) =>
      stepped(
        deps,
        context,
        async ({ version }) => {
          checkFresh(context.principal, deps.clock.now());
          const made = await policies.rollBack(context.principal, version);
          const targets = [{ type: 'Policy', id: String(made.version) }];
          return { ...seeOther(`${path}/${made.version}?done=rolled-back`), targets };
        },
        '/roll-back',
      ),
    ),
  ];
}

export function policyRoutes(deps: AccessPagesDeps): Route[] {
  const { get, post } = ways(deps);
  const at = `${path}/:version`;
  const fresh = (step: string, then: (context: RequestContext) => Promise<Answer>) => (context: RequestContext) =>
    gated(deps, context, `${path}/${context.params['version']}/${step}`, () => then(context));
  return [
    get(at, 'policy-read', (context) => show(deps, context)),
    get(
      `${at}/decide`,
      'policy-decide',
      fresh('decide', (context) => decidePage(deps, context)),
    ),
    post(`${at}/decide`, 'policy-decide', (context) => decide(deps, context)),
    get(
      `${at}/activate`,
      'policy-activate',
      fresh('activate', (context) => activatePage(deps, context)),
    ),
    post(`${at}/activate`, 'policy-activate', (context) => activate(deps, context)),
    get(
      `${at}/roll-back`,
      'policy-activate',
      fresh('roll-back', (context) => rollBackPage(deps, context)),
    ),
    ...steps(deps),
  ];
}
