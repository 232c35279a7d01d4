import type { Body } from '../body.ts';
import { ageAt, dateText } from '../calendar.ts';
import { type Chart, momentOf, type Visit } from '../chart.ts';
import { concept, loinc } from '../words/concepts.ts';

/** The text of a note: names the patient, as real notes do. */
function noteText(chart: Chart, visit: Visit, body: Body, problems: readonly string[]): string {
  const { person, subject } = chart;
  const age = Math.floor(ageAt(person.birth, visit.day));
  const who = person.sex === 'female' ? 'She' : 'He';
  return [
    `${dateText(visit.day)}`,
    '',
    `# Chief complaint`,
    `Routine examination.`,
    '',
    `# History of present illness`,
    `${subject.display} is a ${age} year-old ${person.sex} of ${person.town.city}. ${who} feels well.`,
    '',
    `# Findings`,
    `BP ${body.systolic_mmHg}/${body.diastolic_mmHg} mmHg, pulse ${body.pulse_per_min}/min, ` +
      `${body.height_cm} cm, ${body.weight_kg} kg, BMI ${body.bmi} kg/m2, ${body.temperature_Cel} °C.`,
    '',
    `# Assessment`,
    problems.length === 0 ? 'No chronic condition.' : problems.map((problem) => `- ${problem}`).join('\n'),
    '',
    `${visit.practitioner.display}`,
    '',
  ].join('\n');
}

/** Adds a history-and-physical note as a DocumentReference with its text in base64. */
export function addNote(chart: Chart, visit: Visit, body: Body, problems: readonly string[]): void {
  const data = Buffer.from(noteText(chart, visit, body, problems), 'utf8').toString('base64');
  chart.add({
    resourceType: 'DocumentReference',
    status: 'current',
    type: concept(loinc('34117-2', 'History and physical note')),
    subject: chart.subject,
    date: momentOf(visit, 25).replace(/(?=-05:00$)/, '.000'),
    author: [visit.practitioner],
    custodian: chart.facility.organization,
    content: [{ attachment: { contentType: 'text/plain; charset=utf-8', data } }],
    context: { encounter: [visit.encounter], period: { start: momentOf(visit), end: momentOf(visit, 25) } },
  });
}
