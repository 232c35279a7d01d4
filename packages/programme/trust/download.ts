import { type Answer, type Brand, button, form, html, linkButton, type RequestContext } from '@safeguard/http';
import { fault, isFault } from '@safeguard/kernel';
import { trustPage } from './frame.ts';
import { here } from './requests.ts';
import type { TrustDeps } from './types.ts';

export const downloadPath = `${here}/:secret`;

/** The form of a link's secret; anything else is no address of ours. */
const known = /^sgq_[A-Za-z0-9_-]{43}$/;

function secretOf({ params }: RequestContext): string {
  const { secret = '' } = params;
  if (!known.test(secret)) throw fault('missing', 'There is nothing at this address');
  return secret;
}

/** Looked at as often as anybody likes, by scanners of mail too: only the button uses the link up. */
export const offer = (brand: Brand, context: RequestContext): Answer =>
  trustPage({
    ...{ title: 'Your report', brand, here, fresh: true },
    main: html`<h1>Your report</h1>
<p class="lead">It can be downloaded once. It is confidential, as you agreed when you asked for it.</p>
${form(`${here}/${secretOf(context)}`, button('Download the report'))}`,
  });

const ended = (brand: Brand): Answer =>
  trustPage({
    ...{ title: 'This link has ended', brand, here, fresh: true, status: 404 },
    main: html`<h1>This link has ended</h1>
<p class="lead">It was used already, a newer one took its place, or its time is over. Whoever approved the request can
give you another.</p>
${linkButton('Back to the overview', '/trust')}`,
  });

/** The report itself, once. Whatever is no link, or none any more, is told in the same words. */
export async function download(
  { downloadReport }: Pick<TrustDeps, 'downloadReport'>,
  brand: Brand,
  context: RequestContext,
): Promise<Answer> {
  const secret = secretOf(context);
  try {
    const { report, bytes, filename } = await downloadReport(secret);
    const headers = { 'Content-Disposition': `attachment; filename="${filename}"` };
    context.found?.({ targets: [{ type: 'Report', id: report.id }] });
    return { status: 200, type: report.media, headers, body: bytes };
  } catch (thrown) {
    if (!isFault(thrown) || thrown.kind !== 'missing') throw thrown;
    context.found?.({ outcome: 'fail', reason: 'missing' });
    return ended(brand);
  }
}
