import {
  type Answer,
  area,
  button,
  checkFresh,
  errorOf,
  errorSummary,
  fieldsOf,
  form,
  html,
  linkButton,
  notice,
  type RequestContext,
  seeOther,
  tried,
  type Wrong,
} from '@safeguard/http';
import { lookOf, mayDecide, path, stand } from './policy-look.ts';
import type { AccessPagesDeps } from './ports.ts';
import { deskPage } from './ways.ts';
import { sheet } from './words.ts';

const words = { reason: 'A rejection needs a reason: 10 to 2,000 characters.' } as const;

interface Asking {
  readonly given?: string;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

export async function decidePage(
  deps: AccessPagesDeps,
  context: RequestContext,
  { given = '', wrong = [], status = 200 }: Asking = {},
): Promise<Answer> {
  const look = await lookOf(deps, context);
  const at = `${path}/${look.of.version}`;
  return deskPage(deps, context, {
    title: `Decide on version ${look.of.version}`,
    here: path,
    ...(wrong.length === 0 ? {} : { status, wrong: true }),
    main: html`<h1>Decide on version ${look.of.version}</h1>
${errorSummary(wrong)}
${sheet('stand', 'Where it stands', stand(look))}
<p>${linkButton('Read it, and what it would change', at)}</p>
${
  mayDecide(context.principal, look.of)
    ? sheet(
        'decision',
        'Your decision',
        form(`${at}/decide`, [
          area({
            label: 'Reason',
            name: 'reason',
            value: given,
            hint: 'Needed to reject.',
            error: errorOf(wrong, 'reason'),
          }),
          html`<div class="acts">${button('Approve', 'main', { name: 'verdict', value: 'approve' })}
${button('Reject', 'danger', { name: 'verdict', value: 'reject' })}${linkButton('Not now', at)}</div>`,
        ]),
      )
    : notice(html`<p>This is not yours to decide: it is decided already, or you wrote it, or it is for others.</p>`)
}`,
  });
}

export async function decide(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const { of } = await lookOf(deps, context);
  const fields = fieldsOf(context);
  const [verdict, reason] = [fields('verdict'), fields('reason').replaceAll('\r\n', '\n').trim()];
  const at = `${path}/${of.version}`;
  return tried(
    context,
    {
      ...{ frame: deps.frame, back: `${at}/decide`, words },
      again: (refused) => decidePage(deps, context, { given: reason, ...refused }),
    },
    async () => {
      if (verdict !== 'reject') checkFresh(context.principal, deps.clock.now());
      const said = reason === '' && verdict === 'approve' ? undefined : reason;
      await deps.policies.decide(context.principal, of.version, verdict as 'approve', said);
      return seeOther(`${at}?done=${verdict}`);
    },
  );
}
