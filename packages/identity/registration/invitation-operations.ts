import { type Operation, operation } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { OperationDeps } from './operations.ts';
import { deciderOf } from './reach.ts';
import * as schemas from './schemas.ts';
import { invitationView } from './views.ts';

const type = 'Invitation';

/** Who may let software register itself: the initial access tokens of RFC 7591. */
export const invitationOperations = ({ registration: { invitations } }: OperationDeps): Operation[] => [
  operation({
    method: 'POST',
    path: '/invitations',
    action: 'invitation-make',
    type,
    summary: 'Makes an initial access token for dynamic registration',
    description: 'What registers by it waits for an approval, and never by who made the token.',
    dangerous: true,
    body: schemas.newInvitation,
    status: 201,
    answer: schemas.invitationMade,
    async handle({ principal, body }) {
      const { id } = deciderOf(principal) as { id: string };
      const { secret, ...made } = await invitations.make(principal.tenant, id, body);
      const targets = [{ type, id: made.id }];
      return { status: 201, body: { invitation: invitationView(made), token: secret }, targets };
    },
  }),
  operation({
    method: 'GET',
    path: '/invitations',
    action: 'invitation-list',
    type,
    summary: 'Lists the initial access tokens; nothing of their secrets',
    status: 200,
    answer: schemas.invitationList,
    async handle({ principal }) {
      return { status: 200, body: { items: (await invitations.list(principal.tenant)).map(invitationView) } };
    },
  }),
  operation({
    method: 'DELETE',
    path: '/invitations/:id',
    params: { id: type },
    action: 'invitation-end',
    type,
    summary: 'Ends an initial access token; what registered by it stays',
    status: 204,
    async handle({ principal, params: { id = '' } }) {
      if (await invitations.end(principal.tenant, id)) return { status: 204 };
      throw fault('missing', 'There is nothing of this kind under this id.');
    },
  }),
];
