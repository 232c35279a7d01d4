import { isUuid } from '@safeguard/kernel';
import type { NoticeKind } from './types.ts';

interface Words {
  /** One sentence; nothing is put into it. */
  readonly text: string;
  /** The page of ours that shows what it is about. */
  readonly folder: string;
}

const words: Readonly<Record<NoticeKind, Words>> = {
  'request-to-decide': { text: 'A request for access waits for your decision.', folder: '/access/requests' },
  'request-decided': { text: 'A request for access was decided.', folder: '/access/requests' },
  'grant-ends-soon': { text: 'One of your access rights ends soon.', folder: '/access/grants' },
  'access-held': {
    text: 'The rights of an account are on hold until somebody else confirms whose it is.',
    folder: '/access/holds',
  },
  'hold-to-release': { text: 'An account is on hold and waits for your confirmation.', folder: '/access/holds' },
  'hold-released': { text: 'The rights of an account are no longer on hold.', folder: '/access/holds' },
  'break-glass-opened': { text: 'A record was opened by emergency access.', folder: '/access/break-glass' },
  'break-glass-review-due': { text: 'A use of emergency access waits for a review.', folder: '/access/break-glass' },
  'review-started': { text: 'A review of access rights was started.', folder: '/access/reviews' },
  'review-due': {
    text: 'A review of access rights ends soon; what is undecided then lapses.',
    folder: '/access/reviews',
  },
  'policy-submitted': { text: 'A version of the access policy waits for your decision.', folder: '/access/policies' },
  'policy-decided': { text: 'A version of the access policy was decided.', folder: '/access/policies' },
  'policy-activated': { text: 'A version of the access policy was activated.', folder: '/access/policies' },
  'right-asked': { text: 'A patient asked something of the house that has a last day.', folder: '/rights' },
  'right-answered': { text: 'What you asked about your record was answered.', folder: '/account/record/requests' },
  'right-due': { text: 'Something that a patient asked is due soon.', folder: '/rights' },
  'task-assigned': { text: 'A task of the compliance programme was given to you.', folder: '/programme/tasks' },
  'task-to-approve': {
    text: 'A task of the compliance programme waits for your approval.',
    folder: '/programme/tasks',
  },
  'task-returned': {
    text: 'A task of the compliance programme came back to be worked on.',
    folder: '/programme/tasks',
  },
  'task-decided': { text: 'A task of the compliance programme was decided.', folder: '/programme/tasks' },
  'task-due': { text: 'A task of the compliance programme is due soon.', folder: '/programme/tasks' },
  'task-escalated': { text: 'A task of the compliance programme is overdue.', folder: '/programme/tasks' },
  'policy-to-acknowledge': {
    text: 'A policy waits for you to read and acknowledge it.',
    folder: '/programme/versions',
  },
  'policy-review-due': { text: 'A policy is due for its review.', folder: '/programme/versions' },
};

export const sentenceOf = (kind: NoticeKind): string => words[kind].text;

/** What a link may name: an id of ours, or a number. */
export const isAbout = (about: string): boolean => isUuid(about) || /^(?:0|[1-9][0-9]{0,14})$/.test(about);

/** The page of ours about it, below our base. */
export const pathOf = (kind: NoticeKind, about: string): string => `${words[kind].folder}/${about}`;
