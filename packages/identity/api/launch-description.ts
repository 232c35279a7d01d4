import { operation } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { z } from 'zod';
import { launchBody } from '../oauth/smart/launch-route.ts';

/** Of the document alone: `oauth/smart` serves it, because a launch is the authorization server's. */
export const launchDescription = operation({
  method: 'POST',
  path: '/launches',
  action: 'launch-create',
  type: 'Launch',
  scope: 'safeguard/launch',
  summary: 'Begins a SMART EHR launch of an app',
  description:
    'For a member of the workforce at our own pages, or whoever holds the scope `safeguard/launch`. The launch works ' +
    'once, within 5 minutes, for this app: send the browser to `launch_url`.',
  body: launchBody,
  status: 201,
  answer: z.strictObject({
    launch: z.string().describe('Shown once.'),
    launch_url: z.string(),
    expires_at: z.iso.datetime(),
  }),
  handle() {
    throw fault('internal', 'A description has no handler.');
  },
});
