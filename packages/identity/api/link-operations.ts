import { type Operation, operation } from '@safeguard/http';
import { accountOf } from './account-of.ts';
import { invite } from './invite.ts';
import type { ApiDeps } from './ports.ts';
import { createReach } from './reach.ts';
import * as schemas from './schemas.ts';

/** One-time links: whoever has one sets the account up, so making one is as dangerous as being the account. */
export function linkOperations({ accounts, scopes }: ApiDeps): Operation[] {
  const reach = createReach(scopes);
  return [
    operation({
      method: 'POST',
      path: '/accounts/:id/links',
      params: { id: 'Account' },
      action: 'link-make',
      type: 'Link',
      summary: 'Makes an invitation anew, or a recovery link for somebody who lost their factors',
      description: 'Earlier links of the same purpose end. Recovery sets password and factors anew.',
      dangerous: true,
      body: schemas.newLink,
      status: 201,
      answer: schemas.link,
      problems: [409],
      async handle({ principal, params: { id = '' }, body: { purpose }, context }) {
        const account = await accountOf(accounts, principal, id);
        reach.touches(principal, account);
        return { status: 201, body: await invite(accounts, account, purpose, context) };
      },
    }),
  ];
}
