import type { Choice, Flow, FlowStep } from '../flow.js';
import { ACTIONS, STEPS, type Action, type Step } from '../state.js';
import { MENU_FLOW } from './menu.flow.js';
import { REPORT_FLOW } from './report/report.flow.js';

/** All flows of the bot. Add a new flow here, and its steps and choices to `state.ts`. */
const FLOWS: readonly Flow[] = [MENU_FLOW, REPORT_FLOW];

const EVERYWHERE = new Map<Action, Choice>();
const FLOW_OF = new Map<Step, Flow>();
/** The step at which a choice is valid. Choices that are valid everywhere are not in it. */
const OWNER = new Map<Action, Step>();
for (const flow of FLOWS) {
  for (const [action, choice] of entries(flow.everywhere)) once(EVERYWHERE, action, choice);
  for (const [step, { choices }] of entries(flow.steps)) {
    once(FLOW_OF, step, flow);
    for (const [action] of entries(choices ?? {})) once(OWNER, action, step);
  }
}
for (const step of STEPS) if (!FLOW_OF.has(step)) throw new Error(`no flow has the step ${step}`);
for (const action of ACTIONS) {
  if (OWNER.has(action) === EVERYWHERE.has(action))
    throw new Error(`${action} belongs to one step or to all of them`);
}

function once<K, V>(map: Map<K, V>, key: K, value: V): void {
  if (map.has(key)) throw new Error(`two flows or steps claim ${String(key)}`);
  map.set(key, value);
}

export function flowAt(step: Step): Flow {
  return FLOW_OF.get(step)!;
}

export function stepOf(step: Step): FlowStep {
  return flowAt(step).steps[step]!;
}

/** The step to which a choice belongs; undefined when it can be chosen at every step. */
export function ownerOf(action: Action): Step | undefined {
  return OWNER.get(action);
}

export function choiceOf(action: Action): Choice {
  const owner = OWNER.get(action);
  return (owner === undefined ? EVERYWHERE.get(action) : stepOf(owner).choices?.[action])!;
}

/** Whether the choice is valid at this step. False when the choice belongs to another step. */
export function isOfferedAt(step: Step, action: Action): boolean {
  const owner = ownerOf(action);
  return owner === undefined || owner === step;
}

/** Words that can be chosen at every step. */
export const WORDS_EVERYWHERE: ReadonlyMap<string, Action> = wordsOf(Object.fromEntries(EVERYWHERE));

const STEP_WORDS = new Map(
  STEPS.map((step) => {
    const { choices = {}, words = {} } = stepOf(step);
    return [step, new Map([...wordsOf(choices), ...Object.entries(words)])];
  }),
);

/** Words that can be chosen at this step only. */
export function wordsAt(step: Step): ReadonlyMap<string, Action> {
  return STEP_WORDS.get(step)!;
}

function wordsOf(choices: Flow['everywhere']): Map<string, Action> {
  return new Map(
    entries(choices).flatMap(([action, { words = [] }]) => words.map((word) => [word, action] as const)),
  );
}

/** The entries of a table by actions or steps, typed as such. */
function entries<K extends string, V>(table: Readonly<Partial<Record<K, V>>>): [K, V][] {
  return Object.entries(table) as [K, V][];
}
