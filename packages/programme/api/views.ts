import { checkView, controlView, evidenceView, postureView } from './control-schemas.ts';
import { summaryView } from './policy-schemas.ts';
import { taskView } from './task-schemas.ts';

/** How things are shown, by the API and by the operator's command alike. */
export const programmeViews = {
  check: checkView,
  control: controlView,
  evidence: evidenceView,
  policySummary: summaryView,
  posture: postureView,
  task: taskView,
} as const;
